"""Strangers' PDFs, examined in a process of their own, and what the registry answers about a paper."""
