"""What a lab was allowed to do on a day has one answer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from labs.accreditation.register import (
    Analyst,
    AuthorisationEnding,
    Reinstatement,
    ScopePart,
    Site,
    Suspension,
)
from labs.accreditation.standing import LabRecord, Rest, stand_on
from labs.instruments.register import Retirement
from tests.facts import ACCREDITATION, CALIBRATION, LAB, SCOPE, SIGNATORY, SITE

VOLTAGE = replace(SCOPE, parameter="voltage_test", method="GB/T 3048.8-2007", valid_to=date(2016, 12, 31))
HELD = replace(ACCREDITATION, scope=(SCOPE, VOLTAGE))
RECORD = LabRecord(accreditations=(HELD,), signatories=(SIGNATORY,), calibrations=(CALIBRATION,))
PAUSE = Suspension(20, LAB, date(2015, 3, 3), None)
DAY = date(2015, 3, 3)


def states(record, day):
    standing = stand_on(record, day)
    return standing.state, tuple(permit.state for permit in standing.permits)


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2013, 12, 31), ("future", ("future", "future"))),
        (date(2014, 1, 1), ("valid", ("open", "open"))),
        (date(2016, 12, 31), ("valid", ("open", "open"))),
        (date(2017, 1, 1), ("valid", ("open", "lapsed"))),
        (date(2019, 12, 31), ("valid", ("open", "lapsed"))),
        (date(2020, 1, 1), ("lapsed", ("lapsed", "lapsed"))),
    ],
)
def test_first_and_last_days_are_in(day, answer):
    assert states(RECORD, day) == answer


def test_a_lab_of_which_nothing_is_on_record_has_none():
    assert states(LabRecord(), DAY) == ("none", ())


@pytest.mark.parametrize(
    ("pause", "answer"),
    [
        (PAUSE, ("suspended", ("suspended", "suspended"))),
        (replace(PAUSE, suspended_to=DAY), ("suspended", ("suspended", "suspended"))),
        (replace(PAUSE, suspended_from=DAY + timedelta(days=1)), ("valid", ("open", "open"))),
        (replace(PAUSE, scope=(ScopePart("cable", "voltage_test"),)), ("partly", ("open", "suspended"))),
        (replace(PAUSE, scope=(ScopePart("cable"),)), ("suspended", ("suspended", "suspended"))),
        (replace(PAUSE, scope=(ScopePart("wire"),)), ("valid", ("open", "open"))),
    ],
)
def test_a_suspension_rests_what_it_names(pause, answer):
    assert states(replace(RECORD, suspensions=(pause,)), DAY) == answer


@pytest.mark.parametrize(
    ("lifted", "answer"),
    [
        (Reinstatement(21, LAB, DAY, None), ("valid", ("open", "open"))),
        (Reinstatement(21, LAB, DAY + timedelta(days=1), None), ("suspended", ("suspended", "suspended"))),
        (Reinstatement(19, LAB, DAY, None), ("suspended", ("suspended", "suspended"))),
        (Reinstatement(21, LAB, DAY, date(2014, 1, 1)), ("suspended", ("suspended", "suspended"))),
        (Reinstatement(21, LAB, DAY, None, (ScopePart("cable", "voltage_test"),)), ("partly", ("suspended", "open"))),
    ],
)
def test_what_lifts_it_gives_back_what_it_names(lifted, answer):
    assert states(replace(RECORD, suspensions=(PAUSE,), reinstatements=(lifted,)), DAY) == answer


def test_two_parts_given_back_one_after_the_other_are_all():
    parts = (ScopePart("cable", "voltage_test"), ScopePart("cable", "conductor_resistance"))
    lifted = tuple(Reinstatement(21 + at, LAB, DAY, None, (part,)) for at, part in enumerate(parts))
    record = replace(RECORD, suspensions=(PAUSE,), reinstatements=lifted)
    assert {permit.state for permit in stand_on(record, DAY).permits} == {"open"}


def test_a_permit_names_what_suspends_it():
    (permit, _) = stand_on(replace(RECORD, suspensions=(PAUSE,)), DAY).permits
    assert permit.rest == Rest(DAY, None, PAUSE)


def test_who_may_sign_and_test_that_day_and_until_when():
    analyst = Analyst(15, LAB, "analyst-1", ("*",), date(2015, 1, 1), date(2015, 12, 31))
    endings = (
        AuthorisationEnding(22, LAB, "signatory-1", "signatory", DAY),
        AuthorisationEnding(23, LAB, "analyst-1", "signatory", date(2015, 1, 1)),
    )
    record = replace(RECORD, analysts=(analyst,), endings=endings)
    standing = stand_on(record, DAY)
    assert [person.until for person in standing.signatories] == [DAY]
    assert [person.until for person in standing.analysts] == [date(2015, 12, 31)]
    assert stand_on(record, DAY + timedelta(days=1)).signatories == ()


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2015, 1, 9), ()),
        (date(2015, 1, 10), (("calibrated", date(2016, 1, 9)),)),
        (date(2016, 1, 9), (("calibrated", date(2016, 1, 9)),)),
        (date(2016, 1, 10), (("overdue", date(2016, 1, 9)),)),
    ],
)
def test_an_instrument_holds_from_its_calibration_to_its_due_day(day, answer):
    assert tuple((one.state, one.until) for one in stand_on(RECORD, day).instruments) == answer


def test_an_instrument_out_of_use_says_so():
    record = replace(RECORD, retirements=(Retirement(30, LAB, "B-7", date(2015, 3, 2)),))
    assert [one.state for one in stand_on(record, DAY).instruments] == ["retired"]


def test_a_site_has_the_address_of_the_newest_assessment():
    again = replace(HELD, entry=40, sites=(Site("1", "2 New Road"), Site("2", "3 Other Road")))
    record = replace(RECORD, accreditations=(HELD, again))
    assert [site.address for site in stand_on(RECORD, DAY).sites] == [SITE.address]
    assert [site.address for site in stand_on(record, DAY).sites] == ["2 New Road", "3 Other Road"]
