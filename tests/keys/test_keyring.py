"""Keys have one name and one way to be written down."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keys.algorithms import ALGORITHMS
from keys.errors import RefusedError
from keys.keyring import generate_key, read_jwk, read_private_key

# RFC 9679 §6, the example key and its SHA-256 thumbprint.
X = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
Y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
THUMBPRINT = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


EC = {"kty": "EC", "crv": "P-256", "x": b64(bytes.fromhex(X)), "y": b64(bytes.fromhex(Y))}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # RFC 8037 appendix A.2


def test_the_name_of_a_key_is_its_published_thumbprint():
    assert read_jwk(EC).kid.hex() == THUMBPRINT


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_reads_back_from_its_jwk(algorithm):
    public = generate_key(algorithm).public
    again = read_jwk(public.to_jwk())
    assert (again.kid, again.algorithm) == (public.kid, public.algorithm)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("passphrase", [None, b"open"])
def test_a_private_key_reads_back_from_its_pem(algorithm, passphrase):
    key = generate_key(algorithm)
    again = read_private_key(key.to_pem(passphrase), passphrase)
    assert again.public.kid == key.public.kid
    assert key.public.verifies(again.sign(b"words"), b"words")


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        [],
        "key",
        {},
        {**EC, "d": EC["x"]},
        {**OKP, "d": OKP["x"]},
        {**EC, "use": "sig"},
        {**EC, "crv": "P-384"},
        {**EC, "kty": "OKP"},
        {**OKP, "crv": "X25519"},
        {**OKP, "crv": "Ed448"},
        {**OKP, "y": EC["y"]},
        {"kty": "EC", "crv": "P-256", "x": EC["x"]},
        {**EC, "y": EC["x"]},  # not on the curve
        {**EC, "x": b64(b"\0" + bytes.fromhex(X))},
        {**EC, "x": b64(bytes.fromhex(X)[1:])},
        {**EC, "x": EC["x"] + "="},
        {**OKP, "x": OKP["x"] + "="},
        {**OKP, "x": OKP["x"][:-1]},
        {**OKP, "x": OKP["x"][:-1] + "p"},  # other bits behind the last byte, the same 32 bytes
        {**OKP, "x": OKP["x"].replace("_", "/")},
        {**OKP, "x": OKP["x"] + "\n"},
        {**OKP, "x": 7},
        {**OKP, "x": "A" * 100_000},
    ],
)
def test_a_jwk_of_any_other_shape_is_refused(jwk):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_jwk(jwk)


def pem_of(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def b64_pem(old, new):
    """A P-256 key whose bytes `old` are `new` ones."""
    der = der_of(ec.generate_private_key(ec.SECP256R1()))
    assert old in der
    return pem_around(der.replace(old, new))


def der_of(key):
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def pem_around(der):
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("pem", "passphrase"),
    [
        (b"", None),
        (b"no key", None),
        (generate_key().to_pem(b"open"), None),
        (generate_key().to_pem(b"open"), b"shut"),
        (pem_of(ed448.Ed448PrivateKey.generate()), None),
        (pem_of(ec.generate_private_key(ec.SECP384R1())), None),
        (generate_key().public.to_pem().encode(), None),
        # The object identifier of a curve that nobody has: 1.2.840.7997.3.1.7 for P-256's 1.2.840.10045.3.1.7.
        (b64_pem(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648be3d030107")), None),
        # An Ed25519 key that says it is one of Ed448, whose keys are longer.
        (pem_around(der_of(generate_key().key).replace(b"\x2b\x65\x70", b"\x2b\x65\x71")), None),
    ],
    ids=["empty", "words", "locked", "other-passphrase", "Ed448", "P-384", "public", "no-curve", "short-Ed448"],
)
def test_a_pem_that_is_no_admitted_private_key_is_refused(pem, passphrase):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_private_key(pem, passphrase)


def test_a_public_key_is_written_for_other_peoples_tools():
    assert generate_key().public.to_pem().startswith("-----BEGIN PUBLIC KEY-----\n")


def test_the_public_half_of_rfc_8037_belongs_to_its_private_half():
    seed = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    assert read_jwk(OKP).key == ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
