"""What happened at the bench, over all reports: who was at which instrument when, and which raw files came of it."""
