"""The flask commands, a file a group. Long work shows its progress; every command has help, examples and an exit code.

Exit codes: 0 done, 1 refused or found wrong (the reason is on stderr), 2 wrong usage (click's own).
"""

from flask import Flask

from api.commands.db import db
from api.commands.demo import demo
from api.commands.draw import draw
from api.commands.epcis import epcis
from api.commands.findings import findings
from api.commands.importing import importing
from api.commands.init import init
from api.commands.keys import keys
from api.commands.lab import lab
from api.commands.label import label
from api.commands.labels import labels
from api.commands.labs import labs
from api.commands.lot import lot
from api.commands.paper import paper
from api.commands.prepare import prepare
from api.commands.receipt import receipt
from api.commands.registers import registers
from api.commands.statement import statement
from api.commands.verify import ledger
from api.commands.witness import witness

GROUPS = (
    init,
    keys,
    statement,
    epcis,
    importing,
    ledger,
    receipt,
    draw,
    registers,
    lot,
    lab,
    label,
    labels,
    labs,
    findings,
    paper,
    witness,
    demo,
    prepare,
    db,
)


def register_commands(app: Flask) -> None:
    """Hang every command under `flask`."""
    for group in GROUPS:
        app.cli.add_command(group)
