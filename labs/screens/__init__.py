"""Statistics over many reports. They open questions and decide nothing: a screen never changes a verdict.

A screen is a file with two pure functions, declared as a `Screen` (`screen.py`): what a report adds to the counts, and
what the counts say. A new one is named here.
"""

from labs.screens import centrality, clients, heaping, spread, terminal_digits
from labs.screens.screen import Screen

SCREENS: tuple[Screen, ...] = (
    terminal_digits.SCREEN,
    spread.SCREEN,
    centrality.SCREEN,
    heaping.SCREEN,
    clients.SCREEN,
)
"""In the order of the catalogue."""
