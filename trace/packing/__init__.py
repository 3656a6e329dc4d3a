"""Packed and unpacked: which goods are in which logistic unit."""
