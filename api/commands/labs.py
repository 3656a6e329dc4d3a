"""`flask labs screen`: statistics over all reports, which open questions and decide nothing."""

import click

from api.commands.frame import Group
from api.commands.screening import screen_waiting
from api.shell import current_shell
from api.words import say
from labs.screens import SCREENS
from labs.screens.register import count_screened, forget_screened, read_questions

labs = Group("labs", help="Look at labs over all their reports.")


@labs.command("screen")
@click.option("--anew", "is_anew", is_flag=True, help="Forget all counts first: after an update of screens.")
def screen(is_anew: bool) -> None:
    """Take the reports into account that are new, and print the questions that screens ask, the least likely first.

    A question is no finding: it says that chance alone seldom does this, not what did.

    \b
    Examples: flask labs screen
              flask labs screen --anew
    """
    shell = current_shell()
    if is_anew:
        with shell.database.writing() as session:
            forget_screened(session)
    screen_waiting(shell.database)
    with shell.database.reading() as session:
        questions, looked = read_questions(session), count_screened(session)
    for one in questions:
        click.echo(f"{one.code} {one.lab} {one.subject} {one.about} n={one.n} p={one.facts['p']}")
    for each in SCREENS:
        asked = sum(one.code == each.code for one in questions)
        times = looked.get(each.code, 0)
        title = say(f"screen.{each.code}", "title")
        click.echo(
            f"{each.code} {title}: looked {times} times, asks {asked}; chance alone: {times * each.threshold:.2g}"
        )
