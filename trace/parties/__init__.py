"""Who they are: admission, roles, keys on record, posts."""
