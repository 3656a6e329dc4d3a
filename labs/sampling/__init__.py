"""Samples drawn, witnessed and received; whole drums measured."""
