"""A stolen key, a rotated one, and a lab's revoked "since last March", as people read of them on the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from keys.keyring import generate_key
from labs.reports.register import read_reports
from tests.factories import DRUM, SISTER, uri_of, uscc_of
from tests.pages import opened, text_of
from tests.world import HONEST, World

MARCH = datetime(2016, 2, 29, 16, tzinfo=UTC)
"""The first of March 2016 in China."""
BEFORE, AFTER = "R-2015-001", "R-2016-007"
STOLEN_AT = datetime(2016, 4, 20, 2, 30, tzinfo=UTC)
GOODS = {"amounts": {SISTER: 500}}


@dataclass(frozen=True)
class Told:
    """Where each turn of the stories stands, and the kids that they are about."""

    app: Flask
    world: World
    report: int
    accepted: int
    installed: int
    theft: int
    march: int


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[Told]:
    """The maker rotates its key. In April 2016 the lab reports on the sister drum. Then a thief who has the
    contractor's spare key accepts it, and builds it in with a key that he enrolled. In May the contractor finds out,
    in June the lab.
    """
    with opened(tmp_path_factory.mktemp("stories"), shared_folder, HONEST) as (app, world):
        world.enroll("lab", "second")
        world.enroll("contractor", "spare")
        for alias in ("maker.next", "contractor.thiefs"):
            world.keys[alias] = generate_key()
        world.say("maker", "key.rotated", key=world.jwk("maker.next"))
        world.tell((("2016-04-05", "maker.next", "goods.shipped", GOODS),))
        world.tell((("2016-04-06", "contractor", "goods.received", GOODS),))
        world.at = datetime(2016, 4, 12, 2, tzinfo=UTC)
        report = world.say("lab", "report.issued", number=AFTER, lots=[uri_of(SISTER)], sample="S-2").position
        world.at = STOLEN_AT
        accepted = world.say("contractor.spare", "goods.accepted", **GOODS).position
        thiefs = world.jwk("contractor.thiefs")
        world.say("contractor.spare", "key.enrolled", party=uscc_of("contractor"), key=thiefs)
        installed = world.say("contractor.thiefs", "lot.installed", **GOODS).position
        world.at = datetime(2016, 5, 3, 3, tzinfo=UTC)
        theft = revoke(world, "contractor", "contractor.spare", STOLEN_AT)
        world.at = datetime(2016, 6, 1, 1, tzinfo=UTC)
        march = revoke(world, "lab.second", "lab", MARCH)
        app.extensions["suzheng"].refresh(1000)
        yield Told(app, world, report, accepted, installed, theft, march)


def revoke(world: World, by: str, key: str, since: datetime) -> int:
    return world.say(by, "key.revoked", kid=world.kid(key), compromised_since=since.isoformat()).position


def page(told: Told, path: str, language: str = "en") -> str:
    reply = told.app.test_client().get(f"{path}?lang={language}", headers={"Accept": "text/html"})
    assert reply.status_code == 200, path
    return reply.get_data(as_text=True)


def is_struck(html: str, entry: int) -> bool:
    """Is an entry marked, wherever the page gives it as evidence? Fails where it does so nowhere, or not everywhere."""
    links = html.count(f'href="/entries/{entry}"')
    marked = html.count(f'<a class="entry is-doubted" href="/entries/{entry}"')
    assert links
    assert marked in (0, links)
    return marked == links


SINCE_MARCH = {"en": "Mar 1, 2016", "zh": "2016年3月1日"}
SINCE_THEFT = {"en": "Apr 20, 2016 10:30", "zh": "2016年4月20日 10:30"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


# --- the lab's key ---


@LANGUAGES
def test_the_report_from_after_march_says_that_it_is_not_believed(told: Told, language: str) -> None:
    html = page(told, f"/reports/{uscc_of('lab')}/{AFTER}", language)
    assert {"en": "This report is not believed.", "zh": "本报告不予采信"}[language] in text_of(html)
    assert SINCE_MARCH[language] in text_of(html)
    assert is_struck(html, told.report)
    assert not is_struck(html, told.march)


@LANGUAGES
def test_the_report_from_before_march_says_nothing_of_it(told: Told, language: str) -> None:
    html = page(told, f"/reports/{uscc_of('lab')}/{BEFORE}", language)
    assert "is-doubted" not in html
    assert SINCE_MARCH[language] not in text_of(html)


@LANGUAGES
def test_the_labs_page_tells_the_two_apart(told: Told, language: str) -> None:
    html = page(told, f"/labs/{uscc_of('lab')}", language)
    assert SINCE_MARCH[language] in text_of(html[: html.index("</header>") + 2000])
    rows = {number: html[html.index(f"/{number}") :].partition("</tr>")[0] for number in (BEFORE, AFTER)}
    mark = {"en": "not believed", "zh": "不予采信"}[language]
    assert mark in rows[AFTER]
    assert mark not in rows[BEFORE]


@LANGUAGES
def test_a_purchaser_is_told_on_the_scan_page(told: Told, language: str) -> None:
    html = page(told, f"/{SISTER}", language)
    assert "band is-STOP" in html
    assert is_struck(html, told.report)
    assert {"en": "A report in the lab's name that is not believed", "zh": "不予采信的报告"}[language] in text_of(html)
    assert {"en": "A paper was shown", "zh": "没有签发的报告"}[language] not in text_of(html)
    assert "band is-USE" in page(told, f"/{DRUM}", language)


def test_the_findings_list_has_it_without_anybody_asking(told: Told) -> None:
    text = text_of(page(told, "/findings"))
    assert f"Report {AFTER} by lab" in text
    assert "not believed since Mar 1, 2016" in text
    assert BEFORE not in text


@LANGUAGES
def test_the_revocations_own_page_names_the_key_and_the_day_in_china(told: Told, language: str) -> None:
    html = page(told, f"/entries/{told.march}", language)
    said = text_of(html[: html.index("<pre")])
    assert told.world.kid("lab")[:12] in said
    assert SINCE_MARCH[language] in said
    assert not is_struck(page(told, f"/parties/{uscc_of('lab')}"), told.march)


# --- the stolen key ---


@LANGUAGES
@pytest.mark.parametrize("which", ["accepted", "installed"])
def test_the_thiefs_entry_says_so_and_leads_to_what_says_it(told: Told, which: str, language: str) -> None:
    html = page(told, f"/entries/{getattr(told, which)}", language)
    box = html[html.index('class="alarm-box"') :].partition("</p>")[0]
    assert {"en": "This entry is not believed.", "zh": "本条目不予采信"}[language] in box
    assert f'href="/entries/{told.theft}"' in box
    assert (SINCE_THEFT[language] in box) is (which == "accepted")


@LANGUAGES
def test_the_partys_page_gives_each_key_its_state(told: Told, language: str) -> None:
    html = page(told, f"/parties/{uscc_of('contractor')}", language)
    keys = html[html.index('id="keys"') : html.index('id="history"')]
    states = {name: keys[keys.index(f'id="key-{told.world.kid(name)[:12]}"') :].partition("</li>")[0] for name in KEYS}
    assert [state for name, state in WORDS[language].items() if state not in text_of(states[name])] == []
    assert SINCE_THEFT[language] in text_of(states["contractor.spare"])
    assert f'href="/entries/{told.theft}"' in states["contractor.thiefs"]
    assert is_struck(html, told.accepted)


KEYS = ("contractor", "contractor.spare", "contractor.thiefs")
WORDS = {
    "en": dict(zip(KEYS, ("in use", "compromised", "a thief's"), strict=True)),
    "zh": dict(zip(KEYS, ("在用", "已失密", "窃密者所设"), strict=True)),
}


def test_the_history_of_the_drum_strikes_out_what_the_thief_said(told: Told) -> None:
    html = page(told, f"/trace/{SISTER}")
    for entry in (told.accepted, told.installed, told.report):
        assert is_struck(html, entry)
    lots = html[html.index('id="lots"') :]
    assert "station 3" not in lots


def test_an_entry_from_before_the_theft_says_that_it_stands(told: Told) -> None:
    with told.app.extensions["suzheng"].database.reading() as session:
        report = next(one.entry for one in read_reports(session, numbers=[BEFORE]))
    html = page(told, f"/entries/{report}")
    assert "alarm-box" not in html
    assert "this entry too, stays believed" in text_of(html)


def test_programs_are_told_too(told: Told) -> None:
    client = told.app.test_client()
    entry = client.get(f"/api/v1/entries/{told.accepted}").get_json()
    assert (entry["doubted_since"], entry["doubt_entry"]) == ("2016-04-20T02:30:00Z", told.theft)
    key = client.get(f"/api/v1/keys/{told.world.kid('contractor.thiefs')}").get_json()
    assert (key["compromised_since"], key["doubt_entry"]) == (None, told.theft)
    (report,) = client.get(f"/api/v1/reports/{uscc_of('lab')}/{AFTER}").get_json()["versions"]
    assert (report["doubted_since"], report["doubt_entry"]) == ("2016-02-29T16:00:00Z", told.march)


def test_an_entry_that_loses_belief_is_no_longer_the_one_that_was_kept(told: Told) -> None:
    client = told.app.test_client()
    first, second = (client.get(f"/api/v1/entries/{number}").headers["ETag"] for number in (told.accepted, told.theft))
    assert "doubted" in first
    assert "doubted" not in second


# --- the rotated key ---


@LANGUAGES
def test_a_rotated_key_is_replaced_and_not_stolen(told: Told, language: str) -> None:
    html = page(told, f"/parties/{uscc_of('maker')}", language)
    keys = html[html.index('id="keys"') :].partition("</section>")[0]
    old, new = (told.world.kid(name)[:12] for name in ("maker", "maker.next"))
    assert {"en": "replaced", "zh": "已被替代"}[language] in text_of(keys)
    assert f'href="#key-{new}"' in keys[keys.index(f'id="key-{old}"') :].partition("</li>")[0]
    assert {"en": "compromised", "zh": "失密"}[language] not in text_of(html)
    assert "is-doubted" not in html
