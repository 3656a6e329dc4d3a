"""Unified social credit codes (GB 32100-2015) with both nested check characters.

Example: 91110000600037341L. Places 9 to 17 are the organisation code 60003734-1, checked by GB 11714-1997; place 18
checks all. python-stdnum 2.2 checks only the outer character and refuses codes that start with a letter, hence these
few lines.
"""

import re

from keys.errors import RefusedError

_SHAPE = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}[0-9A-HJ-NPQRTUWXY]")
# GB 32100-2015 table 2: the 31 characters, without I, O, S, V and Z.
_OUTER = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# GB 11714-1997 §4: values 0-35 and the weights of the eight places.
_INNER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_uscc(code: object) -> str:
    """The code itself. Raises RefusedError `uscc-invalid` naming the place that fails."""
    if not isinstance(code, str) or not _SHAPE.fullmatch(code):
        raise RefusedError("uscc-invalid", expected="18 characters of GB 32100-2015", got=str(code)[:40])
    if code[16] != inner_check(code[8:16]):
        raise RefusedError("uscc-invalid", where="place 17", expected=inner_check(code[8:16]), got=code[16])
    if code[17] != outer_check(code[:17]):
        raise RefusedError("uscc-invalid", where="place 18", expected=outer_check(code[:17]), got=code[17])
    return code


def inner_check(organisation: str) -> str:
    """The check character of an organisation code's eight places (GB 11714)."""
    total = sum(_INNER.index(place) * weight for place, weight in zip(organisation, _INNER_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def outer_check(code: str) -> str:
    """The check character of the first seventeen places (GB 32100)."""
    total = sum(_OUTER.index(place) * pow(3, index, 31) for index, place in enumerate(code))
    return _OUTER[-total % 31]
