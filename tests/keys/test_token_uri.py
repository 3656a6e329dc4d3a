"""A PKCS#11 URI names one key, whole; what it can't say safely it may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import token_uri
from keys.errors import RefusedError
from keys.token_uri import TokenUri, parse_token_uri


def test_the_example_reads_as_it_says():
    example = next(line.strip() for line in (token_uri.__doc__ or "").splitlines() if "pkcs11:token" in line)
    assert parse_token_uri(example) == TokenUri(
        token="Ledger HSM",
        object="ledger-2026",
        module_path="/usr/lib/softhsm/libsofthsm2.so",
        pin_source="file:/run/pin",
    )


def test_an_id_is_bytes_and_a_name_is_text():
    uri = parse_token_uri("pkcs11:id=%00%ff%41;token=%e6%ba%af%e8%af%81;type=private;serial=7;manufacturer=m;model=x")
    assert (uri.id, uri.token, uri.object) == (b"\x00\xffA", "溯证", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "signer.pem",
        "PKCS11:object=a",
        "pkcs11:",
        "pkcs11:token=t",
        "pkcs11:object=",
        "pkcs11:object",
        "pkcs11:object=a;object=b",
        "pkcs11:object=a;type=cert",
        "pkcs11:object=a;slot-id=1",
        "pkcs11:object=a;x-vendor=1",
        "pkcs11:object=a b",
        "pkcs11:object=%e6",
        "pkcs11:object=%zz",
        "pkcs11:object=a?pin-value=1234",
        "pkcs11:object=a?pin-source=|cat /run/pin",
        "pkcs11:object=a?pin-source=%7ccat",
        "pkcs11:object=a?module-name=softhsm",
        "pkcs11:object=a?module-path=/lib%00.so",
        "pkcs11:object=a?pin-source=file:/run/pin%00",
        "pkcs11:object=" + "a" * 2000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(RefusedError, match="token-uri-malformed") as refusal:
        parse_token_uri(text)
    assert "1234" not in str(refusal.value)


@given(name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), key_id=st.binary(min_size=1, max_size=20))
def test_whatever_a_token_calls_its_keys_can_be_named(name, key_id):
    encoded = "".join(f"%{byte:02x}" for byte in name.encode())
    uri = parse_token_uri(f"pkcs11:object={encoded};id={''.join(f'%{byte:02X}' for byte in key_id)}")
    assert (uri.object, uri.id) == (name, key_id)


@given(text=st.text(max_size=100))
def test_any_text_is_read_or_refused(text):
    try:
        parse_token_uri(f"pkcs11:{text}")
    except RefusedError as error:
        code = error.code
    else:
        code = "token-uri-malformed"
    assert code == "token-uri-malformed"
