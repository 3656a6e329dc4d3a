"""What may be said of buying: tender published, suppliers qualified, award made, contract signed. Prices stay with the
parties.
"""

from marshmallow import fields, validate

from trace.bidding import register
from trace.fields import Body, Day, Exact, Uscc, Words
from trace.kinds import Kind, Readers, Role
from trace.reading import Pairs, Text

# GB/T 40058-2021: 4 of the year, 6 of the region, 2 of the department, 2 of the type, 5 at random and one that checks
# them. How that one is reckoned is not known to us, so it is kept and not checked.
_PROJECT = r"20[0-9]{2}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}"


class TenderBody(Body):
    """OCDS tender: what is bought, on which technical terms; for which project (its code at the development and reform
    commission) and which section of it, as the trading centre numbers that.
    """

    ocid = Words(80, required=True)
    buyer = Uscc(required=True)
    title = Words(required=True)
    published_on = Day(required=True)
    technical_terms = fields.List(Words(300), load_default=list, validate=validate.Length(max=100))
    project = Text(24, pattern=_PROJECT, load_default=None)
    section = Words(80, load_default=None)


class Supplier(Body):
    """A party on the list, from a day on, until suspended."""

    party = Uscc(required=True)
    listed_on = Day(required=True)
    suspended_on = Day(load_default=None)


class QualifiedBody(Body):
    """The outcome of a review of suppliers for a contracting process."""

    ocid = Words(80, required=True)
    suppliers = fields.List(fields.Nested(Supplier), required=True, validate=validate.Length(1, 200))


class AwardBody(Body):
    """OCDS award: who won."""

    ocid = Words(80, required=True)
    winner = Uscc(required=True)
    awarded_on = Day(required=True)
    value_cny = Exact(load_default=None)


class Item(Body):
    """What was contracted."""

    type = Words(80, required=True)
    standard = Words(80, load_default=None)
    attributes = Pairs(Words(40), Words(40), 30, load_default=dict)
    quantity = Exact(required=True)
    unit = fields.String(required=True, validate=validate.Regexp(r"[A-Z0-9]{2,3}\Z"))
    unit_price_cny = Exact(load_default=None)


class ContractBody(Body):
    """OCDS contract, signed by the buyer: winner, maker, specification, quantity."""

    ocid = Words(80, required=True)
    number = Words(80, required=True)
    supplier = Uscc(required=True)
    maker = Uscc(required=True)
    signed_on = Day(required=True)
    item = fields.Nested(Item, required=True)
    authorised = fields.List(Uscc(), load_default=list, validate=validate.Length(max=20))


_BUYERS = frozenset({Role.PURCHASER, Role.CONTRACTOR, Role.TENDER_AGENCY})

TENDER_PUBLISHED = Kind("tender.published", TenderBody, _BUYERS, register.publish_tender, lambda body: body["ocid"])
SUPPLIERS_QUALIFIED = Kind(
    "suppliers.qualified",
    QualifiedBody,
    _BUYERS | {Role.SUPERVISOR},
    register.qualify_suppliers,
    lambda body: body["ocid"],
)
AWARD_MADE = Kind(
    "award.made", AwardBody, _BUYERS, register.make_award, lambda body: body["ocid"], readers=Readers.PARTIES
)
CONTRACT_SIGNED = Kind(
    "contract.signed",
    ContractBody,
    frozenset({Role.PURCHASER, Role.CONTRACTOR}),
    register.sign_contract,
    lambda body: body["number"],
    readers=Readers.PARTIES,
)
KINDS = (TENDER_PUBLISHED, SUPPLIERS_QUALIFIED, AWARD_MADE, CONTRACT_SIGNED)
