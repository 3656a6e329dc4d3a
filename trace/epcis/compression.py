"""Compressed GS1 Digital Links, read strictly (GS1 Digital Link 1.1.3, chapter "Compression").

    CwyNo0UVqI4rYKIkKHoE     is     /01/06901234567892/10/15B0511/21/D02

The one path segment is a string of bits in base64url, six a character. It holds elements one after another:

1. An AI is its digits, four bits each; how many it has its first two say. Or eight bits that are no two digits stand
   for a sequence of AIs that often come together (`_SEQUENCES`), whose values follow.
2. A number of fixed length has as many bits as its largest value needs; one of variable length says before how many
   digits it has.
3. A text says its alphabet in three bits and, where its length varies, how many characters it has.
4. Fewer than six bits are left at the end, and all are zero.

Refused, since each would give a thing a second name: a text in a wider alphabet than it needs, an AI twice, bits left
over, a number above its digits. Refused too: what is no AI of ours, and other people's own names and values (F). A text
of digits keeps its leading zeros: its length is said.

Not every encoder agrees on the order within two sequences (GS1's own toolkit sorts them before use); both are read, and
a link that makes sense either way in two meanings is refused.
"""

import re
from collections.abc import Iterator, Mapping

from keys.errors import RefusedError
from trace.epcis.elements import FORMS, Form, check_element

# RFC 4648 table 2; the digits of a text in the alphabets 1 and 2.
_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# The shortest is a key alone; the longest, all of ours at their longest in seven bits a character.
_COMPRESSED = re.compile(r"[A-Za-z0-9_-]{9,140}")

# The sequences that hold none but AIs of ours.
_SEQUENCES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "0B": (("01", "10"),),
    "0C": (("01", "21"),),
    "0D": (("01", "17"),),
    "0F": (("01", "30"),),
    "1A": (("01", "10", "21", "17"), ("01", "10", "17", "21")),
    "1B": (("01", "15"),),
    "1C": (("01", "11"),),
    "1D": (("01", "16"),),
    "1F": (("01", "10", "15"),),
    **{f"2{'ABCDEF'[places]}": (("01", f"310{places}"),) for places in range(6)},
    "9D": (("414", "254"), ("254", "414")),
}
# How many digits an AI has, by its first two.
_AI_DIGITS = {
    **dict.fromkeys(("00", "01", "10", "11", "12", "13", "15", "16", "17", "20", "21", "30", "37"), 2),
    **dict.fromkeys(("24", "25", "40", "41"), 3),
    **dict.fromkeys(("31", "33"), 4),
}
_ORDERS = 2


def is_compressed(segment: str) -> bool:
    """Could this path segment be one? Nothing else stands alone in a Digital Link's path."""
    return _COMPRESSED.fullmatch(segment) is not None


def decompress(segment: str) -> tuple[tuple[str, str], ...]:
    """The (AI, value) of a compressed link, in its order. Raises RefusedError `digital-link-invalid`."""
    if not is_compressed(segment):
        raise _refuse("9 to 140 characters of base64url", segment[:80])
    readings, refusal = [], _refuse("elements", segment[:80])
    for order in range(_ORDERS):
        try:
            elements = tuple(_Bits(segment).read_elements(order))
            if len({ai for ai, _ in elements}) < len(elements):
                raise _refuse("each AI once", segment[:80])
            readings.append(elements)
        except RefusedError as error:
            refusal = error
    if not readings:
        raise refusal
    if len({frozenset(elements) for elements in readings}) > 1:
        raise _refuse("a link that can be read in one way", "two ways")
    return readings[0]


class _Bits:
    """The bits of one link, read from the left."""

    def __init__(self, segment: str) -> None:
        self._bits = "".join(f"{_BASE64URL.index(mark):06b}" for mark in segment)
        self._at = 0

    def read_elements(self, order: int) -> Iterator[tuple[str, str]]:
        """All elements; `order` chooses where a sequence has two."""
        while len(self._bits) - self._at >= 6:
            for ai in self._read_ais(order):
                yield ai, check_element(ai, self._read_value(FORMS[ai]))
        if "1" in self._bits[self._at :]:
            raise _refuse("nothing but zeros at the end", self._bits[self._at :])

    def _read_ais(self, order: int) -> tuple[str, ...]:
        start = f"{self._take(8):02X}"
        if start in _SEQUENCES:
            orders = _SEQUENCES[start]
            return orders[min(order, len(orders) - 1)]
        count = _AI_DIGITS.get(start)
        if count is None:
            raise _refuse("an AI that this registry reads", start)
        ai = start + "".join(f"{self._take(4):X}" for _ in range(count - 2))
        if ai not in FORMS:
            raise _refuse("an AI that this registry reads", ai)
        return (ai,)

    def _read_value(self, form: Form) -> str:
        if form.is_digits:
            return self._read_number(form.longest if form.is_fixed else self._take(_bits_of_length(form.longest)))
        alphabet = self._take(3)
        return self._read_text(alphabet, self._take(_bits_of_length(form.longest)))

    def _read_number(self, digits: int) -> str:
        number = str(self._take(_bits_of_number(digits)))
        if digits < 1 or len(number) > digits:
            raise _refuse(f"a number of {digits} digits", number)
        return number.zfill(digits)

    def _read_text(self, alphabet: int, length: int) -> str:
        match alphabet:
            case 0:
                return self._read_number(length)
            case 1 | 2:
                digits = "0123456789abcdef" if alphabet == 1 else "0123456789ABCDEF"
                text = "".join(digits[self._take(4)] for _ in range(length))
            case 3:
                text = "".join(_BASE64URL[self._take(6)] for _ in range(length))
            case 4:
                text = "".join(chr(self._take(7)) for _ in range(length))
            case _:
                raise _refuse("alphabet 0 to 4", str(alphabet))
        if _narrowest(text) != alphabet:
            raise _refuse("the narrowest alphabet for its text", str(alphabet))
        return text

    def _take(self, count: int) -> int:
        end = self._at + count
        if end > len(self._bits):
            raise _refuse(f"{count} bits more", f"{len(self._bits) - self._at}")
        taken, self._at = self._bits[self._at : end], end
        return int(taken, 2) if taken else 0


def _narrowest(text: str) -> int:
    """The alphabet that an encoder has to choose."""
    for alphabet, pattern in ((0, r"[0-9]+"), (2, r"[0-9A-F]+"), (1, r"[0-9a-f]+"), (3, r"[A-Za-z0-9_-]+")):
        if re.fullmatch(pattern, text):
            return alphabet
    return 4


def _bits_of_length(longest: int) -> int:
    return longest.bit_length()


def _bits_of_number(digits: int) -> int:
    largest: int = 10**digits - 1
    return largest.bit_length()


def _refuse(expected: str, got: str) -> RefusedError:
    return RefusedError("digital-link-invalid", where="the compressed link", expected=expected, got=got)
