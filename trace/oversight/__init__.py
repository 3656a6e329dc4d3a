"""Regulators' acts: spot checks, penalties, bans, recalls."""
