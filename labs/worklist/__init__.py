"""The list of open findings as a regulator works through it: what is the same on many lots is told once."""
