"""`flask epcis import`: events of other people's systems, each signed as it stands and sent through the one door."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from api.commands.choosing import choose_kind
from api.commands.frame import Group, progress, tell_refusal
from api.commands.pem import open_key
from api.commands.sealing import seal
from api.shell import Shell, current_shell
from keys.errors import RefusedError
from keys.keyring import SigningKey
from trace.epcis.documents import cut_events
from trace.epcis.xml import cut_xml_events, is_xml
from trace.intake import Accepted, Outcome, read_payload
from trace.parties.register import find_key

epcis = Group("epcis", help="Bring in EPCIS 2.0 events.")
_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    payload: bytes


@epcis.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key", required=True, metavar="PEM|URI", help="PEM file of the key that signs, or its place in a PKCS#11 token."
)
@click.option("--party", metavar="USCC", help="The party that speaks. Default: the one whose key it is.")
@click.option("--quiet", is_flag=True, help="Name only the events that are refused.")
def import_(files: tuple[Path, ...], key: str, party: str | None, quiet: bool) -> None:
    """Sign the events of EPCIS FILES, 2.0 JSON or 1.2 and 2.0 XML, and send them in.

    An event's bytes stay as they stand in a JSON document; one of an XML document is brought into JSON first, and says
    so. An event that says all that a kind of this registry asks for
    becomes that kind; any other is recorded as epcis.recorded. Exit code 1 if any was refused.

    \b
    Example: flask epcis import --key maker.pem shipments.jsonld
    """
    shell = current_shell()
    private = open_key(key)
    issuer = party or _party_of(shell, private)
    events = [event for path in files for event in _read(path)]
    accepted = 0
    with progress(f"{len(events)} events") as tell:
        for done, (event, tag, outcome) in enumerate(_send_all(shell, private, issuer, events), start=1):
            accepted += isinstance(outcome, Accepted)
            _print(event, tag, outcome, quiet)
            tell(done, len(events))
    shell.refresh()
    click.echo(f"{accepted} of {len(events)} events accepted")
    if accepted < len(events):
        click.get_current_context().exit(1)


def _party_of(shell: Shell, key: SigningKey) -> str:
    with shell.database.reading() as session:
        found = find_key(session, key.public.kid)
    if found is None:
        raise RefusedError("key-unknown", where="--key", expected="a key on record", got=key.public.kid.hex())
    return found.party


def _read(path: Path) -> Iterator[_Event]:
    data = path.read_bytes()
    try:
        payloads = cut_xml_events(data) if is_xml(data) else cut_events(data)
    except RefusedError as error:
        raise RefusedError(error.code, file=path.name, **error.facts) from error
    for number, payload in enumerate(payloads, start=1):
        yield _Event(f"{path.name}#{number}", payload)


def _send_all(
    shell: Shell, key: SigningKey, issuer: str, events: list[_Event]
) -> Iterator[tuple[_Event, str, Outcome]]:
    """Send events in batches, in their order. An event on a lot that the batch has spoken of already begins the next
    batch: its heads are known only then.
    """
    batch: list[tuple[_Event, str, bytes]] = []
    seen: set[str] = set()
    for event in events:
        try:
            tag = choose_kind(event.payload, shell.house.catalogue)
            lots = _lots(shell, tag, event.payload)
            if seen & lots or len(batch) == _BATCH:
                yield from _send(shell, batch)
                batch, seen = [], set()
            batch.append((event, tag, seal(key, tag, issuer, event.payload, shell.clock()).to_bytes()))
            seen |= lots
        except RefusedError as error:
            yield from _send(shell, batch)
            batch, seen = [], set()
            yield event, "", error
    yield from _send(shell, batch)


def _lots(shell: Shell, tag: str, payload: bytes) -> set[str]:
    kind = shell.house.catalogue.find(tag)
    return set(kind.lots(read_payload(payload, kind)))


def _send(shell: Shell, batch: list[tuple[_Event, str, bytes]]) -> Iterator[tuple[_Event, str, Outcome]]:
    if batch:
        outcomes = shell.accept([envelope for _, _, envelope in batch])
        for (event, tag, _), outcome in zip(batch, outcomes, strict=True):
            yield event, tag, outcome


def _print(event: _Event, tag: str, outcome: Outcome, quiet: bool) -> None:
    if isinstance(outcome, RefusedError):
        click.echo(f"{event.name}: {tell_refusal(outcome)}", err=True)
    elif not quiet:
        click.echo(f"{event.name}: entry {outcome.position} {tag}")
