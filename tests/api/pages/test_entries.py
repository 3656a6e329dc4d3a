"""An entry's page: who said what and when; the body for those who may read it; before and after; the proof."""

import hashlib

from tests.api.pages.conftest import signed_in
from tests.factories import DRUM, SISTER, uscc_of
from tests.pages import text_of
from trace.chains import read_mentions
from trace.ledger.store import read_entries_on


def position_of(registry, subject, kind):
    with registry[0].extensions["suzheng"].database.reading() as session:
        return next(entry.position for entry in read_entries_on(session, subject) if entry.kind == kind)


def chain_of(registry):
    with registry[0].extensions["suzheng"].database.reading() as session:
        return read_mentions(session, DRUM)


def test_header_and_body_are_told(read, registry):
    position = position_of(registry, "R-2015-001", "report.issued")
    html = read(f"/entries/{position}")
    text = text_of(html)
    assert "Test report" in text
    assert "lab" in text
    assert "hall 2" in text
    assert f'href="/reports/{uscc_of("lab")}/R-2015-001"' in html
    assert f'href="/{DRUM}"' in html


def test_the_leaf_is_the_hash_of_the_statement_that_is_served(read, registry, client):
    position = chain_of(registry)[1]
    data = client.get(f"/api/v1/entries/{position}/statement").data
    assert hashlib.sha256(data).hexdigest() in read(f"/entries/{position}")


def test_the_program_is_told_for_what_it_knows(read, registry):
    """The receipt is the ledger's and always Ed25519; a signature by SM2 is for other programs."""
    by_lab = read(f"/entries/{position_of(registry, 'R-2015-001', 'report.issued')}")
    by_supervisor = read(f"/entries/{position_of(registry, SISTER, 'drum.measured')}")
    for html in (by_lab, by_supervisor):
        assert "scitt-cose --receipt receipt.cose" in html
        assert "BEGIN PUBLIC KEY" in html
    assert "scitt-cose --statement" in by_lab
    assert "scitt-cose --statement" not in by_supervisor
    assert "signature is SM2, which that program does not know" in text_of(by_supervisor)


def test_the_chain_leads_back_and_forth(read, registry):
    before, here, after = chain_of(registry)[1:4]
    html = read(f"/entries/{here}")
    chain = html[html.index('class="chain"') : html.index("Its proof")]
    back, _, forth = chain.partition("is-here")
    assert f'href="/entries/{before}"' in back
    assert f'href="/entries/{after}"' in forth


def test_a_withheld_body_is_withheld_and_says_why(read, registry, client):
    position = position_of(registry, "HT-01", "contract.signed")
    html = read(f"/entries/{position}")
    assert "The body is withheld." in html
    assert "Signed-in parties" in html
    assert "1.90" not in html  # the unit price
    assert uscc_of("maker") not in html
    assert client.get(f"/api/v1/entries/{position}/statement").status_code == 403
    assert f"/entries/{position}/receipt" in html


def test_the_signer_reads_its_own(registry):
    position = position_of(registry, "HT-01", "contract.signed")
    response = signed_in(registry, "owner").get(f"/entries/{position}", headers={"Accept": "text/html"})
    assert "1.90" in response.get_data(as_text=True)
    assert "private" in response.headers["Cache-Control"]


def test_an_unchanged_page_is_not_sent_again(client, registry):
    path = f"/entries/{chain_of(registry)[1]}?lang=en"
    first = client.get(path, headers={"Accept": "text/html"})
    again = client.get(path, headers={"Accept": "text/html", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = client.get(
        path.replace("=en", "=zh"), headers={"Accept": "text/html", "If-None-Match": first.headers["ETag"]}
    )
    assert other.status_code == 200


def test_how_to_check_names_a_tool_that_is_not_ours(read, registry):
    text = text_of(read(f"/entries/{chain_of(registry)[1]}"))
    assert "scitt-cose --receipt receipt.cose" in text
    assert text.count("BEGIN PUBLIC KEY") == 2


def test_an_entry_that_is_not_there_is_not_found(read):
    read("/entries/999999", status=404)


def test_the_page_speaks_chinese(read, registry):
    assert "在链中的位置" in read(f"/entries/{chain_of(registry)[1]}", "zh")
