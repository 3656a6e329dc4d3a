"""Tender, award, contract, qualified suppliers."""
