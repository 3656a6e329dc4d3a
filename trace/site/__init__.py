"""Delivered, accepted or rejected, installed, removed: what happened on site."""
