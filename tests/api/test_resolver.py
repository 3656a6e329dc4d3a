"""Digital Links as other people's tools follow them: typed links, the linkset, and no more queries for more reports."""

import pytest
from sqlalchemy import event

from labs.reports.register import read_standing
from tests.factories import BATCH, CABLE_GTIN, DRUM, ROD, SISTER, uri_of
from tests.pages import PUBLIC_URL, opened
from tests.world import HONEST

VOC = "https://ref.gs1.org/voc/"
LINKSET = "application/linkset+json"
FORGED = "R-2015-777"
STRANGER = "01/06901234567892/10/NOBODY"
ACTS = (
    *HONEST,
    # One that the lab withdraws by its word, and one for the batch, which holds for its drums.
    ("2015-06-01", "lab", "report.issued", {"number": FORGED, "lots": [uri_of(DRUM)]}),
    ("2015-06-02", "lab", "report.denied", {"number": FORGED, "lots": [uri_of(DRUM)]}),
    ("2015-06-03", "lab", "report.issued", {"number": "R-2015-BATCH", "lots": [uri_of(BATCH)]}),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("resolver"), shared_folder, ACTS) as (app, _):
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


def linkset(client, lot, **headers):
    response = client.get(f"/{lot}?linkType=linkset", headers=headers)
    assert (response.status_code, response.mimetype) == (200, LINKSET)
    return response.json["linkset"]


