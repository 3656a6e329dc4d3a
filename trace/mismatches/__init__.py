"""What people without a key report: goods that do not match their page. Outside the ledger, for the regulator alone."""
