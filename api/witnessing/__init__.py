"""The ledger's side of witnessing: it asks its witnesses to sign each checkpoint, and hears what they hold of it.

Nothing here is on the way of a statement: a slow or dead witness delays no acknowledgement.
"""
