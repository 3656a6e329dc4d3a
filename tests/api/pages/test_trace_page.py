"""The trace page: every lot in the picture and in the table, hands and dates on the way, holders, CSV."""

import csv
import re
from io import StringIO

import pytest
from sqlalchemy import event

from api.pages.graph import draw
from api.pages.trace_view import View
from api.tracing import trace
from tests.factories import BATCH, DRUM, ROD, SISTER, RowBody, lot_at
from tests.lineages import lineage_of
from tests.pages import PUBLIC_URL, opened, text_of
from tests.world import HONEST, PREPARED

LENGTH = lot_at("A1", "D002-1")
CUT = (
    *HONEST,
    ("2015-06-01", "maker", "lot.split", {"taken": {SISTER: 200}, "given": {LENGTH: 200}}),
    ("2017-03-21", "regulator", "recall.ordered", {}),
    ("2017-03-28", "contractor", "recall.answered", {}),
)
"""The honest drum's life; 200 m are cut off its sister; and it is recalled and put aside."""
MANY = [lot_at("A1", f"D{number:03d}") for number in range(41)]
CROWD = (
    *PREPARED,
    ("2015-04-29", "smelter", "lot.commissioned", {}),
    ("2015-05-04", "maker", "lot.transformed", {}),
    ("2015-05-05", "maker", "lot.split", {"taken": {BATCH: 1000}, "given": dict.fromkeys(MANY, 20)}),
    ("2015-05-06", "regulator", "recall.ordered", {"lots": [f"https://id.gs1.org/{MANY[30]}"]}),
)
"""A batch cut into more drums than a column shows; a late one is recalled."""


@pytest.fixture(scope="module")
def told(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("cut"), shared_folder, CUT) as (app, _):
        yield app


@pytest.fixture(scope="module")
def crowd(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("crowd"), shared_folder, CROWD) as (app, _):
        yield app


@pytest.fixture
def client(told):
    return told.test_client()


