"""The recall page: who has it, who was told, who answered, how far it reached, and when it is closed."""

import csv
import re
from io import StringIO

import pytest

from api.pages.recalling import follow_recalls
from api.tracing import trace
from tests.factories import BATCH, DRUM, ROD, SISTER, lot_at, uri_of, uscc_of
from tests.pages import opened, text_of
from tests.world import HONEST

NUMBER, OTHER = "K-2017-1", "K-2017-2"
RECALLED = (
    *HONEST,
    ("2017-03-21", "regulator", "recall.ordered", {"lots": [uri_of(BATCH)]}),
    ("2017-03-28", "contractor", "recall.answered", {"lot": uri_of(DRUM)}),
)


@pytest.fixture(scope="module")
def recalled(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("recalled"), shared_folder, RECALLED) as (app, world):
        yield app, world


@pytest.fixture
def client(recalled):
    return recalled[0].test_client()


def follow(app, lot):
    with app.test_request_context("/?lang=en"):
        return follow_recalls(trace(app.extensions["suzheng"], lot))


def keepers(one):
    return {contact.keeper.party: contact.keeper for contact in one.contacts}


def test_everybody_who_has_something_of_it_is_on_the_list(recalled):
    (one,) = follow(recalled[0], BATCH).followed
    assert {party: keeper.amount for party, keeper in keepers(one).items()} == {
        uscc_of("contractor"): 500,
        uscc_of("maker"): 500,
    }


def test_reach_is_by_hands_and_by_quantity_and_says_what_is_missing(recalled):
    (one,) = follow(recalled[0], BATCH).followed
    assert (one.reach.holders_pct, one.reach.quantity_pct) == (50, 50)
    assert one.set_apart == 500
    assert one.progress == "open"
    html = recalled[0].test_client().get(f"/recall/{BATCH}?lang=en").text
    assert "Still missing: answers" in text_of(html)


def test_who_is_silent_is_marked_by_sign_and_word(recalled):
    app, _ = recalled
    (one,) = follow(app, BATCH).followed
    assert {party: keeper.has_answered for party, keeper in keepers(one).items()} == {
        uscc_of("contractor"): True,
        uscc_of("maker"): False,
    }
    assert one.overdue_days == 0
    assert text_of(app.test_client().get(f"/recall/{BATCH}?lang=en").text).count("✕ silent") == 1


def test_a_deadline_that_has_passed_is_counted_in_days(tmp_path, shared_folder):
    late = (*RECALLED, ("2017-05-01", "regulator", "spotcheck.reported", {"lots": [uri_of(SISTER)]}))
    with opened(tmp_path, shared_folder, late) as (app, _):
        (one,) = follow(app, BATCH).followed
        html = app.test_client().get(f"/recall/{BATCH}?lang=en").text
    assert one.overdue_days == 11
    assert "11 days overdue" in text_of(html)


def test_a_part_of_it_has_its_own_page_and_the_order_above_reaches_it(recalled):
    (one,) = follow(recalled[0], SISTER).followed
    assert (one.order.number, one.order.lot) == (NUMBER, BATCH)
    assert set(keepers(one)) == {uscc_of("maker")}


def test_an_order_for_a_part_is_named_and_followed_on_that_part_s_page(tmp_path, shared_folder):
    acts = (*HONEST, ("2017-03-21", "regulator", "recall.ordered", {"lots": [uri_of(DRUM)]}))
    with opened(tmp_path, shared_folder, acts) as (app, _):
        recalling = follow(app, BATCH)
        html = app.test_client().get(f"/recall/{BATCH}").text
    assert [one.order for one in recalling.followed] == [None]
    assert [order.order.number for order in recalling.elsewhere] == [NUMBER]
    assert f'href="/recall/{DRUM}"' in html


