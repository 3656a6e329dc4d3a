"""The page of spreadsheets: templates to take, bad rows in words, and nothing recorded."""

import io
from dataclasses import replace

import pytest

from api.app import create_app
from api.pages import bulk
from tests.api.bulk.files import dicts_to_csv, xlsx_of
from tests.api.pages.conftest import SCRIPT, signed_in
from tests.factories import uscc_of
from tests.pages import text_of
from trace.ledger.store import size_of

ROW = {"product": "06901234567892", "lot": "B7", "serial": "D1", "length": "500", "made_at": "2015-05-05 14:00"}
MAKER = uscc_of("maker")
NEW = ROW | {"type": "BV 2.5", "name_zh": "电线"}


def size(registry) -> int:
    with registry[0].extensions["suzheng"].database.reading() as session:
        return size_of(session)


@pytest.fixture
def check(client):
    """Hand a file in to be checked; status and text."""

    def post(data, what="drums", party=MAKER, language="en", name="drums.csv"):
        form = {"what": what, "party": party, "file": (io.BytesIO(data), name)}
        response = client.post(f"/import?lang={language}", data=form, headers={"Accept": "text/html"})
        return response.status_code, response.get_data(as_text=True)

    return post


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_offers_each_template(read, client, language):
    html = read("/import", language)
    for name in ("drums", "deliveries", "installations"):
        for form, start in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
            assert f"/import/{name}.{form}?lang={language}" in html
            reply = client.get(f"/import/{name}.{form}?lang={language}")
            assert reply.data.startswith(start)
            assert "attachment" in reply.headers["Content-Disposition"]


def test_good_rows_are_counted_and_nothing_is_recorded(registry, check):
    before = size(registry)
    status, html = check(dicts_to_csv([NEW, NEW | {"serial": "D2"}]))
    text = text_of(html)
    assert status == 200
    assert "2 rows: 2 good, 0 bad" in text
    assert "2 rows become 2 statements. Nothing has been recorded yet." in text
    assert f"import drums drums.csv --key key.pem --party {uscc_of('maker')}" in text
    assert size(registry) == before


@pytest.mark.parametrize(
    ("language", "rows", "place", "why"),
    [
        ("en", "2 rows: 1 good, 1 bad", "B Batch", "batch B8 is not on record"),
        ("zh", "2 行：1 行可用，1 行有误", "B 批号", "批次 B8 未登记"),
    ],
)
def test_bad_rows_are_named_in_words(check, language, rows, place, why):
    status, html = check(dicts_to_csv([NEW, ROW | {"lot": "B8"}]), language=language)
    text = text_of(html)
    assert (status, rows in text, place in text, why in text) == (200, True, True, True)


def test_a_workbook_is_checked_too(check):
    data = xlsx_of(list(NEW), list(NEW.values()))
    assert "1 row: 1 good, 0 bad" in text_of(check(data, name="drums.xlsx")[1])


@pytest.mark.parametrize(
    ("data", "more", "status", "said"),
    [
        (b"lot,colour\n1,2", {}, 422, "Heading unknown"),
        (b"lot,serial\n1,2", {}, 422, "Column missing"),
        (b"", {}, 422, "Spreadsheet unreadable"),
        (b"PK\x03\x04", {"name": "x.xlsx"}, 422, "Spreadsheet unreadable"),
        (b"x", {"party": "9111"}, 422, "Who"),
        (b"x", {"what": "cheese"}, 400, "Request"),
        (dicts_to_csv([NEW]), {"party": uscc_of("lab")}, 403, "Role"),
    ],
)
def test_a_file_that_is_refused_as_a_whole_says_why(check, data, more, status, said):
    told, html = check(data, **more)
    assert told == status
    assert "✕" in html
    assert said.lower() in text_of(html).lower()


def test_files_and_lists_are_bounded(check, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_ROWS_HERE", 2)
    status, html = check(dicts_to_csv([NEW] * 3))
    assert (status, "at most 2 rows" in html) == (413, True)
    monkeypatch.setattr(bulk, "MAX_FILE_BYTES", 50)
    status, html = check(dicts_to_csv([NEW]))
    assert (status, "at most 50 bytes" in html) == (413, True)


def test_what_strangers_write_stays_text(check):
    _, html = check(dicts_to_csv([NEW | {"length": SCRIPT.replace(",", "")}]), name=f"{SCRIPT}.csv")
    assert SCRIPT not in html


def test_whoever_is_signed_in_is_asked_for_no_code(registry):
    html = signed_in(registry, "maker").get("/import?lang=en").get_data(as_text=True)
    assert f'value="{uscc_of("maker")}"' in html


def test_an_address_may_check_a_few_times_a_minute(registry):
    app = create_app(replace(registry[0].extensions["suzheng"].settings, rate_limit="600 per minute"))
    client = app.test_client()
    statuses = [client.post("/import", data={"what": "drums"}).status_code for _ in range(11)]
    app.extensions["suzheng"].database.close()
    assert statuses == [422] * 10 + [429]


# --- drafts for a browser to sign ---


def ask(client, data, party=MAKER, **headers):
    form = {"what": "drums", "party": party, "file": (io.BytesIO(data), "drums.csv")}
    return client.post("/import/drafts", data=form, headers={"Accept": "application/json", **headers})


def test_what_is_left_of_a_file_is_drafted_for_the_key_of_the_session(registry):
    client, before = signed_in(registry, "maker"), size(registry)
    told = ask(client, dicts_to_csv([NEW, NEW | {"serial": "D2"}])).get_json()
    assert [draft["kind"] for draft in told["drafts"]] == ["lot.commissioned", "lot.split"]
    assert told["drafts"][1]["after"] == [0]
    assert (told["rows"], told["count"], told["bad"], told["standing"]) == ([0, 2], 2, 0, 0)
    assert size(registry) == before


def test_while_a_row_is_bad_nothing_is_drafted(registry):
    told = ask(signed_in(registry, "maker"), dicts_to_csv([NEW, NEW])).get_json()
    assert (told["drafts"], told["bad"]) == ([], 1)


def test_drafts_are_for_those_who_have_signed_in_and_for_themselves(registry, client):
    data = dicts_to_csv([NEW])
    assert ask(client, data).status_code == 401
    assert ask(signed_in(registry, "dealer"), data).get_json()["code"] == "issuer-mismatch"
    foreign = ask(signed_in(registry, "maker"), data, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.get_json()["code"] == "origin-foreign"