def page(client, lot, language="en"):
    response = client.get(f"/trace/{lot}?lang={language}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def drawn(app, lot):
    with app.test_request_context("/?lang=en"):
        return draw(trace(app.extensions["suzheng"], lot), View(lot))


def lots_in(drawing):
    return [box.content.key for box in drawing.boxes if box.content.kind == "lot"]


def test_every_lot_is_in_the_picture_once(told):
    assert sorted(lots_in(drawn(told, BATCH))) == sorted([ROD, BATCH, DRUM, SISTER, LENGTH])


def test_stages_go_from_raw_material_to_the_place_of_installation(told):
    assert [name for _, name in drawn(told, BATCH).heads] == ["Raw material", "Batch", "Drum", "Cut length", "Built in"]


def test_lots_stand_under_the_name_of_their_stage(told):
    drawing = drawn(told, BATCH)
    middles = {box.content.key: box.place.x + box.place.width // 2 for box in drawing.boxes}
    heads = {name: x for x, name in drawing.heads}
    assert middles[ROD] == heads["Raw material"]
    assert middles[DRUM] == middles[SISTER] == heads["Drum"]
    assert middles[LENGTH] == heads["Cut length"]


def test_hands_and_dates_stand_on_the_way(told):
    acts = {box.lines for box in drawn(told, BATCH).boxes if box.content.kind == "act"}
    assert (("made into", ""), ("maker", ""), ("2015-05-04", "")) in acts
    assert (("Installed", ""), ("contractor", ""), ("2015-05-20", "")) in acts


def test_a_hand_over_stands_in_the_box_of_its_lot(told):
    (drum,) = (box for box in drawn(told, BATCH).boxes if box.content.key == DRUM)
    assert ("→ contractor", "2015-05-07") in drum.content.lines
    assert drum.lines[0] == ("D001", "500\u00a0m")


def test_the_lot_asked_for_stands_out_alone(told):
    assert [box.content.key for box in drawn(told, DRUM).boxes if box.is_asked] == [DRUM]


def test_a_drum_s_sisters_are_counted_and_lead_to_their_batch(told):
    (sisters,) = (box.content for box in drawn(told, DRUM).boxes if box.content.kind == "more")
    assert sisters.href == f"/trace/{BATCH}"
    assert sisters.lines[0][0].startswith("+ 1 ")
    assert SISTER not in lots_in(drawn(told, DRUM))


def test_a_crowd_is_one_box_that_says_how_many_how_much_and_what_is_wrong(crowd):
    (box,) = (box for box in drawn(crowd, BATCH).boxes if box.content.kind == "group")
    assert box.lines[0] == (f"{len(MANY)} drums", "820\u00a0m")
    assert box.lines[1] == ("maker", "")
    assert [(word, count) for word, count in box.content.tally] == [("STOP", 1), ("HOLD", len(MANY) - 1)]


def test_a_group_opens_by_its_link_and_closes_again(crowd):
    client = crowd.test_client()
    (opening,) = re.findall(r'<a href="([^"]*open=[^"]*)"', page(client, BATCH))
    opened_ = client.get(f"{opening.replace('&amp;', '&')}").text
    svg = opened_[opened_.index('<svg class="picture"') : opened_.index('<ul class="legend')]
    assert all(f'href="/trace/{lot}"' in svg for lot in MANY)
    (closing,) = re.findall(r'<a href="([^"]*)">(?:close it|收起)</a>', opened_)
    assert closing.partition("#")[0] == f"/trace/{BATCH}"


def test_what_is_looked_for_is_taken_out_of_its_group_and_marked(crowd):
    html = crowd.test_client().get(f"/trace/{BATCH}?find=d007&lang=en").text
    svg = html[html.index('<svg class="picture"') :]
    assert re.search(f'<a href="/trace/{MANY[7]}" data-box="[0-9]+" id="found-first">', svg)
    assert "halo is-found" in svg
    assert "1 found for “d007”" in text_of(html)


def test_what_is_not_there_is_not_found_and_said_so(crowd):
    html = crowd.test_client().get(f"/trace/{BATCH}?find=<b>Z9&lang=en").text
    assert "Nothing in this lineage has “<b>Z9” in its number." in text_of(html)
    assert "<b>" not in html


def test_a_way_is_followed_through_lots_and_hands(crowd):
    html = crowd.test_client().get(f"/trace/{BATCH}?path={MANY[7]}&lang=en").text
    on_way = re.findall(r'<a href="([^"]+)" data-box="\d+"(?: id="asked")? class="is-way">', html)
    assert [link for link in on_way if link.startswith("/trace/")] == [f"/trace/{BATCH}", f"/trace/{MANY[7]}"]
    assert sum(link.startswith("/entries/") for link in on_way) == 1
    assert len(re.findall(r"<path [^>]*class=\"is-way\"", html)) == 2


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (f"path={lot_at('Z9')}", 404, "not-found"),
        ("verdict=GOOD", 400, "request-malformed"),
        ("sort=colour", 400, "request-malformed"),
        ("page=0", 400, "request-malformed"),
        ("page=-1", 400, "request-malformed"),
    ],
)
def test_what_cannot_be_asked_is_refused(crowd, asked, status, code):
    response = crowd.test_client().get(f"/trace/{BATCH}?{asked}", headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_a_group_that_is_no_more_is_no_fault(crowd):
    assert crowd.test_client().get(f"/trace/{BATCH}?open=unit~nobody~nothing@99999").status_code == 200


@pytest.mark.parametrize(
    ("order", "first"), [("lot", ROD), ("-lot", MANY[-1]), ("verdict", BATCH), ("-quantity", BATCH)]
)
def test_the_table_is_in_the_order_asked_for(crowd, order, first):
    html = crowd.test_client().get(f"/trace/{BATCH}?sort={order}").text
    table = html[html.index('id="lots"') :]
    assert re.findall(r'<th scope="row"><a class="lot code" href="/trace/([^"]+)"', table)[0] == first


def test_table_and_csv_are_filtered_alike(crowd):
    client = crowd.test_client()
    html = client.get(f"/trace/{BATCH}?verdict=STOP").text
    table = html[html.index('id="lots"') :]
    assert re.findall(r'<th scope="row"><a class="lot code" href="/trace/([^"]+)"', table) == [BATCH, MANY[30]]
    (link,) = re.findall(r'href="([^"]+format=csv[^"]*)"', html)
    rows = list(csv.DictReader(StringIO(client.get(link.replace("&amp;", "&")).text.removeprefix("\ufeff"))))
    assert [row["lot"] for row in rows] == [BATCH, MANY[30]]


def test_the_table_has_the_crowd_whole(crowd):
    html = page(crowd.test_client(), BATCH)
    assert all(f'href="/trace/{lot}"' in html[html.index('id="lots"') :] for lot in MANY)


def test_the_picture_has_a_title_and_a_description_for_who_cannot_see_it(client):
    html = page(client, BATCH)
    svg = html[html.index('<svg class="picture"') :]
    assert 'role="group"' in svg[:400]
    assert re.search(r'<title id="picture-title">[^<]*A1', svg)
    assert '<desc id="picture-says">' in svg


def test_each_lot_has_its_own_verdict(client):
    html = page(client, BATCH)
    table = html[html.index('id="lots"') :]
    rows = dict(
        re.findall(
            r'<th scope="row"><a class="lot code" href="/trace/([^"]+)".*?class="verdict is-(\w+)"', table, re.DOTALL
        )
    )
    assert rows[DRUM] == "STOP"
    assert rows[SISTER] == "HOLD"
    assert set(rows) == {ROD, BATCH, DRUM, SISTER, LENGTH}


def test_findings_stand_in_place_with_their_number(tmp_path, shared_folder):
    acts = [act if act[2] != "report.issued" else (*act[:3], {"rows": [RowBody(value="7.837")]}) for act in HONEST]
    with opened(tmp_path, shared_folder, acts) as (app, _):
        html = page(app.test_client(), BATCH)
    assert re.search(r'<g class="count of-(block|critical)">', html)


def test_a_recall_is_told_with_its_answers(client):
    text = text_of(page(client, DRUM))
    assert "K-2017-1" in text
    assert "the conductor is too thin" in text
    assert "Set apart" in text


def test_each_lot_is_told_with_what_is_left_of_it(told):
    with told.test_request_context("/?lang=en"):
        rows = trace(told.extensions["suzheng"], BATCH).rows
    left = {row.lot_id: str(row.left.value) for row in rows if row.left and row.left.value > 0}
    assert left == {DRUM: "500", SISTER: "300", LENGTH: "200"}


def test_csv_has_a_row_for_every_lot(client):
    response = client.get(f"/trace/{BATCH}?format=csv")
    text = response.get_data(as_text=True)
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    assert [row["lot"] for row in rows] == [ROD, BATCH, DRUM, SISTER, LENGTH]
    assert {row["stage"] for row in rows} == {"material", "batch", "unit", "cut"}
    assert rows[3]["left"] == "300"


def test_the_ruler_is_a_csv_too(client):
    html = page(client, DRUM)
    assert 'href="?format=metres"' in html
    response = client.get(f"/trace/{DRUM}?format=metres")
    assert (response.mimetype, "metres-" in response.headers["Content-Disposition"]) == ("text/csv", True)
    rows = list(csv.DictReader(StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))
    installed = next(row for row in rows if row["act"] == "installed")
    assert (installed["from_m"], installed["to_m"]) == ("0", "500")
    assert rows[-1]["act"] == "unknown"


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(tmp_path, shared_folder):
    evil = lot_at("=1+1")
    acts = [("2015-05-04", "maker", "lot.commissioned", {"amounts": {evil: 5}})]
    with opened(tmp_path, shared_folder, acts) as (app, _):
        text = app.test_client().get(f"/trace/{evil}?format=csv").get_data(as_text=True)
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_a_lot_that_nobody_spoke_of_is_not_found(client):
    response = client.get(f"/trace/{lot_at('Z9')}", headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("lot", [ROD, BATCH, DRUM, LENGTH])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_is_left_to_be_translated_and_nothing_is_inline(client, lot, language):
    html = page(client, lot, language)
    assert not re.search(r">\s*(?:title|says(?:\.\w+)?|missing)\s*[<:.]", html)
    assert not re.search(r"<script(?! src=)", html)
    assert " style=" not in html
    assert "%(" not in html


def test_the_evidence_is_offered(client):
    (link,) = re.findall(r'href="([^"]+/evidence\.zip)"', client.get(f"/trace/{DRUM}").text)
    assert client.get(link).mimetype == "application/zip"


@pytest.mark.parametrize(("count", "holders", "stations"), [(2000, 14, 9), (2000, 900, 300), (5000, 3, 3)])
def test_the_page_of_thousands_of_lots_is_small(told, monkeypatch, count, holders, stations):
    lineage = lineage_of(count, holders=holders, stations=stations)
    monkeypatch.setattr("api.pages.trace_page.trace", lambda *_: lineage)
    assert len(told.test_client().get(f"/trace/{BATCH}").data) < 400_000


@pytest.mark.parametrize("path", ["/trace", "/recall"])
def test_as_many_questions_are_asked_for_few_lots_as_for_many(told, crowd, path):
    assert count_queries(crowd, f"{path}/{BATCH}") <= count_queries(told, f"{path}/{BATCH}") + 2


def count_queries(app, path):
    engine, seen = app.extensions["suzheng"].database.readers, []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert app.test_client().get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_on_paper_it_says_of_what_when_and_where_to_ask_again(client):
    html = client.get(f"/trace/{BATCH}?lang=en&sort=lot").text
    (foot,) = re.findall(r'<p class="paper-only small">(.*?)</p>', html)
    assert f"{PUBLIC_URL}/trace/{BATCH}?lang=en&amp;sort=lot" in foot
    assert "asked on" in foot
