"""A PKCS#11 token in software (SoftHSM of Debian), which lies in one test's folder and goes with it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
LABEL, PIN = "suzheng test", "271828"
# CKA_EC_PARAMS: an object identifier in DER, and for Ed25519 the curve's name as a PrintableString (PKCS#11 v3.0 §2.3).
_KINDS = {
    "ES256": ("EC", bytes.fromhex("06082a8648ce3d030107")),
    "P-384": ("EC", bytes.fromhex("06052b81040022")),
    "EdDSA": ("EC_EDWARDS", b"\x13\x0cedwards25519"),
}
_GENERATE = """
import pkcs11, sys
module, token, pin, kind, curve, name, number = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    parameters = {pkcs11.Attribute.EC_PARAMS: bytes.fromhex(curve)}
    domain = session.create_domain_parameters(pkcs11.KeyType[kind], parameters, local=True)
    domain.generate_keypair(label=name, id=bytes.fromhex(number), store=True)
"""


@dataclass(frozen=True)
class Token:
    """Where the token's library and PIN are."""

    module: str
    pin_file: Path

    def uri(self, name: str) -> str:
        """The RFC 7512 URI of a key in it."""
        place = f"token={LABEL.replace(' ', '%20')};object={name};type=private"
        return f"pkcs11:{place}?module-path={self.module}&pin-source=file:{self.pin_file}"

    def generate(self, name: str, algorithm: str, number: bytes = b"\x01") -> None:
        """Make a key pair in it, as an administrator would: with a program of its own, whose login ends with it."""
        kind, curve = _KINDS[algorithm]
        arguments = (self.module, LABEL, PIN, kind, curve.hex(), name, number.hex())
        subprocess.run([sys.executable, "-c", _GENERATE, *arguments], check=True)


def find_module() -> str | None:
    """The library of SoftHSM, where it is installed."""
    return next((place for place in PLACES if Path(place).exists()), None)


def make_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    """Initialise a token under `folder`."""
    module = find_module()
    assert module is not None
    tokens = folder / "tokens"
    tokens.mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    pin_file = folder / "pin"
    pin_file.write_text(f"{PIN}\n")
    arguments = ["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "31415926"]
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
    return Token(module, pin_file)
