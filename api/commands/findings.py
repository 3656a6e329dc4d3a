"""`flask findings refresh`: the list of findings brought up to date."""

import click

from api.commands.frame import Group
from api.commands.judging import judge_waiting, queue_all_lots
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
