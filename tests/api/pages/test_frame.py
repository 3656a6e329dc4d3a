"""What stands around every page leads nowhere but to this registry."""

import pytest


@pytest.mark.parametrize("path", ["//elsewhere.example/", "///elsewhere.example", "/\\elsewhere.example"])
def test_the_other_language_is_never_on_another_machine(client, path):
    page = client.get("/", environ_overrides={"PATH_INFO": path}, headers={"Accept": "text/html"})
    text = page.get_data(as_text=True)
    assert page.status_code == 404
    assert "elsewhere.example" in text
    assert 'href="//' not in text
    assert 'href="/\\' not in text


def test_the_other_language_of_a_lot_is_about_the_same_lot(client):
    page = client.get("/01/06901234567892/10/A%3F%2541?lang=en", headers={"Accept": "text/html"})
    assert 'href="/01/06901234567892/10/A%3F%2541?lang=zh"' in page.get_data(as_text=True)
