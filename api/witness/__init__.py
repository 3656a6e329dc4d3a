"""A witness for other people's ledgers (c2sp.org/tlog-witness). It stands alone, in a folder of its own, and needs
neither the database nor the key of a registry. What it judges by is in `trace/ledger/witness.py`.
"""
