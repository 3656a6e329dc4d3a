"""The shapes of replies about the ledger and those who speak in it. Every member is always there; some may be null."""

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, RAISE, Schema, fields, post_dump
from marshmallow.validate import OneOf

from api.fields import Amount, Base64, Hex, Jwk, Roles, Time
from keys.algorithms import ALGORITHMS
from trace.kinds import Duty, Readers


class ProblemSchema(Schema):
    """A refusal (RFC 9457). `code` is stable; further members are the facts: where, expected, got and others."""

    class Meta:
        """Facts are members too (RFC 9457 §3.2)."""

        unknown = INCLUDE

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String()

    @post_dump(pass_original=True)
    def add_facts(self, data: dict[str, Any], original: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """Every fact goes along."""
        return {**original, **data}


class QuantitySchema(Schema):
    """How much, in a UN/CEFACT Recommendation 20 unit."""

    value = Amount()
    unit = fields.String()


class HeaderSchema(Schema):
    """An entry's header: everybody may read it. `leaf` names the statement in the ledger."""

    position = fields.Integer()
    leaf = Hex()
    kind = fields.String()
    issuer = fields.String()
    subject = fields.String()
    issued_at = Time()
    recorded_at = Time()
    kid = Hex()
    algorithm_id = fields.Integer(metadata={"description": "COSE algorithm identifier."})
    content_type = fields.String()
    follows = fields.List(Hex())
    lots = fields.List(fields.String())
    size_bytes = fields.Integer()
    url = fields.String()


class HeaderPageSchema(Schema):
    """A page of entries, oldest first."""

    items = fields.List(fields.Nested(HeaderSchema))
    next = fields.String(allow_none=True)


class EntrySchema(HeaderSchema):
    """An entry. `payload` is the JSON text exactly as it was signed; null where `is_withheld` from the caller."""

    nonce = Hex(allow_none=True)
    is_withheld = fields.Boolean()
    readers = fields.Enum(Readers, by_value=True)
    payload = fields.String(allow_none=True)
    doubted_since = Time(allow_none=True)
    """Since when its key is not believed, where that reaches the entry; `doubt_entry` says so."""
    doubt_entry = fields.Integer(allow_none=True)
    receipt_url = fields.String()
    statement_url = fields.String()


class AcceptedSchema(Schema):
    """A statement that stands in the ledger, with the proof."""

    status = fields.Integer()
    entry = fields.Integer()
    leaf = Hex()
    receipt = Base64()
    lots = fields.List(fields.String())
    url = fields.String()


class ResultSchema(Schema):
    """What became of one statement of many: accepted (201), known (200), or refused with a problem."""

    status = fields.Integer()
    accepted = fields.Nested(AcceptedSchema, allow_none=True)
    problem = fields.Nested(ProblemSchema, allow_none=True)


class ResultsSchema(Schema):
    """The results of many statements, in the order in which they were sent."""

    results = fields.List(fields.Nested(ResultSchema))


class StatementsSchema(Schema):
    """One statement, or many, each a COSE_Sign1 in base64."""

    statement = fields.String()
    statements = fields.List(fields.String())


class WantedSchema(Schema):
    """What is to be said: the kind's tag and the body as JSON text, which is signed byte for byte."""

    class Meta:
        """A member with a slip of the pen must not go unsaid."""

        unknown = RAISE

    kind = fields.String(required=True)
    payload = fields.String(required=True)


class WantedListSchema(Schema):
    """Up to 100, in the order in which they are to be handed in."""

    class Meta:
        """Nothing else is understood."""

        unknown = RAISE

    drafts = fields.List(fields.Nested(WantedSchema), required=True)


class DraftSchema(Schema):
    """A statement but for its signature. `protected` is its protected header; null where it follows earlier ones of the
    list (`after`, by place), whose leaf hashes join `follows` when they are signed.
    """

    kind = fields.String()
    issuer = fields.String()
    subject = fields.String()
    kid = Hex()
    algorithm_id = fields.Integer(metadata={"description": "COSE algorithm identifier."})
    content_type = fields.String()
    issued_at = Time()
    nonce = Hex()
    follows = fields.List(Hex())
    after = fields.List(fields.Integer())
    payload = Base64()
    protected = Base64(allow_none=True)
    lots = fields.List(fields.String())


class DraftsSchema(Schema):
    """Drafts in the order in which they were asked for."""

    drafts = fields.List(fields.Nested(DraftSchema))


class HeadsSchema(Schema):
    """What the next statement on these lots has to say in `follows`."""

    lots = fields.List(fields.String())
    heads = fields.List(Hex())


class PartySchema(Schema):
    """An admitted organisation."""

    uscc = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    founded_on = fields.Date(allow_none=True)
    producing_since = fields.Date(allow_none=True)
    roles = Roles()
    entry = fields.Integer()


class PartyPageSchema(Schema):
    """A page of parties, by code."""

    items = fields.List(fields.Nested(PartySchema))
    next = fields.String(allow_none=True)


class KeySchema(Schema):
    """A key on record. From `doubted_since` on nothing that was recorded under it is believed: `doubt_entry` says so,
    of this key (`compromised_since`) or of the one that vouches for it.
    """

    kid = Hex()
    party = fields.String()
    algorithm = fields.String(attribute="public.algorithm.name", validate=OneOf(ALGORITHMS))
    jwk = Jwk(attribute="public")
    enrolled_at = Time()
    entry = fields.Integer()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    revoked_at = Time(allow_none=True)
    compromised_since = Time(allow_none=True)
    revocation_entry = fields.Integer(allow_none=True)
    replaced_by = Hex(allow_none=True)
    doubted_since = Time(allow_none=True)
    doubt_entry = fields.Integer(allow_none=True)


class SaidSchema(Schema):
    """What an entry says, which may be believed no more: `doubt_entry` says that its key was compromised, and
    `doubted_since` from when on.
    """

    entry = fields.Integer()
    doubted_since = Time(allow_none=True)
    doubt_entry = fields.Integer(allow_none=True)


class PostSchema(SaidSchema):
    """A duty held at a party between two days. `person` is the party's own reference for the person."""

    person = fields.String()
    duty = fields.Enum(Duty, by_value=True)
    kid = Hex(allow_none=True)
    held_from = fields.Date()
    held_to = fields.Date(allow_none=True)


class PenaltySchema(SaidSchema):
    """A penalty decision."""

    number = fields.String()
    authority = fields.String()
    family = fields.String()
    facts = fields.String()
    decided_on = fields.Date()


class BanSchema(SaidSchema):
    """A ban from the trade between two days."""

    banned_from = fields.Date()
    banned_to = fields.Date(allow_none=True)


class PartyRecordSchema(PartySchema):
    """A party with its record. `posts` is null for callers who are not signed in."""

    keys = fields.List(fields.Nested(KeySchema))
    posts = fields.List(fields.Nested(PostSchema), allow_none=True)
    penalties = fields.List(fields.Nested(PenaltySchema))
    bans = fields.List(fields.Nested(BanSchema))


class ChallengeSchema(Schema):
    """What a key signs to prove possession: the three lines of `to_sign`, as UTF-8, without a newline at the end."""

    challenge = fields.String()
    to_sign = fields.String()
    expires_at = Time()


class SignInSchema(Schema):
    """The proof: the signature over `to_sign`, in base64, by the key on record with this kid."""

    kid = fields.String()
    challenge = fields.String()
    signature = fields.String()


class SessionSchema(Schema):
    """A session: the token, and whom it speaks for."""

    token = fields.String()
    party = fields.String()
    expires_at = Time()


class CallerSchema(Schema):
    """Who is signed in."""

    party = fields.String(attribute="uscc")
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    roles = Roles()


class VerificationKeySchema(Schema):
    """A key with all its names, for other people's tools."""

    kid = Hex()
    algorithm = fields.String(validate=OneOf(ALGORITHMS))
    jwk = Jwk()
    pem = fields.String()


class LedgerKeySchema(VerificationKeySchema):
    """The ledger's key; `verifier_key` is what C2SP tools take."""

    verifier_key = fields.String()


class LedgerSchema(Schema):
    """This ledger: its name, its newest checkpoint, and the keys that its proofs rest on."""

    origin = fields.String()
    title = fields.String()
    is_demonstration = fields.Boolean()
    regulator = fields.String()
    size = fields.Integer()
    root = Hex()
    recorded_at = Time()
    checkpoint = fields.String(metadata={"description": "The signed note (C2SP tlog-checkpoint)."})
    ledger_key = fields.Nested(LedgerKeySchema)
    root_key = fields.Nested(VerificationKeySchema)


class KindSchema(Schema):
    """A kind of statement: who may sign it, with which duty, who may read it, and its body's schema in the document."""

    tag = fields.String()
    signers = Roles()
    duty = fields.Enum(Duty, by_value=True, allow_none=True)
    readers = fields.Enum(Readers, by_value=True)
    schema = fields.String()


class KindsSchema(Schema):
    """All kinds that this registry admits."""

    items = fields.List(fields.Nested(KindSchema))


class CopperMonthSchema(Schema):
    """One month of a maker's copper in kilograms; `entries` prove it, of `untold` the copper can't be told."""

    month = fields.Date()
    received_kg = Amount()
    given_kg = Amount()
    needed_kg = Amount()
    entries = fields.List(fields.Integer())
    untold = fields.List(fields.Integer())


class CopperMonthsSchema(Schema):
    """A maker's copper by month, between two days that are both included."""

    party = fields.String()
    since = fields.Date()
    until = fields.Date()
    months = fields.List(fields.Nested(CopperMonthSchema))
