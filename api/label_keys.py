"""The registry's label keys: one that signs, and those whose labels are believed.

    VAR_DIR/keys/label.pem           the private key, or where LABEL_KEY says (a file, or a token's pkcs11: URI)
    VAR_DIR/keys/labels/q83v.pem     the public half of each key whose labels are believed, named by its id

1. A new key takes the old one's place and the old private key is gone: nobody should sign with it any more. Its public
   half stays, since its labels hang on drums.
2. A key that was stolen is distrusted by removing its public half: its labels are then of an unknown key.
3. The file is encrypted with what LEDGER_PASSPHRASE_FILE holds, as the ledger's own is. A label key can vouch for
   numbers alone: it signs no entry and no checkpoint.
"""

from collections.abc import Mapping
from typing import Any

from api.files import write_whole
from api.settings import Settings
from api.signing import open_own_key, read_ledger_passphrase
from keys.algorithms import ED25519
from keys.errors import RefusedError
from keys.keyring import PublicKey, SigningKey, generate_key, read_jwk, read_public_pem
from keys.label import PARAMETER, PURPOSE, name_label_key
from keys.payload import read_json

# More keys than a registry makes in a lifetime.
_MOST_BYTES = 200_000


def make_label_key(settings: Settings, *, replaces: bool = False) -> PublicKey:
    """A fresh label key in a file only its owner can read; where LABEL_KEY names a token, the one that lies there.

    Raises RefusedError `key-known` where there is one and it is not to be replaced.
    """
    if settings.label_key_uri is not None:
        opened = _open(settings, settings.label_key_uri)
        return _publish(settings, opened.public)
    path = settings.label_key_path
    if path.exists() and not replaces:
        raise RefusedError("key-known", where=path.name, expected="no label key yet, or --replace", got="one")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = generate_key()
    while not name_label_key(key.public).isalnum():  # as a command's option, "-YUG" would be one of its own
        key = generate_key()
    # Published first: a label that is signed must never be of an unknown key.
    public = _publish(settings, key.public)
    write_whole(path, [key.to_pem(read_ledger_passphrase(settings))], mode=0o600)
    return public


def ensure_label_key(settings: Settings) -> None:
    """Make a label key where there is none yet: a registry that begins signs its labels from the first."""
    if settings.label_key_uri is not None or not settings.label_key_path.exists():
        make_label_key(settings)


def open_label_key(settings: Settings) -> SigningKey | None:
    """The key that signs; None where this registry signs no labels. Raises RefusedError `key-unreadable` for one that
    can't be used.
    """
    if settings.label_key_uri is None and not settings.label_key_path.exists():
        return None
    key = _open(settings, settings.label_key_uri or str(settings.label_key_path))
    if key.algorithm is not ED25519:
        raise RefusedError("key-unreadable", where="LABEL_KEY", expected=ED25519.name, got=key.algorithm.name)
    return key


def read_label_keys(settings: Settings) -> Mapping[str, PublicKey]:
    """The keys whose labels are believed, by their ids. Raises RefusedError `key-unreadable`."""
    paths = sorted(settings.label_keys_dir.glob("????.pem"))
    keys = (read_public_pem(path.read_bytes()) for path in paths)
    return {name_label_key(key): key for key in keys}


def distrust_label_key(settings: Settings, name: str) -> None:
    """Believe no label of this key any more. Raises RefusedError `key-unknown`."""
    known = read_label_keys(settings)
    if name not in known:
        raise RefusedError("key-unknown", where="label key", expected=", ".join(known) or "none", got=name[:40])
    (settings.label_keys_dir / f"{name}.pem").unlink()


def write_label_document(origin: str, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """What is published at /.well-known/suzheng-label-keys, and checks labels offline."""
    listed = [{"id": name, "jwk": key.to_jwk()} for name, key in keys.items()]
    return {"origin": origin, "purpose": PURPOSE, "parameter": PARAMETER, "keys": listed}


def read_label_document(data: bytes) -> tuple[str, Mapping[str, PublicKey]]:
    """The origin and the label keys, by their ids, of a registry that published this. Ids are worked out, not believed.

    Raises RefusedError `key-unreadable`, `payload-malformed`.
    """
    if len(data) > _MOST_BYTES:
        raise RefusedError("key-unreadable", expected=f"{_MOST_BYTES} bytes", got=len(data))
    told = read_json(data)
    origin, listed = told.get("origin"), told.get("keys")
    if told.get("purpose") != PURPOSE or not isinstance(origin, str) or not isinstance(listed, list):
        raise RefusedError("key-unreadable", expected=f'{{"purpose": "{PURPOSE}", "origin": …, "keys": […]}}')
    keys = [read_jwk(one.get("jwk") if isinstance(one, dict) else None) for one in listed]
    return origin, {name_label_key(key): key for key in keys}


def _open(settings: Settings, where: str) -> SigningKey:
    name = "LABEL_KEY" if settings.label_key_uri is not None else settings.label_key_path.name
    return open_own_key(settings, where, name, setting="LABEL_KEY", whose="the labels'")


def _publish(settings: Settings, key: PublicKey) -> PublicKey:
    folder = settings.label_keys_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / f"{name_label_key(key)}.pem", [key.to_pem().encode()])
    return key
