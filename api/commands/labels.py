"""`flask labels`: any number of labels, set in parts."""

from pathlib import Path

import click

from api.commands.frame import Command, progress
from api.files import write_whole
from api.label_texts import choose_lots, describe_labels, read_words
from api.labels import FORMS, PART, SIZES, print_labels
from api.shell import current_shell

# Ours to choose: what a works makes in a year.
_MOST = 200_000


@click.command("labels", cls=Command)
@click.option("--lot", "lots", multiple=True, help="A lot or unit, by its id or Digital Link URI.")
@click.option("--under", multiple=True, help="A lot whose units are all meant.")
@click.option("--size", type=click.Choice(list(SIZES)), default="a4", show_default=True, help="Paper.")
@click.option("--form", type=click.Choice(FORMS), default="pdf", show_default=True, help="Kind of file.")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file.")
def labels(lots: tuple[str, ...], under: tuple[str, ...], size: str, form: str, out: Path) -> None:
    """Print labels with signed QR codes: sheets of A4, or pages for a label printer.

    Above 1,050 labels there are several files, each with its number before the ending: labels-01.pdf, labels-02.pdf.

    \b
    Examples: flask labels --under 01/06901234567892/10/A1 -o labels.pdf
              flask labels --lot 01/06901234567892/10/A1/21/D007 --size 100x150 --form png-zip -o labels.zip
    """
    shell = current_shell()
    with shell.database.reading() as session:
        chosen = choose_lots(session, lots, under, _MOST)
        described = list(describe_labels(session, shell, chosen))
    parts = -(-len(described) // PART)
    with progress("Setting labels") as tell:
        for number, file in enumerate(print_labels(described, read_words(), size, form, tell), 1):
            path = out if parts == 1 else out.with_name(f"{out.stem}-{number:02}{out.suffix}")
            write_whole(path, [file])
            click.echo(str(path))
    signed = "signed" if shell.label_key is not None else "unsigned: flask keys label makes a key"
    click.echo(f"{len(described)} labels, {signed}")
