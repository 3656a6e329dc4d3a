"""PEM around any DER, for keys that nobody here would write."""

import base64


def armour(der: bytes, label: str = "PUBLIC KEY") -> bytes:
    """One line of base64 between the two lines that name it."""
    return b"\n".join(
        [f"-----BEGIN {label}-----".encode(), base64.b64encode(der), f"-----END {label}-----".encode(), b""]
    )
