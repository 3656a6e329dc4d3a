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


def test_sentences_without_facts_stand_in_the_compiled_template(app):
    environment = app.jinja_env.speaking("en")
    compiled = environment.compile(TEMPLATES["page.html"], raw=True)
    assert "Batch:" in compiled
    assert "and %(count)s more" in compiled
    assert "'mark'" not in compiled
