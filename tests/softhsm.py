"""A PKCS#11 token in software (SoftHSM of Debian), which lies in one test's folder and goes with it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
# The curve by its name, a PrintableString: what SoftHSM takes (PKCS#11 v3.0 §2.3.10).
_EDWARDS25519 = b"\x13\x0cedwards25519"
LABEL, PIN = "suzheng test", "271828"


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
        """Make a key pair in it, as an administrator would."""
        import pkcs11
        from pkcs11.util.ec import encode_named_curve_parameters

        kind, curve = {
            "ES256": (pkcs11.KeyType.EC, encode_named_curve_parameters("secp256r1")),
            "P-384": (pkcs11.KeyType.EC, encode_named_curve_parameters("secp384r1")),
            "EdDSA": (pkcs11.KeyType.EC_EDWARDS, _EDWARDS25519),
        }[algorithm]
        with self._open() as session:
            parameters = session.create_domain_parameters(kind, {pkcs11.Attribute.EC_PARAMS: curve}, local=True)
            parameters.generate_keypair(label=name, id=number, store=True)

    def _open(self) -> Any:
        import pkcs11

        return pkcs11.lib(self.module).get_token(token_label=LABEL).open(rw=True, user_pin=PIN)


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
