"""The first page: what this is, how the ledger stands; and search, which takes any number there is."""

import hashlib

import pytest

from tests.api.pages.conftest import FAILING, FORGED, HOSTILE, SCRIPT
from tests.factories import BATCH, DRUM, OCID, uri_of, uscc_of
from tests.pages import text_of
from trace.ledger.store import latest_checkpoint


def test_home_says_what_this_is_and_how_the_ledger_stands(read, registry):
    text = text_of(read("/"))
    assert "May these goods be used?" in text
    with registry[0].extensions["suzheng"].database.reading() as session:
        checkpoint = latest_checkpoint(session)
    assert checkpoint is not None
    assert f"Entries {checkpoint.size}" in text
    assert checkpoint.root.hex()[:16] in text


def test_home_speaks_chinese(read):
    assert "这批货，能不能用？" in read("/", "zh")


def test_home_shows_grave_findings_with_their_evidence(read):
    html = read("/")
    assert 'class="finding of-critical"' in html or 'class="finding of-block"' in html
    assert 'href="/entries/' in html


def test_the_demonstrations_addresses_are_for_that_ledger_alone(registry, read):
    shell = registry[0].extensions["suzheng"]
    assert shell.registry.is_demonstration
    assert "Worth opening first" not in read("/") or "/findings" in read("/")


def found(client, text):
    """Where a search leads: an address, or the addresses in the list."""
    response = client.get("/search", query_string={"q": text, "lang": "en"}, headers={"Accept": "text/html"})
    if response.status_code == 302:
        return [response.headers["Location"].partition("?lang")[0]]
    assert response.status_code == 200, response.status_code
    html = response.get_data(as_text=True)
    return [part.partition('"')[0] for part in html.split('class="hit" href="')[1:]]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (uri_of(DRUM), f"/{DRUM}"),
        (uri_of(DRUM).replace("id.gs1.org", "another.example") + "?linkType=all", f"/{DRUM}"),
        (DRUM, f"/{DRUM}"),
        ("(01)06901234567892(10)A1(21)D001", f"/{DRUM}"),
        ("010690123456789210A1\x1d21D001", f"/{DRUM}"),
        ("https://r.example/CwyNo0UVqIVC", "/01/06901234567892/10/A1"),
        ("d001", f"/{DRUM}"),
        ("A1 D001", f"/{DRUM}"),
        ("A1 · D001", f"/{DRUM}"),
        ("A1", f"/{BATCH}"),
        ("01/06901234567892/10/NEVER", "/01/06901234567892/10/NEVER"),
        (FORGED, f"/reports/{uscc_of('lab')}/{FORGED}"),
        (FAILING, f"/reports/{uscc_of('lab')}/{FAILING}"),
        (FAILING.lower()[:-1], f"/reports/{uscc_of('lab')}/{FAILING}"),
        (uscc_of("maker"), f"/parties/{uscc_of('maker')}"),
        ("supervis", f"/parties/{uscc_of('supervisor')}"),
        ("L1234", f"/labs/{uscc_of('lab')}"),
        ("140000000001", f"/labs/{uscc_of('lab')}"),
        ("b" * 64, f"/reports/{uscc_of('lab')}/{FORGED}"),
        ("＃3", "/entries/3"),
        ("3", "/entries/3"),
    ],
)
def test_a_number_that_names_one_thing_leads_there(client, text, address):
    assert found(client, text) == [address]


@pytest.mark.parametrize("text", ["HT-01", "CCC-0001", "P-2015-1", OCID])
def test_contracts_certificates_penalties_and_tenders_lead_to_their_entries(client, text):
    addresses = found(client, text)
    assert addresses
    assert all(address.startswith("/entries/") for address in addresses)


def test_a_leaf_and_a_key_are_found_by_their_hex(client, registry):
    _, world = registry
    leaf = client.get("/api/v1/entries/3/statement").data
    assert found(client, hashlib.sha256(leaf).hexdigest().upper()) == ["/entries/3"]
    assert found(client, world.kid("maker")) == [f"/parties/{uscc_of('maker')}#keys"]


def test_a_number_of_nothing_says_so_and_what_is_understood(read):
    text = text_of(read("/search?q=ZZZ-999", status=404))
    assert "Nothing on record goes by “ZZZ-999”" in text
    assert "18-digit social credit code" in text


def test_no_question_is_no_error(read):
    assert "Search" in read("/search?q=")


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "__",
        "\\",
        "'; DROP TABLE entry --",
        "01/%ff/10/%ff",
        "\ud800".encode("utf-8", "replace").decode(),
        "9" * 300,
        "0" * 64,
    ],
)
def test_odd_text_names_nothing_and_breaks_nothing(client, text):
    response = client.get("/search", query_string={"q": text}, headers={"Accept": "text/html"})
    assert response.status_code == 404


def test_what_was_asked_is_shown_as_text(read):
    html = read("/search?q=<script>no", status=404)
    assert "<script>no" not in html
    assert "&lt;script&gt;" in html


def test_a_hostile_name_is_shown_as_text(read):
    for path in (f"/parties/{HOSTILE}", f"/labs/{HOSTILE}", "/labs"):
        html = read(path)
        assert SCRIPT not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_question_beyond_any_number_is_refused(client):
    response = client.get("/search", query_string={"q": "x" * 301}, headers={"Accept": "text/html"})
    assert response.status_code == 400
