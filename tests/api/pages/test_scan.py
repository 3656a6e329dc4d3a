"""The scan page: the right word and reason first, the same as JSON, small, and honest about what it did not check."""

import re

import pytest
from sqlalchemy import event

from labs.casework.register import mark_stale
from tests.factories import BATCH, CABLE_GTIN, DRUM, SISTER, RowBody, lot_at, uscc_of
from tests.pages import PUBLIC_URL, opened, text_of
from tests.world import HONEST, MADE, PREPARED, SOLD
from trace.kinds import Duty

THIN = (
    *PREPARED,
    *MADE,
    *SOLD,
    ("2015-05-08", "maker", "post.held", {"person": "sampler-1", "duty": Duty.SAMPLER}),
    ("2015-05-08", "maker", "sample.drawn", {"position_m": "2"}),
    ("2015-05-08", "lab", "sample.received", {}),
    ("2015-05-12", "lab", "report.issued", {"rows": [RowBody(value="7.837", verdict="pass")]}),
    ("2015-05-13", "contractor", "paper.presented", {"number": "R-2015-666"}),
)
"""The maker draws the sample itself, the value fails though the report says pass, an unsigned paper is shown."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("honest"), shared_folder, HONEST) as (app, _):
        yield app


@pytest.fixture(scope="module")
def thin(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("thin"), shared_folder, THIN) as (app, _):
        yield app


@pytest.fixture
def client(honest):
    return honest.test_client()


def page(client, lot, language="en", status=200):
    response = client.get(f"/{lot}?lang={language}", headers={"Accept": "text/html"})
    assert response.status_code == status
    return response.get_data(as_text=True)


def test_the_band_comes_first_with_word_sign_and_one_reason(client):
    html = page(client, DRUM)
    band = html[html.index('<section class="band') : html.index("</section>")]
    assert "is-USE" in band
    assert "<svg" in band
    assert band.count("band-reason") == 1
    assert html.index('class="band') < html.index("<h2")


@pytest.mark.parametrize(("language", "word"), [("en", "Use"), ("zh", "可用")])
def test_the_word_is_in_the_language_asked_for(client, language, word):
    assert f'<h1 class="band-word">{word}</h1>' in page(client, DRUM, language)


def test_what_stands_on_the_drum_is_there_to_compare(client):
    text = text_of(page(client, DRUM))
    for printed in ("BV 2.5", "D001", "A1", CABLE_GTIN, "500 m", "maker"):
        assert printed in text


def test_lab_result_and_sampling_are_told(client):
    text = text_of(page(client, DRUM))
    assert "R-2015-001" in text
    assert "Sampled by contractor" in text
    assert "witnessed by supervisor" in text
    assert "230 m from the outer end of a drum of 500 m" in text


def test_the_last_place_is_where_it_is_built_in(client):
    assert "station 3" in text_of(page(client, DRUM))


def test_a_batch_that_was_cut_up_lies_with_the_holders_of_its_parts(client):
    text = text_of(page(client, BATCH))
    assert "It has been divided; each part has its own holder." in text
    assert "nobody has recorded a hand-over" not in text


def test_what_was_taken_out_again_is_no_longer_built_in(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, [*HONEST, ("2015-06-20", "contractor", "lot.removed", {})]) as (app, _):
        assert "station 3" not in page(app.test_client(), DRUM)


def test_a_drum_without_report_is_held_for_the_report(client):
    html = page(client, SISTER)
    assert "band is-HOLD" in html
    assert "No lab has issued a current report" in html[: html.index("</section>")]


def test_a_thin_conductor_stops_and_says_by_how_much(thin):
    html = page(thin.test_client(), DRUM)
    assert "band is-STOP" in html
    assert "7.41" in text_of(html[: html.index("</section>")])


def test_a_paper_that_its_lab_never_signed_is_named(thin):
    text = text_of(page(thin.test_client(), DRUM))
    assert "A paper was shown that this lab never signed" in text
    assert "R-2015-666" in text


def test_a_paper_that_its_lab_did_sign_raises_no_alarm(client):
    assert "never signed" not in page(client, DRUM)


def test_what_was_not_checked_is_said(client, thin):
    assert "Only you can compare the print" in page(client, DRUM)
    assert "The middle of the drum" not in page(client, DRUM)
    assert "The middle of the drum" in page(thin.test_client(), DRUM)


def test_a_number_that_nobody_registered_is_unknown_and_not_found(client):
    html = page(client, lot_at("Z9", "D777"), status=404)
    assert "band is-UNKNOWN" in html
    assert "D777" in html
    assert "What was checked" not in html


@pytest.mark.parametrize("path", ["01/06901234567893/10/A1", "01/123/10/A1", f"01/{CABLE_GTIN}/10/A%20B"])
def test_a_number_that_cannot_be_right_is_a_problem(client, path):
    response = client.get(f"/{path}", headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response.get_json()["code"] == "digital-link-invalid"


def test_a_13_digit_gtin_is_the_same_product(client):
    assert "band is-USE" in page(client, DRUM.replace(f"01/{CABLE_GTIN}", f"01/{CABLE_GTIN[1:]}"))


def test_json_says_the_same(client):
    response = client.get(f"/{DRUM}?lang=en", headers={"Accept": "application/json"})
    told = response.get_json()
    assert (told["verdict"], told["lot"], told["uri"]) == ("USE", DRUM, f"{PUBLIC_URL}/{DRUM}")
    assert told["reason"]["says"] in page(client, DRUM)
    assert told["product"]["maker"] == {"party": uscc_of("maker"), "name": "maker"}
    assert told["reports"][0]["sample"]["position_m"] == "230"
    assert [gate["name"] for gate in told["gates"]] == ["made", "inspected", "reported", "delivered", "accepted"]
    assert "Accept" in response.headers["Vary"]


def test_a_phone_that_takes_anything_gets_the_page(client):
    assert client.get(f"/{DRUM}", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_a_verdict_is_asked_for_anew_each_time(client):
    assert client.get(f"/{DRUM}").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("lot", [DRUM, SISTER, BATCH])
def test_page_and_style_sheet_stay_under_50_kilobytes(client, thin, lot):
    for one in (client, thin.test_client()):
        html = page(one, lot, "zh")
        (sheet,) = re.findall(r'href="(/static/style\.css\?v=\w+)"', html)
        response = one.get(sheet, buffered=True)
        assert "immutable" in response.headers["Cache-Control"]
        assert len(html.encode()) + len(response.data) < 50_000


def test_the_page_needs_no_script_and_no_inline_style(client, thin):
    for html in (page(client, DRUM), page(thin.test_client(), DRUM)):
        # One file, run after the page is there, and nothing on the page waits for it.
        assert re.findall(r"<script[^>]*>", html) == re.findall(r'<script src="/static/scan\.js\?v=\w+" defer>', html)
        assert " style=" not in html


@pytest.mark.parametrize("word", ["genuine", "authentic", "正品", "真品"])
def test_nothing_is_called_genuine(client, thin, word):
    for language in ("en", "zh"):
        assert word not in page(client, DRUM, language).lower()
        assert word not in page(thin.test_client(), DRUM, language).lower()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_is_left_to_be_translated(client, thin, language):
    for html in (page(client, DRUM, language), page(thin.test_client(), DRUM, language)):
        assert not re.search(r">\s*(?:title|says(?:\.\w+)?|missing|unchecked\.\w+)\s*[<:.]", html)
        assert "%(" not in html


def test_chinese_is_punctuated_as_chinese(client, thin):
    for reader in (client, thin.test_client()):
        said = text_of(page(reader, DRUM, "zh"))
        assert re.findall(r"[\u4e00-\u9fff] ?[,.:;](?=\s|$)|\([^)]*[\u4e00-\u9fff]", said) == []


def test_every_entry_named_is_a_link(client):
    assert re.search(r'<a class="entry" href="/entries/\d+">', page(client, DRUM))


def test_what_to_do_when_it_does_not_match_is_told_without_a_form(client):
    response = client.get(f"/mismatch/{DRUM}?lang=en")
    html = response.get_data(as_text=True)
    assert response.status_code == 200
    assert f'<form class="card form" method="post" action="/mismatch/{DRUM}"' in html
    assert "nobody is called for it" in html
    assert f'href="/parties/{uscc_of("regulator")}"' in html


def test_the_language_switch_keeps_the_page(client):
    assert f'href="/{DRUM}?lang=zh"' in page(client, DRUM, "en")


def test_the_page_asks_the_database_no_more_than_it_did(honest, client):
    """What was judged is asked for in two questions. Else it is 60: a verdict may not grow with what people note."""
    database = honest.extensions["suzheng"].database
    asked: list[str] = []

    def see(_connection, _cursor, statement, *_):
        asked.append(" ".join(statement.split()))

    page(client, DRUM)
    event.listen(database.readers, "before_cursor_execute", see)
    try:
        page(client, DRUM)
        kept = asked[:]
        with database.writing() as session:
            mark_stale(session, [DRUM], 1)
        asked.clear()
        page(client, DRUM)
    finally:
        event.remove(database.readers, "before_cursor_execute", see)
    assert len(kept) <= 4
    assert len(asked) <= 60
    assert sum("FROM scan" in each for each in asked) == 1


def test_only_the_scan_page_may_ask_where_somebody_is(client):
    assert "geolocation=(self)" in client.get(f"/{DRUM}").headers["Permissions-Policy"]
    assert "geolocation=()" in client.get("/findings").headers["Permissions-Policy"]
