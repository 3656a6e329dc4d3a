"""`flask findings refresh`: the list of findings brought up to date."""

import click

from api.commands.frame import Group
from api.commands.judging import find_differences, judge_waiting, queue_all_lots
from api.shell import current_shell

findings = Group("findings", help="Keep the list of findings up to date.")


@findings.command("refresh")
@click.option("--all", "is_all", is_flag=True, help="Judge every lot: after an update of rules or limits.")
def refresh(is_all: bool) -> None:
    """Judge again the lots that new entries have touched, or whose deadlines have passed.

    \b
    Examples: flask findings refresh
              flask findings refresh --all
    """
    shell = current_shell()
    if is_all:
        with shell.database.writing() as session:
            queue_all_lots(session)
    click.echo(f"{judge_waiting(shell.database, shell.house, shell.clock())} lots judged")


@findings.command("check")
def check() -> None:
    """Judge again every lot that waits for nothing, and tell where that differs from what is kept and told. Exits with
    1 where anything differs: then something was changed behind the door's back, or an entry's reach was overlooked.

    \b
    Example: flask findings check
    """
    shell = current_shell()
    looked = differing = 0
    for lot, differs in find_differences(shell.database, shell.house, shell.clock()):
        looked += 1
        if differs:
            differing += 1
            click.echo(f"differs  {lot}")
    click.echo(f"{looked} lots judged again, {differing} differ")
    if differing:
        raise SystemExit(1)
