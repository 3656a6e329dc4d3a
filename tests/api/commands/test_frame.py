"""What holds for every command: help with an example, one line for a refusal, the caller's language."""

import click
import pytest

from api.commands import GROUPS
from api.commands.frame import Command, read_language, tell_refusal
from api.words import LANGUAGES, knows
from keys.errors import RefusedError


def leaves(command: click.Command, name: str):
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from leaves(each, f"{name} {each.name}")
    else:
        yield name, command


COMMANDS = dict(pair for group in GROUPS for pair in leaves(group, str(group.name)))
# What the issue that laid the house asks for, at least.
ASKED = {
    "init",
    "db upgrade",
    "keys new",
    "keys show",
    "statement sign",
    "statement submit",
    "statement show",
    "epcis import",
    "ledger verify",
    "registers rebuild",
    "lot verdict",
    "lot trace",
    "demo load",
}


def test_all_that_was_asked_for_is_there():
    assert set(COMMANDS) >= ASKED


def test_what_a_stranger_wrote_gives_a_terminal_no_commands():
    told = tell_refusal(RefusedError("receipt-invalid", got="a\x1b[2J\n[Holds] \u202eb 港"))
    assert "got a\\x1b[2J [Holds] \\u202eb 港" in told
    assert told.isprintable()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_names_the_command(app, name):
    told = app.test_cli_runner().invoke(args=[*name.split(), "--help"])
    assert told.exit_code == 0
    _, mark, example = told.output.partition("Example")
    assert mark, "no example"
    assert f"flask {name}" in example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name):
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    assert [each.name for each in options if not (each.help or isinstance(each.type, click.Choice))] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_in_one_line(name):
    assert isinstance(COMMANDS[name], Command)


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_every_command_has_words(tongue):
    names = {*COMMANDS, *(str(group.name) for group in GROUPS)}
    assert {name for name in names if not knows(tongue, f"command.{name}", "says")} == set()


def test_an_unknown_command_is_wrong_usage(run):
    assert run("ledger falsify").exit_code == 2


@pytest.mark.parametrize(
    ("environ", "tongue"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(environ, tongue):
    assert read_language(environ) == tongue


def test_a_refusal_is_one_line_however_long_its_facts():
    told = tell_refusal(RefusedError("schema-violated", where="a\nb", got="x" * 10_000))
    assert told.startswith("schema-violated: where a b, got xxx")
    assert "\n" not in told
    assert len(told) < 400
