"""What regulators say: penalty imposed, ban imposed, spot check reported, recall ordered; and what holders answer."""

from marshmallow import fields, validate

from trace.fields import Body, Day, Exact, Flag, LotRef, Uscc, Words
from trace.kinds import Kind, Role
from trace.oversight import register


class PenaltyBody(Body):
    """A penalty decision: its number, whom, for which family of goods, why, when."""

    party = Uscc(required=True)
    number = Words(80, required=True)
    family = Words(40, required=True)
    facts = Words(1000, required=True)
    decided_on = Day(required=True)


class BanBody(Body):
    """A ban from the trade."""

    party = Uscc(required=True)
    banned_from = Day(required=True)
    banned_to = Day(load_default=None)
    reason = Words(1000, required=True)


class SpotCheckBody(Body):
    """A regulator's own check of lots on site or at the maker's."""

    number = Words(80, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    is_passed = Flag(required=True)
    checked_on = Day(required=True)
    finding = Words(1000, load_default=None)
    report = Words(80, load_default=None)


class RecallBody(Body):
    """An order to give back lots, with a day by which every holder answers."""

    number = Words(80, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    reason = Words(1000, required=True)
    ordered_on = Day(required=True)
    deadline_on = Day(required=True)


class RecallAnswerBody(Body):
    """What a holder did with what it holds of a recalled lot."""

    number = Words(80, required=True)
    lot = LotRef(required=True)
    action = fields.String(
        required=True, validate=validate.OneOf(("quarantined", "returned", "destroyed", "removed", "not_held"))
    )
    answered_on = Day(required=True)
    quantity = Exact(load_default=None)
    unit = fields.String(load_default=None, validate=validate.Regexp(r"[A-Z0-9]{2,3}\Z"))


class RecallClosedBody(Body):
    """The end of a recall of these lots: what its authority found when it looked."""

    number = Words(80, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    closed_on = Day(required=True)
    finding = Words(1000, required=True)


_REGULATOR = frozenset({Role.REGULATOR})
_HOLDERS = frozenset({Role.PRODUCER, Role.DEALER, Role.PURCHASER, Role.CONTRACTOR})

PENALTY_IMPOSED = Kind("penalty.imposed", PenaltyBody, _REGULATOR, register.impose_penalty, lambda body: body["party"])
BAN_IMPOSED = Kind("ban.imposed", BanBody, _REGULATOR, register.impose_ban, lambda body: body["party"])
SPOT_CHECK_REPORTED = Kind(
    "spotcheck.reported",
    SpotCheckBody,
    _REGULATOR,
    register.report_spot_check,
    lambda body: body["number"],
    lambda body: body["lots"],
)
RECALL_ORDERED = Kind(
    "recall.ordered",
    RecallBody,
    _REGULATOR,
    register.order_recall,
    lambda body: body["number"],
    lambda body: body["lots"],
)
RECALL_ANSWERED = Kind(
    "recall.answered",
    RecallAnswerBody,
    _HOLDERS,
    register.answer_recall,
    lambda body: body["number"],
    lambda body: (body["lot"],),
)
RECALL_CLOSED = Kind(
    "recall.closed",
    RecallClosedBody,
    _REGULATOR,
    register.close_recall,
    lambda body: body["number"],
    lambda body: body["lots"],
)
KINDS = (PENALTY_IMPOSED, BAN_IMPOSED, SPOT_CHECK_REPORTED, RECALL_ORDERED, RECALL_ANSWERED, RECALL_CLOSED)
