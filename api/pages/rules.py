"""What the house goes by, for people: its rules, the kinds of statements, its problems."""

from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, render_template

from api.access import Callers, open_to
from api.pages.questions import CODES
from api.problems import PROBLEMS
from api.shell import current_shell
from api.words import knows, language, list_keys, say
from keys.errors import RefusedError
from labs.worklist.register import Wanted, count_findings
from trace.epcis.mapping import ROWS
from trace.kinds import Kind, Role

blueprint = Blueprint("rules", __name__)
FAMILIES = ("P", "S", "L", "B", "C")
"""The letters that rules' codes begin with, in the order of the catalogue: physics, sampling, labs, buying, chain."""


@blueprint.get("/rules")
@open_to(Callers.ANYONE)
def list_rules() -> str:
    """All rules by family, and the screens."""
    rules = current_shell().house.rules
    families = {family: [rule for code, rule in rules.items() if code[0] == family] for family in FAMILIES}
    found = {name: rules for name, rules in families.items() if rules}
    return render_template("rules.html", families=found, screens=CODES)


@blueprint.get("/rules/<code>")
@open_to(Callers.ANYONE)
def show_rule(code: str) -> str:
    """One rule: what it says in each case, when it cannot look, what it rests on, how often it is found now."""
    shell = current_shell()
    rule = shell.house.rules.get(code)
    if rule is None:
        raise RefusedError("not-found", where="rules", expected="a rule of the catalogue", got=code[:20])
    with shell.database.reading() as session:
        found = sum(count_findings(session, Wanted(code=code)).values())
    context = f"rule.{code}"
    keys = list_keys(language(), context)
    return render_template(
        "rule.html",
        rule=rule,
        basis=say(context, "basis") if knows(language(), context, "basis") else None,
        says=_patterns(context, keys, "says"),
        unchecked=_patterns(context, keys, "unchecked"),
        found=found,
    )


@blueprint.get("/kinds")
@open_to(Callers.ANYONE)
def list_kinds() -> str:
    """Everything that can be said, and by whom."""
    kinds = list(current_shell().house.catalogue)
    return render_template(
        "kinds.html",
        steps=ROWS,
        role_count=len(Role),
        stages=[(stage, list(group)) for stage, group in groupby(kinds, _stage_of)],
    )


@blueprint.get("/problems")
@open_to(Callers.ANYONE)
def list_problems() -> str:
    """All reasons for a refusal."""
    return render_template("problems.html", problems=PROBLEMS)


@blueprint.get("/problems/<code>")
@open_to(Callers.ANYONE)
def show_problem(code: str) -> str:
    """The page that a problem's `type` names."""
    if code not in PROBLEMS:
        raise RefusedError("not-found", where="problems", expected="a problem of the catalogue", got=code[:40])
    return render_template("problem_page.html", code=code, status=PROBLEMS[code])


def _stage_of(kind: Kind) -> str:
    """The stage that a kind belongs to, by where it is declared: parties, production and so on."""
    return kind.schema.__module__.split(".")[1]


def _patterns(context: str, keys: Iterable[str], kind: str) -> list[str]:
    """The sentences of one kind, with its facts left open."""
    wanted = [key for key in keys if key == kind or key.startswith(f"{kind}.")]
    return [_Places().fill(say(context, key)) for key in wanted]


class _Places(dict[str, str]):
    """Every fact left open: so a sentence reads as its pattern."""

    def __missing__(self, name: str) -> str:
        return "…"

    def fill(self, text: str) -> str:
        return text % self
