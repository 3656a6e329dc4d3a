"""Keys have one name and one way to be written down."""

import base64
import hashlib
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import ALGORITHMS
from keys.errors import RefusedError
from keys.keyring import generate_key, read_jwk, read_private_key, read_public_pem
from tests.pem import armour

# RFC 9679 §6, the example key and its SHA-256 thumbprint.
X = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
Y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
THUMBPRINT = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


EC = {"kty": "EC", "crv": "P-256", "x": b64(bytes.fromhex(X)), "y": b64(bytes.fromhex(Y))}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # RFC 8037 appendix A.2
AKP = {"kty": "AKP", "alg": "ML-DSA-44", "pub": b64(bytes(1312))}


def test_the_name_of_a_key_is_its_published_thumbprint():
    assert read_jwk(EC).kid.hex() == THUMBPRINT


def test_the_name_of_an_sm2_key_stays_what_it_is():
    """No published one exists: its curve is a number of ours. Entries carry the name, so it may never change."""
    x, y = (
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
        ("ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"),
    )
    # {1: 2, -1: -3291805, -2: x, -3: y} in deterministic CBOR, written out by hand.
    encoded = bytes.fromhex("a4010220" + "3a00323a9c" + f"215820{x}" + f"225820{y}")
    public = read_jwk({"kty": "EC", "crv": "SM2", "x": b64(bytes.fromhex(x)), "y": b64(bytes.fromhex(y))})
    assert public.kid == hashlib.sha256(encoded).digest()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_reads_back_from_its_jwk(algorithm):
    public = generate_key(algorithm).public
    again = read_jwk(public.to_jwk())
    assert (again.kid, again.algorithm) == (public.kid, public.algorithm)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_process_is_told_the_same_public_key(algorithm):
    key = generate_key(algorithm)
    told = pickle.loads(pickle.dumps(key.public))
    assert (told.kid, told.algorithm) == (key.public.kid, key.public.algorithm)
    assert told.verifies(key.sign(b"said"), b"said")


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
        {**OKP, "x": b64(b"\1" + bytes(31))},  # the neutral element: every signature would hold
        {**EC, "crv": "SM2"},  # a point of another curve
        {**AKP, "alg": "ML-DSA-65"},
        {**AKP, "priv": b64(bytes(32))},
        {**AKP, "pub": b64(bytes(1311))},
        {**AKP, "pub": b64(bytes(1313))},
        {**AKP, "pub": "A" * 100_000},
        {**AKP, "crv": "P-256"},
        {"kty": "AKP", "pub": AKP["pub"]},
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


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "SM2"])
def test_a_public_key_is_written_as_the_library_writes_it(algorithm):
    public = generate_key(algorithm).public
    theirs = public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert public.to_pem() == theirs
    assert read_public_pem(theirs.encode()) == public


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"words",
        generate_key().to_pem(),
        armour(b""),
        armour(bytes(44)),
        armour(bytes.fromhex("302a300506032b6570032100") + bytes(32)),  # the neutral element
        armour(bytes.fromhex("302a300506032b6570032100") + bytes(31)),
        armour(bytes.fromhex("302a300506032b656e032100") + bytes(32)),  # X25519
        generate_key().public.to_pem().replace("PUBLIC KEY", "CERTIFICATE").encode(),
        generate_key().public.to_pem().replace("=", "").encode(),
        generate_key().public.to_pem().encode() * 2,
    ],
)
def test_a_pem_that_is_no_admitted_public_key_is_refused(pem):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_public_pem(pem)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for read in (read_public_pem, read_private_key):
        for given_ in (data, armour(data), armour(data, "PRIVATE KEY"), armour(data, "ENCRYPTED PRIVATE KEY")):
            with pytest.raises(RefusedError, match="key-unreadable"):
                read(given_)


def test_the_public_half_of_rfc_8037_belongs_to_its_private_half():
    seed = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    assert read_jwk(OKP).key == ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
