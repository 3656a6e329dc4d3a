"""The time line: every act in its place and in plain words, silence shown, nothing that was said left out."""

import re

import pytest

from api.pages.timeline import LATE_DAYS, LONG_RUN, tell_timeline
from api.tracing import trace
from tests.factories import BATCH, DRUM
from tests.pages import opened, text_of
from tests.world import HONEST

SHIPPED = {"amounts": {DRUM: 1}, "eventTime": "2015-05-21T09:00:00+08:00"}
LATER = (
    *HONEST,
    *(("2015-05-21", "maker", "goods.shipped", SHIPPED) for _ in range(LONG_RUN)),
    ("2015-11-02", "contractor", "goods.accepted", {"eventTime": "2015-05-15T09:00:00+08:00"}),
    ("2017-03-21", "regulator", "recall.ordered", {}),
    ("2017-03-28", "contractor", "recall.answered", {}),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("life"), shared_folder, LATER) as (app, world):
        world.enroll("contractor", "spare")
        world.say("contractor.spare", "goods.delivered", eventTime="2017-04-02T09:00:00+08:00")
        world.say(
            "regulator",
            "key.revoked",
            kid=world.kid("contractor.spare"),
            reason="compromised",
            compromised_since="2017-03-01T00:00:00Z",
        )
        yield app


def life(app, lot, language="en"):
    with app.test_request_context(f"/?lang={language}"):
        return tell_timeline(trace(app.extensions["suzheng"], lot))


def test_the_honest_drum_s_life_is_told_in_order(app):
    titles = [step.moment.title for step in life(app, DRUM).steps]
    assert titles[:18] == [
        "Made from R1",
        "Passed its maker's own inspection",
        "Cut from A1",
        "Shipped to contractor",
        "Received from maker",
        "Delivered to site",
        "Sample S-1 drawn",
        "Signed as witness to sample S-1",
        "Sample S-1 reached the lab",
        "Whole drum measured",
        "Reported: R-2015-001",
        "Test report R-2015-001 shown",
        "Accepted",
        "Accepted",
        "Built in",
        "Shipped to contractor",
        "Recalled by order K-2017-1",
        "Answered recall K-2017-1",
    ]


def test_each_step_has_who_where_and_evidence(app):
    (built,) = (step.moment for step in life(app, DRUM).steps if step.moment.kind == "installed")
    assert built.where == "station 3"
    assert built.bits[0] == "metres 0–500"
    assert len(built.entries) == 1
    (drawn,) = (step.moment for step in life(app, DRUM).steps if step.moment.kind == "sampled")
    assert drawn.bits == ("230 m from the outer end", "witness named: supervisor")


def test_many_like_acts_in_a_row_are_one_step(app):
    run = next(step.moment for step in life(app, DRUM).steps if step.moment.count > 1)
    assert (run.count, len(run.entries)) == (LONG_RUN, LONG_RUN)


def test_long_silence_is_shown(app):
    steps = {step.moment.title: step.silent_days for step in life(app, DRUM).steps}
    assert steps["Recalled by order K-2017-1"] > 500
    assert steps["Built in"] == 0


def test_what_was_entered_late_says_so(app):
    late = {step.moment.kind: step.late_days for step in life(app, DRUM).steps if step.late_days}
    assert late == {"accepted": 172}
    assert LATE_DAYS < 172


def test_what_is_not_believed_is_struck_through_and_in_its_place(app):
    doubted = [step.moment for step in life(app, DRUM).steps if step.moment.is_doubted]
    assert [moment.kind for moment in doubted] == ["goods.delivered"]
    html = app.test_client().get(f"/trace/{DRUM}?lang=en").text
    assert re.search(r'<li class="is-doubted">.*?<strong class="is-struck">', html, re.DOTALL)


def test_no_entry_of_the_chain_is_left_out(app):
    shell = app.extensions["suzheng"]
    for lot in (DRUM, BATCH):
        told = {entry for step in life(app, lot).steps for entry in step.moment.entries}
        with app.test_request_context("/?lang=en"):
            assert {link.position for link in trace(shell, lot).history.chain} <= told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_tells_it_in_both_languages(app, language):
    html = app.test_client().get(f"/trace/{DRUM}?lang={language}").text
    text = text_of(html[html.index('id="life"') :])
    assert ("days without a word" if language == "en" else "天无任何记录") in text
    assert not re.search(r"moment\.\w+|%\(", text)


def test_a_batch_s_own_life_has_what_became_of_it(app):
    titles = [step.moment.title for step in life(app, BATCH).steps]
    assert titles[:3] == ["Made from R1", "Passed its maker's own inspection", "Cut into A1 · D001, A1 · D002"]
