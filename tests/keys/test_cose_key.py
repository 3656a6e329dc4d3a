"""Keys as COSE_Key: what another reader makes of the map is the key itself."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers

from keys.cose_key import write_cose_key
from keys.keyring import generate_key


def test_an_ed25519_key_is_an_okp():
    public = generate_key("EdDSA").public
    key = write_cose_key(public)
    assert {label: key[label] for label in (1, 2, 3, -1)} == {1: 1, 2: public.kid, 3: -8, -1: 6}
    assert key[-2] == public.key.public_bytes_raw()
    assert key.keys() == {1, 2, 3, -1, -2}


@pytest.mark.parametrize("_", range(8))
def test_a_p256_key_is_an_ec2_with_both_coordinates_in_full(_):
    public = generate_key("ES256").public
    key = write_cose_key(public)
    assert {label: key[label] for label in (1, 2, 3, -1)} == {1: 2, 2: public.kid, 3: -7, -1: 1}
    x, y = (coordinate for coordinate in (key[-2], key[-3]) if isinstance(coordinate, bytes))
    assert len(x) == len(y) == 32
    assert EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key() == public.key
