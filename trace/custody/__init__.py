"""Shipped, received, split, joined: whose hands a lot is in."""