def test_it_is_closed_by_its_authority_s_word(tmp_path, shared_folder):
    acts = (
        *HONEST[:-1],
        ("2017-03-21", "regulator", "recall.ordered", {"lots": [uri_of(BATCH)]}),
        ("2017-03-28", "contractor", "recall.answered", {"lot": uri_of(DRUM), "action": "returned"}),
        ("2017-03-29", "maker", "recall.answered", {"lot": uri_of(SISTER), "action": "destroyed"}),
    )
    end = ("2017-04-01", "regulator", "recall.closed", {"number": NUMBER, "lots": [uri_of(BATCH)]})
    with opened(tmp_path, shared_folder, acts) as (app, world):
        (one,) = follow(app, BATCH).followed
        world.tell([end])
        (closed,) = follow(app, BATCH).followed
        html = app.test_client().get(f"/recall/{BATCH}?lang=en").text
    assert one.reach.returned + one.reach.destroyed == 1000
    assert (one.progress, closed.progress) == ("answered", "closed")
    assert "Closed by its authority." in html


def test_before_any_order_the_page_says_who_would_have_to_be_told(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, HONEST) as (app, _):
        (one,) = follow(app, BATCH).followed
        text = text_of(app.test_client().get(f"/recall/{BATCH}?lang=en").text)
    assert (one.order, one.progress) == (None, "none")
    assert "No recall of this very lot is in force." in text
    assert "Hands that would have to be told 2" in text


def test_answers_for_other_lots_of_the_same_order_say_nothing_here(tmp_path, shared_folder):
    other = lot_at("A9")
    acts = (
        *HONEST,
        ("2017-03-21", "regulator", "recall.ordered", {"lots": [uri_of(BATCH), uri_of(other)]}),
        ("2017-03-28", "contractor", "recall.answered", {"lot": uri_of(other), "quantity": "7000"}),
    )
    with opened(tmp_path, shared_folder, acts) as (app, _):
        (one,) = follow(app, BATCH).followed
        text = text_of(app.test_client().get(f"/recall/{BATCH}?lang=en").text)
    assert one.set_apart == 0
    assert [contact.answers for contact in one.contacts] == [(), ()]
    assert text.count("✕ silent") == 2


def test_what_was_made_of_it_is_told_lot_by_lot(recalled):
    html = recalled[0].test_client().get(f"/recall/{ROD}?lang=en").text
    assert "made of it or joined with it" in html
    assert f'href="/trace/{SISTER}"' in html


def test_the_contact_list_is_a_csv(client):
    response = client.get(f"/recall/{BATCH}?format=csv")
    rows = list(csv.DictReader(StringIO(response.text.removeprefix("\ufeff"))))
    assert response.headers["Content-Disposition"].startswith("attachment; filename=recall-A1.csv")
    answered = {row["party"]: (row["recall"], row["has_answered"], row["answers"][:22]) for row in rows}
    assert answered[uscc_of("contractor")] == (NUMBER, "yes", "2017-03-28 quarantined")
    assert answered[uscc_of("maker")] == (NUMBER, "no", "")
    assert sum(int(row["quantity"]) for row in rows) == 1000


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("lot", [BATCH, DRUM, ROD])
def test_from_any_node_in_both_languages_nothing_is_inline(client, lot, language):
    html = client.get(f"/recall/{lot}?lang={language}").text
    assert client.get(f"/recall/{lot}").status_code == 200
    assert not re.search(r"<script(?! src=)| style=|%\(|closure\.\w", html)


def test_a_number_leads_to_its_lot_or_lists_its_lots(tmp_path, shared_folder, client):
    assert client.get(f"/recalls/{NUMBER}").headers["Location"] == f"/recall/{BATCH}"
    acts = (
        *HONEST,
        ("2017-03-21", "regulator", "recall.ordered", {"number": OTHER, "lots": [uri_of(DRUM), uri_of(SISTER)]}),
        ("2017-03-28", "contractor", "recall.answered", {"number": OTHER}),
    )
    with opened(tmp_path, shared_folder, acts) as (app, _):
        html = app.test_client().get(f"/recalls/{OTHER}?lang=en").text
    assert f'href="/recall/{SISTER}"' in html
    assert "Set apart" in html


@pytest.mark.parametrize("path", ["/recalls/K-0000", f"/recall/{lot_at('Z9')}"])
def test_what_nobody_spoke_of_is_not_found(client, path):
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (404, "not-found")


def test_the_desk_is_offered_where_there_is_one(client):
    html = client.get(f"/recall/{BATCH}?lang=en").text
    has_desk = "/desk/recall?lot=" in html
    assert has_desk != ("statement sign --kind recall.ordered" in html)
