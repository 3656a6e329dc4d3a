"""Who speaks, and did they say it: COSE envelope, algorithms, keys, signing. No Flask, no SQL, no clock."""
