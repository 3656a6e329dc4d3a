"""SCRAPI, the HTTP face that SCITT gives a transparency service (draft-ietf-scitt-scrapi, as of May 2026): thin routes
over the same door and the same ledger, for clients that know SCITT and nothing of us. Nothing is imported here.
"""
