"""verify.html in a browser, and the demonstration's evidence to give it."""

import pytest

from keys.envelope import parse_statement
from keys.keyring import read_private_key
from tests import verifying
from tests.verifying import pem_of
from trace.ledger.checkpoint import Sealer
from trace.ledger.issuing import issue_receipt, stream_receipts
from trace.ledger.receipt import read_receipt
from trace.ledger.store import latest_checkpoint, read_entry
from trace.parties.register import find_key

DRUM = "01/02990000010018/10/15A0421/21/D03"


@pytest.fixture(scope="module")
def page(browser, demo_app, tmp_path_factory):
    with verifying.opened(browser, tmp_path_factory.mktemp("saved"), demo_app) as page:
        yield page


@pytest.fixture(scope="module")
def sealer(demo_app):
    shell = demo_app.extensions["suzheng"]
    return Sealer(shell.registry.origin, read_private_key(shell.settings.ledger_key_path.read_bytes()))


@pytest.fixture(scope="module")
def vkey(sealer):
    return verifying.vkey_of(sealer)


@pytest.fixture(scope="module")
def bundle(demo_app):
    return demo_app.test_client().get(f"/api/v1/lots/{DRUM}/evidence.zip").data


@pytest.fixture(scope="module")
def loose(demo_app):
    """The statement that founded the demonstration's ledger, and all that goes with it, as single files."""
    with demo_app.extensions["suzheng"].database.reading() as session:
        statement = read_entry(session, 0).statement
        key = find_key(session, parse_statement(statement).kid)
        newest = latest_checkpoint(session)
        assert key is not None
        assert newest is not None
        # Not the first checkpoint, which has no path, and not the newest.
        size = read_receipt(issue_receipt(session, 150))[1][0]
        return {
            "statement.cose": statement,
            "receipt.cose": next(stream_receipts(session, [0], size)),
            "checkpoint.txt": newest.note.encode(),
            "signer.pem": pem_of(key.public),
        }
