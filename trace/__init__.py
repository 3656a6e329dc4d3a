"""What happened to the material: the ledger, the parties, and every stage from the copper to the metre built in."""
