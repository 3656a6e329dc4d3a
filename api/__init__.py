"""Delivery: HTTP, pages, commands. The only floor that knows Flask, language, clock and environment."""
