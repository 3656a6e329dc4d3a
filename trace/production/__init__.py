"""Lots made, inputs consumed, factory inspection, product certificates."""
