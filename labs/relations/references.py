"""References: how a regulator names a person, address, telephone or account without telling anybody which.

    make_reference(secret, "phone", "021-5555 0101")   # 64 hexadecimal digits

HMAC-SHA-256 (RFC 2104) over domain, a zero byte and the value as it is written everywhere. A plain or publicly salted
hash would not do: there are few enough telephone numbers, accounts and identity numbers to try them all. So whoever
lacks the secret learns nothing but that two are the same, and whoever loses it should make all references anew.

1. `secret` MUST have at least 32 bytes and MUST be one for all regulators of a registry: else the same person differs.
2. A person is given by the number of the identity document, never by a name: names are shared.
3. Persons share one domain, whatever they are to a party: a representative here may hold shares there.
"""

import hmac
import unicodedata
from collections.abc import Mapping

from keys.errors import RefusedError

DOMAIN_OF: Mapping[str, str] = {
    "legal_representative": "person",
    "shareholder": "person",
    "controller": "person",
    "officer": "person",
    "address": "address",
    "phone": "phone",
    "account": "account",
}
"""What a relation leads to, by relation."""
_MIN_SECRET_BYTES = 32


def make_reference(secret: bytes, relation: str, value: str) -> str:
    """The reference of a value, 64 hexadecimal digits. Raises RefusedError `reference-invalid` for a short secret, an
    unknown relation or a value of which nothing is left.
    """
    if len(secret) < _MIN_SECRET_BYTES:
        raise RefusedError("reference-invalid", where="secret", expected="at least 32 bytes", got=len(secret))
    if relation not in DOMAIN_OF:
        raise RefusedError("reference-invalid", where="relation", expected=sorted(DOMAIN_OF), got=relation[:40])
    plain = _plain(DOMAIN_OF[relation], value)
    if not plain:
        raise RefusedError("reference-invalid", where="value", expected="letters or digits", got=value[:20])
    return hmac.digest(secret, f"{DOMAIN_OF[relation]}\0{plain}".encode(), "sha256").hex()


def _plain(domain: str, value: str) -> str:
    """Without what differs from paper to paper: width, case, spaces, marks, and the country's prefix of telephones."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    if domain == "phone":
        digits = "".join(mark for mark in folded if mark.isdecimal())
        digits = digits.removeprefix("00") if digits.startswith("0086") else digits
        # ITU-T E.164: 86 is China; a number at home never has more than twelve digits, its 0 included.
        return digits.removeprefix("86").removeprefix("0") if len(digits) > 11 else digits.removeprefix("0")
    return "".join(mark for mark in folded if mark.isalnum())