@pytest.mark.parametrize("name", ["gs1:traceability", VOC + "traceability"])
def test_a_type_is_followed_by_either_of_its_names(client, name):
    response = client.get(f"/{DRUM}", query_string={"linkType": name})
    assert (response.status_code, response.headers["Location"]) == (307, f"/trace/{DRUM}")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("term", "accept", "location"),
    [
        ("pip", "text/html", f"/{DRUM}"),
        ("pip", "application/json", f"/api/v1/lots/{DRUM}"),
        ("traceability", "application/json", f"/api/v1/lots/{DRUM}/trace"),
        ("traceability", "image/png", f"/trace/{DRUM}"),
        ("certificationInfo", "text/html", f"/{DRUM}#tested"),
        ("certificationInfo", "application/zip", f"/api/v1/lots/{DRUM}/evidence.zip"),
        ("recallStatus", "text/html", f"/recall/{DRUM}"),
    ],
)
def test_the_form_that_is_liked_best_is_followed_and_is_there(client, term, accept, location):
    response = client.get(f"/{DRUM}?linkType=gs1:{term}", headers={"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (307, location)
    path, _, place = location.partition("#")
    found = client.get(path, headers={"Accept": accept})
    assert found.status_code == 200
    assert not place or f'id="{place}"' in found.get_data(as_text=True)


def test_what_else_is_asked_goes_along(client):
    response = client.get(f"/{DRUM}?17=261031&linkType=gs1:certificationInfo&lang=en")
    assert response.headers["Location"] == f"/{DRUM}?17=261031&lang=en#tested"


@pytest.mark.parametrize("query", ["", "?linkType=gs1:defaultLink", "?17=261031"])
def test_without_another_type_the_address_itself_answers_and_names_its_linkset(client, query):
    response = client.get(f"/{DRUM}{query}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert f'<{PUBLIC_URL}/{DRUM}?linkType=linkset>; rel="linkset"; type="{LINKSET}"' in response.headers["Link"]


@pytest.mark.parametrize("wanted", ["gs1:recipeInfo", "traceability", "https://example.com/traceability", ""])
def test_a_type_without_links_is_not_found_and_says_which_there_are(client, wanted):
    response = client.get(f"/{DRUM}", query_string={"linkType": wanted}, headers={"Accept": "application/json"})
    assert (response.status_code, response.json["code"]) == (404, "link-unknown")
    assert "gs1:traceability" in response.json["expected"]


@pytest.mark.parametrize("query", ["linkset", "gs1:traceability"])
def test_a_lot_that_nobody_spoke_of_leads_nowhere(client, query):
    response = client.get(f"/{STRANGER}?linkType={query}", headers={"Accept": "application/json"})
    assert (response.status_code, response.json["code"]) == (404, "lot-unknown")


def test_who_accepts_a_linkset_gets_it(client):
    asked = client.get(f"/{DRUM}", headers={"Accept": LINKSET})
    assert asked.json["linkset"] == linkset(client, DRUM)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in asked.headers["Link"]


def test_a_unit_has_its_lots_and_its_products_links_too_and_every_one_leads_somewhere(client):
    product = f"/01/{CABLE_GTIN}"
    anchors = [f"{PUBLIC_URL}/{DRUM}", f"{PUBLIC_URL}/{BATCH}", PUBLIC_URL + product]
    unit, lot, whole = linkset(client, DRUM)
    assert [part["anchor"] for part in (unit, lot, whole)] == anchors
    assert [part["anchor"] for part in linkset(client, BATCH)] == anchors[1:]
    assert [part["anchor"] for part in linkset(client, product[1:])] == anchors[2:]
    for part in (unit, lot, whole):
        expected = {"defaultLink", "pip", "traceability", "certificationInfo", "recallStatus"}
        assert {name.removeprefix(VOC) for name in part} - {"anchor", "description"} == (
            {"defaultLink", "pip"} if part is whole else expected
        )
        links = [link for name, links in part.items() if name.startswith(VOC) for link in links]
        for link in links:
            assert link["href"].startswith(PUBLIC_URL)
            assert link["title"]
            path = link["href"].removeprefix(PUBLIC_URL).partition("#")[0]
            found = client.get(path, headers={"Accept": link["type"]})
            assert (found.status_code, found.mimetype) == (200, link["type"]), path
            if "hreflang" in link:
                assert [found.headers["Content-Language"]] == link["hreflang"]


def test_reports_are_linked_where_they_are_about_and_none_that_its_lab_denies(client):
    told = {}
    for part in linkset(client, DRUM):
        pages = {link["href"].partition("?")[0] for link in part.get(VOC + "certificationInfo", ())}
        told[part["anchor"]] = {page.rpartition("/")[2] for page in pages if "/reports/" in page}
    assert told[f"{PUBLIC_URL}/{BATCH}"] == {"R-2015-BATCH"}
    assert FORGED not in told[f"{PUBLIC_URL}/{DRUM}"]
    assert told[f"{PUBLIC_URL}/{DRUM}"]


def test_titles_come_in_both_languages_and_the_description_in_the_readers(client):
    pages = linkset(client, DRUM)[0][VOC + "pip"][:2]
    assert [(page["hreflang"], page["title"]) for page in pages] == [
        (["zh"], "产品信息与使用结论"),
        (["en"], "What it is, and whether to use it"),
    ]
    zh, en = (linkset(client, DRUM, **{"Accept-Language": tongue})[0]["description"] for tongue in ("zh", "en"))
    assert zh != en


def test_a_bounded_number_of_queries_answers(app, client):
    asked: list[str] = []
    engine = app.extensions["suzheng"].database.readers

    def see(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        counts = {}
        for query in ("linkset", "gs1:traceability"):
            for lot in (DRUM, SISTER):
                asked.clear()
                client.get(f"/{lot}?linkType={query}")
                counts[query, lot] = len(asked)
    finally:
        event.remove(engine, "before_cursor_execute", see)
    assert max(counts["gs1:traceability", lot] for lot in (DRUM, SISTER)) <= 2  # BEGIN and one question
    # BEGIN, names, keys in doubt, reports.
    assert max(counts["linkset", lot] for lot in (DRUM, SISTER)) <= 5


@pytest.mark.parametrize("lot", [DRUM, SISTER, BATCH, ROD])
def test_the_short_way_to_standing_reports_is_the_long_one(app, lot, monkeypatch):
    with app.extensions["suzheng"].database.reading() as session:
        short = read_standing(session, [lot, BATCH])
        monkeypatch.setattr("labs.reports.register.read_doubted_keys", lambda session: ("some",))
        assert short == read_standing(session, [lot, BATCH])


def test_the_resolver_describes_itself(client):
    described = client.get("/.well-known/gs1resolver")
    assert described.json["resolverRoot"] == PUBLIC_URL
    assert described.json["supportedPrimaryKeys"] == ["00", "01"]
    assert described.json["supportedLinkType"] == [{"namespace": VOC, "prefix": "gs1:"}]
    assert described.headers["Access-Control-Allow-Origin"] == "*"
