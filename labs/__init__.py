"""Who tested what, and is the paper true."""
