"""Which reports have their values in common: found when a report comes, by an index."""
