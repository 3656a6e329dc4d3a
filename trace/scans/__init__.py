"""What people's phones say of where a label was seen: nobody's signed statement, so outside the ledger."""
