"""Limits from published standards, as data with edition, clause and source."""
