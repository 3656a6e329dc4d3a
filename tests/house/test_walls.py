"""What stays on which side of the walls: Flask in the API, SQL in few files; below no clock, chance, network, words."""

import ast
import re

import pytest

from tests.house.source import ROOT, imports, modules

TREES = modules()
BELOW = {name: tree for name, tree in TREES.items() if name.split(".")[0] in ("keys", "trace", "labs")}

HTTP = re.compile(r"(flask|werkzeug|jinja2|click|gunicorn|http|urllib\.request|socket|requests|babel|gettext)(\.|\Z)")
# Who may speak SQL below the API (DESIGN.md §4).
SQL = re.compile(
    r"(trace|labs)\.(\w+\.)?(register|refresh|dossier)\Z"
    r"|trace\.ledger(\.\w+)?\Z"
    r"|trace\.(intake|desk|chains|doubts|lineage|history|audit|replay|epcis\.search)\Z"
)
# And above it: the shell and the commands, which are of the shell.
SQL_IN_API = re.compile(r"api\.(database|shell|migrate|app)\Z|api\.commands\.\w+\Z")
# Naming the type of what is handed on is not speaking SQL; only the API's own functions do so.
HANDING_ON = {"sqlalchemy.orm", "sqlalchemy.orm.Session"}
# What would make a pure floor depend on when, where or by which chance it runs.
IMPURE_MODULES = re.compile(r"(random|secrets|time|uuid|os|subprocess|tempfile|locale)(\.|\Z)")
IMPURE_CALLS = {"now", "utcnow", "today", "urandom", "getenv", "environ", "uuid4", "uuid1", "perf_counter", "monotonic"}
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def flask_below(trees) -> list[str]:
    return [f"{name}: {found}" for name, tree in trees.items() for found in imports(tree) if HTTP.match(found)]


def sql_outside(trees) -> list[str]:
    found = []
    for name, tree in trees.items():
        used = {each for each in imports(tree) if each.split(".")[0] == "sqlalchemy"}
        if name.startswith("api."):
            used -= HANDING_ON
        if used and not SQL.match(name) and not SQL_IN_API.match(name):
            found.append(name)
    return found


def impurities(trees) -> list[str]:
    found = [f"{name}: {used}" for name, tree in trees.items() for used in imports(tree) if IMPURE_MODULES.match(used)]
    for name, tree in trees.items():
        uses = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in IMPURE_CALLS)
        found += [f"{name}: .{node.attr}" for node in uses if _is_name(node.value)]
    return found


def _is_name(node: ast.expr) -> bool:
    """datetime.now, datetime.datetime.now, func.now: said of a module or class, not of what a call gave."""
    return isinstance(node, ast.Name | ast.Attribute)


def languages() -> list[str]:
    paths = [path for folder in ("keys", "trace", "labs") for path in (ROOT / folder).rglob("*.py")]
    return [str(path.relative_to(ROOT)) for path in paths if CJK.search(path.read_text(encoding="utf-8"))]


def test_there_is_something_to_look_at():
    assert len(BELOW) > 40
    assert len(TREES) > len(BELOW) + 30


def test_below_the_api_nobody_knows_http():
    assert flask_below(BELOW) == []


def test_sql_is_spoken_where_the_design_says():
    assert sql_outside(TREES) == []


def test_the_keys_know_no_database():
    assert [name for name in TREES if name.startswith("keys") and "sqlalchemy" in imports(TREES[name])] == []


def test_time_chance_and_environment_are_arguments():
    assert impurities(BELOW) == []


def test_no_language_below_the_api():
    assert languages() == []


# --- the checks can fail ---


@pytest.mark.parametrize(
    "line", ["import flask", "from flask import g", "import urllib.request", "from http import client"]
)
def test_http_below_is_seen(line):
    assert flask_below({"trace.kinds": ast.parse(line)})


@pytest.mark.parametrize(
    "module", ["trace.rules.chain", "labs.judge", "keys.envelope", "api.pages.scan", "trace.fields"]
)
def test_sql_in_a_wrong_place_is_seen(module):
    assert sql_outside({module: ast.parse("def f():\n    from sqlalchemy import select")}) == [module]


def test_a_session_may_be_handed_on_in_the_api_alone():
    tree = ast.parse("from sqlalchemy.orm import Session")
    assert sql_outside({"api.pages.scan": tree, "labs.judge": tree}) == ["labs.judge"]


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "from time import time",
        "import os",
        "from uuid import uuid4",
        "at = datetime.now(UTC)",
        "day = date.today()",
        "at = datetime.datetime.utcnow()",
        "at = func.now()",
        "def f(at=datetime.now): ...",
    ],
)
def test_an_impurity_is_seen(line):
    assert impurities({"trace.x": ast.parse(line)})


def test_a_word_in_chinese_is_seen():
    assert CJK.search("name = '溯证'")
    assert not CJK.search("Ω, ·, →, §, µ, …, —")
