"""Captures of EPCIS documents and named queries: what the service keeps for its callers, and the ledger does not."""
