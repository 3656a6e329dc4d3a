"""How labs have done, counted from what is on record."""
