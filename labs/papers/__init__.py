"""What a PDF itself says: whether it may be opened at all, whose seal it bears, its text, its codes; judged against the
seal authorities and the addresses that the ledger names.
"""
