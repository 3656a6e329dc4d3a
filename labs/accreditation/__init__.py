"""Which lab may test what, when, and who may sign for it."""
