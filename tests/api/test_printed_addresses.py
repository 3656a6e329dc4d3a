"""The addresses that the start prints: each answers, in both languages, with the verdict that its line promises."""

import pytest
from flask import Flask

from api.demonstration.addresses import read_addresses
from api.demonstration.names import read_names
from api.words import LANGUAGES, say
from labs.judge import Word

ADDRESSES = dict(read_addresses(read_names()))
PROMISED = {"use": Word.USE, "stop": Word.STOP, "hold": Word.HOLD}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("label", ADDRESSES)
def test_printed_address_answers_and_is_announced(demo_app: Flask, label: str, language: str) -> None:
    reply = demo_app.test_client().get(ADDRESSES[label], query_string={"lang": language})
    assert reply.status_code == 200
    assert reply.headers["Content-Language"] == language
    assert f'<html lang="{language}' in reply.text
    with demo_app.test_request_context(query_string={"lang": language}):
        assert say(f"address.{label}", "title") != "title"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("label", PROMISED)
def test_scan_page_says_what_its_line_promises(demo_app: Flask, label: str, language: str) -> None:
    client = demo_app.test_client()
    page = client.get(ADDRESSES[label], query_string={"lang": language}, headers={"Accept": "text/html"})
    answer = client.get(ADDRESSES[label], headers={"Accept": "application/json"})
    assert answer.get_json()["verdict"] == PROMISED[label]
    with demo_app.test_request_context(query_string={"lang": language}):
        assert say(f"verdict.{PROMISED[label]}", "title") in page.text
    others = set(Word) - {PROMISED[label], Word.UNKNOWN}
    assert f'class="band is-{PROMISED[label]}"' in page.text
    assert not any(f'class="band is-{word}"' in page.text for word in others)


def test_start_announces_use_stop_trace_report_and_findings() -> None:
    assert {"use", "stop", "hold"} <= ADDRESSES.keys()
    assert any(path.startswith("/trace/") for path in ADDRESSES.values())
    assert any(path.startswith("/reports/") for path in ADDRESSES.values())
    assert "/findings" in ADDRESSES.values()
