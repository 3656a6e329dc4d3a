"""The list of open findings that regulators work through, and their rulings on it."""
