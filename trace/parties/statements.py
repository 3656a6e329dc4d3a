"""What may be said of parties: founded, admitted, keys enrolled, rotated and revoked, posts held and ended.

`party.founded` is entry 0 and nothing else: it is signed by the key that it brings, and is where every trust in a
registry starts.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from keys.algorithms import ED25519
from keys.keyring import PublicKey
from trace.fields import Body, Day, Flag, Instant, Jwk, Name, Sha256, Uscc, Words
from trace.kinds import Body as KindBody
from trace.kinds import Duty, Kind, Readers, Role, Said
from trace.parties import register


class PartyBody(Body):
    """An organisation."""

    uscc = Uscc(required=True)
    name = fields.Nested(Name, required=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, validate=validate.Length(1, len(Role)))
    address = Words(load_default=None)
    founded_on = Day(load_default=None)
    producing_since = Day(load_default=None)


def _check_ledger_key(key: PublicKey) -> None:
    if key.algorithm is not ED25519:
        raise ValidationError(f"expected an Ed25519 key, for notes are signed by it, got {key.algorithm.name}")


class FoundedBody(Body):
    """The registry's own facts, its first regulator and the root key. `origin` is the ledger's name in signed notes."""

    origin = Words(120, required=True)
    title = Words(120, required=True)
    is_demonstration = Flag(required=True)
    ledger_key = Jwk(required=True, validate=_check_ledger_key)
    party = fields.Nested(PartyBody, required=True)
    key = Jwk(required=True)

    def check_whole(self, data: dict[str, Any]) -> None:
        """c2sp.org/signed-note: no key's name has a space or a plus, and nobody else's tools would read such a note."""
        if "+" in data["origin"] or any(character.isspace() for character in data["origin"]):
            raise ValidationError("expected a name without spaces and plus, such as registry.example/2026", "origin")


class AdmittedBody(Body):
    """A party with its roles and first key."""

    party = fields.Nested(PartyBody, required=True)
    key = Jwk(required=True)


class EnrolledBody(Body):
    """One more key of a party. It may speak from the first day to the last, both included (UTC); None sets no bound."""

    party = Uscc(required=True)
    key = Jwk(required=True)
    valid_from = Day(load_default=None)
    valid_to = Day(load_default=None)


class RotatedBody(Body):
    """The key that follows the one that signs this."""

    key = Jwk(required=True)
    valid_to = Day(load_default=None)


class RevokedBody(Body):
    """A key that speaks no more. From `compromised_since` on nothing it signed is believed."""

    kid = Sha256(required=True)
    reason = Words(required=True)
    compromised_since = Instant(load_default=None)


class PostBody(Body):
    """A duty at the signing party. `person` is the party's own reference for the person, not a name."""

    person = Words(60, required=True)
    duty = fields.Enum(Duty, by_value=True, required=True)
    kid = Sha256(load_default=None)
    held_from = Day(required=True)
    held_to = Day(load_default=None)


class PostEndedBody(Body):
    """A person of the signing party holds a duty no more after `held_to`, by whichever key."""

    person = Words(60, required=True)
    duty = fields.Enum(Duty, by_value=True, required=True)
    held_to = Day(required=True)


_EVERYBODY = frozenset(Role)
_REGULATOR = frozenset({Role.REGULATOR})


def _kind(
    tag: str,
    schema: type[Schema],
    signers: frozenset[Role],
    effect: Callable[[Any, Said], None],
    subject: Callable[[KindBody], str],
    readers: Readers = Readers.ANYONE,
) -> Kind:
    return Kind(tag, schema, signers, effect, subject, readers=readers, is_of_speakers=True)


FOUNDED = _kind("party.founded", FoundedBody, _REGULATOR, register.found_registry, lambda body: body["party"]["uscc"])
ADMITTED = _kind("party.admitted", AdmittedBody, _REGULATOR, register.admit_party, lambda body: body["party"]["uscc"])
ENROLLED = _kind("key.enrolled", EnrolledBody, _EVERYBODY, register.enroll_key, lambda body: body["party"])
ROTATED = _kind("key.rotated", RotatedBody, _EVERYBODY, register.rotate_key, lambda body: body["key"].kid.hex())
REVOKED = _kind("key.revoked", RevokedBody, _EVERYBODY, register.revoke_key, lambda body: body["kid"])
POST_HELD = _kind("post.held", PostBody, _EVERYBODY, register.hold_post, lambda body: body["duty"], Readers.PARTIES)
POST_ENDED = _kind(
    "post.ended", PostEndedBody, _EVERYBODY, register.end_post, lambda body: body["duty"], Readers.PARTIES
)
KINDS = (FOUNDED, ADMITTED, ENROLLED, ROTATED, REVOKED, POST_HELD, POST_ENDED)
