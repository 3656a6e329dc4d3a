"""What a regulator may say of who stands behind a party: a person, an address, a telephone, an account, or another
party that holds shares in it or controls it.

A person's data is never a leaf: persons, telephones, accounts and addresses are given by a `reference` alone, a keyed
hash that only holders of the regulator's secret can make (`references.py`). The same thing has the same reference
wherever it turns up, which is all that rules ask.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from labs.relations import register
from labs.relations.references import DOMAIN_OF
from trace.fields import Body, Day, Exact, Sha256, Uscc
from trace.kinds import Kind, Readers, Role

# What an organisation, and not only a person, may be to another.
_BY_PARTIES = frozenset({"shareholder", "controller"})


class RelationBody(Body):
    """A relation of a party between two days, both included: to a `reference`, or to the party `other`. `share_pct` is
    of the capital. Said again of the same pair with the same first day it takes the place of what was said before.
    """

    party = Uscc(required=True)
    relation = fields.String(required=True, validate=validate.OneOf(tuple(DOMAIN_OF)))
    reference = Sha256(load_default=None)
    other = Uscc(load_default=None)
    share_pct = Exact(load_default=None, validate=validate.Range(0, 100))
    related_from = Day(required=True)
    related_to = Day(load_default=None)

    def check_whole(self, data: dict[str, Any]) -> None:
        """One end, and an organisation only where one can be."""
        if (data["reference"] is None) == (data["other"] is None):
            raise ValidationError("expected either a reference or another party", "reference")
        if data["other"] is not None and data["relation"] not in _BY_PARTIES:
            raise ValidationError(f"expected a reference for {data['relation']}, got a party", "other")
        if data["other"] == data["party"]:
            raise ValidationError("expected another party than the first", "other")


STATED = Kind(
    "relation.stated",
    RelationBody,
    frozenset({Role.REGULATOR}),
    register.state_relation,
    lambda body: body["party"],
    readers=Readers.OFFICIALS,
)
KINDS = (STATED,)
