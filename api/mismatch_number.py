"""The number that a report is followed by: 60 bits of chance, so that nobody comes upon another's, and a character that
finds slips of the pen.

    7K2M-9QXD-4TRA-5      as people read it; 7K2M9QXD4TRA5 in addresses

The alphabet is Crockford's: no I, L, O or U. The last character checks the others by ISO/IEC 7064's hybrid system,
modulo 33 and 32: it finds every single wrong character and every two that changed places.
"""

from keys.errors import RefusedError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_CHARACTERS = 12
CHANCE_BYTES = 8


def make_number(chance: bytes) -> str:
    """A number from 8 bytes of chance, of which it takes 60 bits."""
    bits = int.from_bytes(chance)
    text = "".join(_ALPHABET[bits >> (5 * place) & 31] for place in range(_CHARACTERS))
    return text + _check_character(text)


def read_number(text: str) -> str:
    """The number as addresses have it, from what a person typed. Raises RefusedError `request-malformed`."""
    number = text[:40].upper().translate(_READ_AS)
    if len(number) != _CHARACTERS + 1 or not set(number) <= set(_ALPHABET):
        raise RefusedError("request-malformed", where="number", expected="13 letters and digits", got=text[:40])
    if number[-1] != _check_character(number[:-1]):
        raise RefusedError("request-malformed", where="number", expected="a number of ours, letter by letter", got=text)
    return number


def show_number(number: str) -> str:
    """As people read it, by fours."""
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))


def _check_character(text: str) -> str:
    product = 32
    for mark in text:
        total = (product + _ALPHABET.index(mark)) % 32 or 32
        product = total * 2 % 33
    return _ALPHABET[(33 - product) % 32]
