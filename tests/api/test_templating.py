"""A template is compiled with its words in it, once for each language."""

import pytest
from flask import Flask
from jinja2 import DictLoader

from api.templating import Templates
from api.words import register_words

TEMPLATES = {
    "page.html": '{% import "parts.html" as parts %}'
    '{{ _("Batch") }}{{ say("mark", "colon") }}{{ parts.named(lot) }} {{ language() }} '
    '{{ _("and %(count)s more", count=2) }}',
    "parts.html": '{% macro named(lot) %}{{ _("entry #%(number)s", number=lot) }}{% endmacro %}',
}


@pytest.fixture
def app() -> Flask:
    app = Flask("api")
    app.jinja_environment = Templates  # type: ignore[assignment]
    app.jinja_env.loader = DictLoader(TEMPLATES)
    register_words(app)
    return app


def render(app: Flask, tongue: str) -> str:
    with app.test_request_context(f"/?lang={tongue}"):
        return app.jinja_env.get_template("page.html").render(lot="<7>")


def test_a_page_is_in_the_language_of_its_request(app):
    assert (render(app, "zh"), render(app, "en"), render(app, "zh")) == (
        "批号：条目 #&lt;7&gt; zh 另有 2 项",
        "Batch: entry #&lt;7&gt; en and 2 more",
        "批号：条目 #&lt;7&gt; zh 另有 2 项",
    )


def test_sentences_without_facts_are_looked_up_when_a_template_is_compiled_and_not_again(app):
    render(app, "en")
    looked_up: list[object] = []
    app.jinja_env.globals.update(_=lambda text, **facts: looked_up.append(text), say=lambda *key: looked_up.append(key))
    render(app, "en")
    assert looked_up == ["and %(count)s more"]
