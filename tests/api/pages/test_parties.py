"""A party's page: who it is, its keys, what it said and what was said of it; contracts and persons for parties only."""

from tests.api.pages.conftest import SCRIPT, signed_in
from tests.factories import uscc_of
from tests.pages import text_of

MAKER = uscc_of("maker")


def test_penalties_stand_first(read):
    html = read(f"/parties/{MAKER}")
    assert html.index("alarm-box") < html.index('id="keys"')
    assert "P-2015-1" in text_of(html)
    assert SCRIPT not in html


def test_keys_and_certificates_are_there(read, registry):
    text = text_of(read(f"/parties/{MAKER}"))
    assert registry[1].kid("maker")[:12] in text
    assert "CCC-0001" in text


def test_what_it_made_is_counted_by_verdict(read):
    html = read(f"/parties/{MAKER}")
    made = text_of(html[html.index("What it made") : html.index("Product certificates")])
    assert "BV 2.5" in made
    assert made.rstrip().endswith("3")  # the batch and two drums


def test_the_history_tells_others_words_from_its_own(read):
    html = read(f"/parties/{MAKER}")
    history = html[html.index('id="history"') :]
    assert '<li class="is-bad is-others">' in history
    assert "said by" in history
    assert 'class="is-bad"' not in history


def test_the_history_goes_on_from_a_place(read):
    first = read(f"/parties/{MAKER}")
    oldest = first.split('href="/entries/')[-1].partition('"')[0]
    rest = read(f"/parties/{MAKER}?before={oldest}")
    assert "Nothing older is on record." in rest
    read(f"/parties/{MAKER}?before=x", status=400)


def test_contracts_and_posts_are_withheld_from_strangers(read):
    html = read(f"/parties/{uscc_of('supervisor')}")
    assert "witness-1" not in html[: html.index('id="history"')]
    owner = read(f"/parties/{uscc_of('owner')}")
    assert "HT-01" not in owner[: owner.index('id="history"')]
    assert "Contracts are shown to signed-in parties" in html


def test_a_signed_in_party_reads_contracts_and_posts(registry):
    client = signed_in(registry, "dealer")
    page = client.get(f"/parties/{uscc_of('owner')}?lang=en", headers={"Accept": "text/html"})
    assert page.headers["Cache-Control"] == "no-store"
    owner = page.get_data(as_text=True)
    contracts = owner[owner.index("Contracts") : owner.index('id="history"')]
    assert "HT-01" in contracts
    witness = client.get(f"/parties/{uscc_of('supervisor')}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "witness-1" in witness


def test_a_stranger_has_no_page(read):
    read("/parties/91110000600037341L", status=404)


def test_the_page_speaks_chinese(read):
    assert "签名密钥" in read(f"/parties/{MAKER}", "zh")
