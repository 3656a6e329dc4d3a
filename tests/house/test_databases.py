"""The tests' own databases: fresh, of the kind they say, and gone afterwards."""

import socket

import pytest
from playwright.sync_api import Browser, Error
from sqlalchemy import create_engine, inspect, text

from tests.conftest import NetworkForbiddenError


@pytest.mark.parametrize("nth", [1, 2])
def test_each_test_has_an_empty_database_of_its_own(empty_database_url: str, database_kind: str, nth: int) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        assert connection.dialect.name == database_kind
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE left_behind (number INTEGER)"))
    engine.dispose()


@pytest.mark.parametrize("nth", [1, 2])
def test_a_migrated_database_does_not_see_another_tests_rows(database_url: str, nth: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert "left_behind" not in inspect(connection).get_table_names()
        connection.execute(text("CREATE TABLE left_behind (number INTEGER)"))
    engine.dispose()


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as line, pytest.raises(NetworkForbiddenError):
        line.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkForbiddenError):
        socket.getaddrinfo("registry.example", 443)


@pytest.mark.browser
def test_the_browser_shows_a_page_and_reaches_no_other_machine(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<h1>溯证</h1>")
    assert page.locator("h1").inner_text() == "溯证"
    with pytest.raises(Error, match="ERR_PROXY_CONNECTION_FAILED"):
        page.goto("http://192.0.2.1/")
    context.close()
