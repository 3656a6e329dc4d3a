"""Naming a key in a PKCS#11 token: RFC 7512 URIs, as far as they name one private key.

    pkcs11:token=Ledger%20HSM;object=ledger-2026?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin

1. The path MUST name the key by `object` or `id`, and MAY narrow the token by `token`, `serial`, `manufacturer` or
   `model`; `type`, where it is there, MUST be private. Each attribute once; any other is refused, since ignoring one
   would widen what is meant.
2. The query MAY have `module-path` (the token's library) and `pin-source`. A PIN itself (`pin-value`) is refused:
   whoever lists processes would read it. So is a `pin-source` that is a command.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keys.errors import RefusedError

SCHEME = "pkcs11:"
_MAX_CHARACTERS = 2000
_PATH = frozenset({"token", "serial", "manufacturer", "model", "object", "id", "type"})
_QUERY = frozenset({"module-path", "pin-source"})
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
# RFC 7512 §2.3: what may stand unencoded in a value, path and query together.
_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/?|&]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class TokenUri:
    """One private key in one token. None where the URI does not say."""

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    object: str | None = None
    id: bytes | None = None
    module_path: str | None = None
    pin_source: str | None = None


def parse_token_uri(text: str) -> TokenUri:
    """Read a URI strictly. Raises RefusedError `token-uri-malformed`."""
    if not text.startswith(SCHEME) or len(text) > _MAX_CHARACTERS:
        raise _refusal("a URI beginning with pkcs11:, of at most 2,000 characters", text[:20])
    path, _, query = text.removeprefix(SCHEME).partition("?")
    found = dict(_attributes(path, ";", _PATH))
    if found.pop("type", b"private") != b"private":
        raise _refusal("type=private", "another type")
    asked = dict(_attributes(query, "&", _QUERY))
    if asked.get("pin-source", b"").startswith(b"|"):
        raise _refusal("pin-source to be a file or an environment variable", "a command")
    key_id = found.pop("id", None)
    if key_id is None and "object" not in found:
        raise _refusal("object or id", "neither")
    names = {name: _text(value) for name, value in found.items()}
    if any(b"\0" in value for value in asked.values()):
        raise _refusal("names that a file can have", "a zero byte")
    sources = {name.replace("-", "_"): _text(value) for name, value in asked.items()}
    return TokenUri(id=key_id, **names, **sources)


def _attributes(text: str, separator: str, admitted: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    seen = set()
    for attribute in filter(None, text.split(separator)):
        name, equals, value = attribute.partition("=")
        if name not in admitted or name in seen or not equals or not value or not _VALUE.fullmatch(value):
            # The value may be a secret that was put in the wrong place: only the name is told.
            raise _refusal(f"each of {', '.join(sorted(admitted))} once, percent-encoded", name[:40])
        seen.add(name)
        yield name, _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), value.encode("ascii"))


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal("UTF-8", "other bytes") from error


def _refusal(expected: str, got: str) -> RefusedError:
    return RefusedError("token-uri-malformed", expected=expected, got=got)
