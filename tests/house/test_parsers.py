"""Every parser of what comes from outside is thrown at by bin/fuzz, or says here why not.

A parser is a public function of the product that by its name reads, and takes bytes, text or anything: `read_…`,
`parse_…`, `cut_…`, `split_…`, `decode…`, `verify_…`, `check_…`, `claims_…`, `load…`. What reads from a database, a
setting or a value that was read before takes something else first, and is none.
"""

import ast
import re

import pytest

from tests.fuzz.every import TARGETS
from tests.house.source import modules

READS = re.compile(r"(read|parse|cut|split|decode|verify|check|claims|load)(_|\Z)")
RAW = {"bytes", "str", "object", "str | None", "bytes | None", "Iterable[bytes]", "Iterable[str]", "BinaryIO"}
# What nobody outside can send.
INSIDE = {
    "trace.parties.register.check_own_party": "two codes of parties that were read before",
    "trace.epcis.events.read_party": "takes any text and gives its end: there is nothing to refuse",
    "api.commands.verify.verify": "a command, whose options are the operator's; `ledger-verify` has what it reads",
    "api.commands.draw.verify": "a command; the evidence that it reads is thrown at by name in its tests",
    "api.commands.receipt.read_key": "a command's option, the reader's own choice of a key; what it reads has targets",
    "api.commands.label.verify": "a command; the link, the mark and the keys that it reads have targets of their own",
    "api.signing.read_pin": "where the operator's own setting says that a PIN lies; the URI around it is thrown at",
    "labs.summary.read_summary": "what this edition of the house itself has kept in its database",
    "labs.accreditation.numbers.read_cma": "twelve digits, which the schema of accreditations has seen to",
    "api.words.load": "a language, one of the two that the house speaks",
}


def parsers(trees: dict[str, ast.Module]) -> set[str]:
    found = set()
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and READS.match(node.name) and node.args.args:
                annotation = node.args.args[0].annotation
                if annotation is not None and ast.unparse(annotation) in RAW:
                    found.add(f"{module}.{node.name}")
    return found


def covered() -> set[str]:
    return {f"{one.__module__}.{one.__name__}" for target in TARGETS.values() for one in target.covers}


def test_every_parser_is_thrown_at_or_says_why_not() -> None:
    known = parsers(modules())
    assert known - covered() == set(INSIDE), "declare a target in tests/fuzz, or say above why nobody can send this"
    assert len(known) > 20


def test_no_parser_is_both() -> None:
    assert covered() & set(INSIDE) == set()


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("def read_thing(data: bytes) -> int: ...", True),
        ("def parse(text: str) -> int: ...", True),
        ("def parse_it(text: str | None) -> int: ...", True),
        ("def read_rows(session: Session) -> int: ...", False),
        ("def _read(data: bytes) -> int: ...", False),
        ("def write_thing(data: bytes) -> int: ...", False),
    ],
)
def test_a_parser_is_known_by_its_name_and_what_it_takes(line: str, is_one: bool) -> None:
    name = line.removeprefix("def ").partition("(")[0]
    assert parsers({"here": ast.parse(line)}) == ({f"here.{name}"} if is_one else set())
