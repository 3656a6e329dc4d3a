"""SM2 is judged by the standard's own example and by OpenSSL, which shares no line with us."""

import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.algorithms import SM2
from keys.algorithms.sm2 import Sm2PrivateKey, Sm2PublicKey, sign_digest
from keys.algorithms.sm2_pem import write_pem
from keys.errors import RefusedError
from keys.keyring import PrivateKey, PublicKey, generate_key, read_private_key, read_public_pem, read_raw

# GB/T 32918.5-2017 annex A.2 (GM/T 0003.5-2012 annex A): key, identity 1234567812345678, "message digest".
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
Z = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
DIGEST = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
WORDS = b"message digest"
PUBLISHED = PublicKey(SM2, Sm2PublicKey(X, Y))
KEY = generate_key("SM2")


def split(signature):
    return int.from_bytes(signature[:32]), int.from_bytes(signature[32:])


def join(r, s):
    return r.to_bytes(32) + s.to_bytes(32)


# --- the standard's example ---


def test_the_public_half_and_the_digest_are_those_published():
    public = Sm2PrivateKey(D).public
    assert (public.x, public.y) == (X, Y)
    assert (public.z.hex(), public.digest(WORDS).hex()) == (Z, DIGEST)


def test_the_published_signature_holds_and_is_made_again_with_its_nonce():
    assert PUBLISHED.verifies(SIGNATURE, WORDS)
    assert not PUBLISHED.verifies(SIGNATURE, WORDS + b".")
    assert sign_digest(Sm2PrivateKey(D), bytes.fromhex(DIGEST), K) == SIGNATURE


# --- what is refused ---


@pytest.mark.parametrize("other", [0, N, N + 1, 2**256 - 1])
def test_numbers_out_of_range_are_no_signature(other):
    r, s = split(SIGNATURE)
    assert not PUBLISHED.verifies(join(other, s), WORDS)
    assert not PUBLISHED.verifies(join(r, other), WORDS)


def test_r_and_s_that_cancel_each_other_are_no_signature():
    r, _ = split(SIGNATURE)
    assert not PUBLISHED.verifies(join(r, N - r), WORDS)


def test_the_twin_of_an_ecdsa_signature_is_none_here():
    r, s = split(SIGNATURE)
    assert not PUBLISHED.verifies(join(r, N - s), WORDS)


def test_a_point_at_infinity_is_no_signature():
    """s = -t·d makes sG + tP the point without an x, for which nothing may hold."""
    t = 7
    s = -t * D % N
    assert not PUBLISHED.verifies(join((t - s) % N, s), WORDS)


@pytest.mark.parametrize(
    ("x", "y"), [(0, 0), (X, Y + 1), (X + P, Y), (X, Y + P), (P, 0), (2**256 - 1, 2**256 - 1)], ids=hex
)
def test_a_point_off_the_curve_is_refused(x, y):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_raw(SM2, join(x % 2**256, y % 2**256))


@pytest.mark.parametrize("d", [0, N - 1, N, 2**256 - 1])
def test_a_number_that_is_no_private_key_is_refused(d):
    point = KEY.public.raw
    pem = write_pem(d.to_bytes(32), point, None)
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_private_key(pem)


@given(r=st.integers(0, 2**256 - 1), s=st.integers(0, 2**256 - 1))
@settings(max_examples=30)
def test_any_pair_of_numbers_is_judged_without_failing(r, s):
    assert not PUBLISHED.verifies(join(r, s), WORDS)


def test_a_private_key_is_never_shown():
    assert repr(PrivateKey(SM2, Sm2PrivateKey(D))).endswith("key=Sm2PrivateKey())")


def test_a_nonce_never_serves_two_digests():
    """Two signatures with one nonce give the private key away; the same words get the same signature."""
    key = Sm2PrivateKey(D)
    one, other = (SM2.sign(key, words) for words in (b"one", b"other"))
    assert one == SM2.sign(key, b"one")
    r, s = split(one)
    nonce = (s * (1 + D) + r * D) % N
    r, s = split(other)
    assert nonce != (s * (1 + D) + r * D) % N


# --- OpenSSL ---


def ask(openssl, *arguments, **options):
    return subprocess.run([openssl, *arguments], capture_output=True, check=False, **options)


DISTID = ("-sigopt", "distid:1234567812345678")


def test_openssl_takes_our_signatures(openssl, tmp_path):
    (tmp_path / "public.pem").write_text(KEY.public.to_pem())
    (tmp_path / "words").write_bytes(WORDS)
    (tmp_path / "signature").write_bytes(encode_dss_signature(*split(KEY.sign(WORDS))))
    arguments = ("dgst", "-sm3", "-verify", "public.pem", *DISTID, "-signature", "signature")
    assert ask(openssl, *arguments, "words", cwd=tmp_path).stdout == b"Verified OK\n"
    (tmp_path / "words").write_bytes(WORDS + b".")
    assert ask(openssl, *arguments, "words", cwd=tmp_path).returncode == 1


def test_we_take_the_keys_and_signatures_of_openssl(openssl, tmp_path):
    ask(openssl, "genpkey", "-algorithm", "SM2", "-out", "key.pem", cwd=tmp_path)
    ask(openssl, "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem", cwd=tmp_path)
    public = read_public_pem((tmp_path / "public.pem").read_bytes())
    assert read_private_key((tmp_path / "key.pem").read_bytes()).public == public
    for number in range(20):
        words = hashlib.sha512(bytes([number])).digest()
        der = ask(openssl, "dgst", "-sm3", "-sign", "key.pem", *DISTID, input=words, cwd=tmp_path).stdout
        signature = join(*decode_dss_signature(der))
        assert public.verifies(signature, words)
        assert not public.verifies(signature, words[:-1])


def test_encrypted_keys_go_both_ways(openssl, tmp_path):
    (tmp_path / "ours.pem").write_bytes(KEY.to_pem(b"open"))
    read = ask(openssl, "pkey", "-in", "ours.pem", "-passin", "pass:open", "-pubout", cwd=tmp_path)
    assert read.stdout.decode() == KEY.public.to_pem()
    (tmp_path / "plain.pem").write_bytes(KEY.to_pem())
    for cipher in ("-aes256", "-aes128", "-sm4"):
        options = ("-in", "plain.pem", cipher, "-passout", "pass:open", "-out", "theirs.pem")
        assert ask(openssl, "pkey", *options, cwd=tmp_path).returncode == 0
        theirs = (tmp_path / "theirs.pem").read_bytes()
        assert b"ENCRYPTED" in theirs
        assert read_private_key(theirs, b"open").public == PrivateKey(SM2, KEY.key).public
        for wrong in (b"shut", None):
            with pytest.raises(RefusedError, match="key-unreadable"):
                read_private_key(theirs, wrong)
