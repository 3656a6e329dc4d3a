"""The text of a ledger: one spelling a value, and whoever changes a byte is told the line."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.ledger import export
from trace.ledger.export import Appended, Item, Opening, Sealed, read_commands

ROOT = "sha-256:" + "ab" * 32
OPENING = b"suzheng-ledger\t1\tregistry.example/2026\t3\n"
LINES = (
    OPENING,
    b"add-item\tAQID\n",
    f"append-entry\t0\t2015-05-06T17:00:00Z\t{ROOT}\n".encode(),
    f"assert-root-hash\t1\t2015-05-06T17:00:00Z\t{ROOT}\tAQ==\tAg==\tAw==\n".encode(),
)


def test_each_command_is_read_as_it_was_written():
    kinds = [type(command) for _, command in read_commands(LINES)]
    assert kinds == [Opening, Item, Appended, Sealed]


def test_the_worked_example_has_the_shape_of_the_rules():
    example = re.findall(r"^    (\S.*→.*)$", export.__doc__ or "", re.MULTILINE)
    assert len(example) == 9
    for number, line in enumerate(example, 1):
        whole = re.sub(r"sha-256:\w+…\w+", ROOT, line.replace("→", "\t"))
        whole = re.sub(r"\t[\w+/]+…=*", "\tAQID", whole)
        read = dict(read_commands([OPENING] * (number > 1) + [f"{whole}\n".encode()]))
        assert len(read) == min(number, 2)


@pytest.mark.parametrize(
    "line",
    [
        b"add-item\tAQID\r\n",
        b"add-item\tAQID",
        b"add-item\tAQI\n",
        b"add-item\tAR==\n",  # another spelling of AQ==
        b"add-item\tAQ ID\n",
        b"add-item\tAQID\t\n",
        b"remove-item\tAQID\n",
        b"\n",
        b"\xff\n",
        OPENING,
        f"append-entry\t00\t2015-05-06T17:00:00Z\t{ROOT}\n".encode(),
        f"append-entry\t+1\t2015-05-06T17:00:00Z\t{ROOT}\n".encode(),
        f"append-entry\t٣\t2015-05-06T17:00:00Z\t{ROOT}\n".encode(),
        f"append-entry\t{2**63}\t2015-05-06T17:00:00Z\t{ROOT}\n".encode(),
        f"append-entry\t0\t2015-5-6T17:00:00Z\t{ROOT}\n".encode(),
        f"append-entry\t0\t2015-05-06T17:00:00+00:00\t{ROOT}\n".encode(),
        f"append-entry\t0\t2015-05-06T17:00:00Z\t{ROOT.upper()}\n".encode(),
        b"add-item\t" + b"A" * export.MAX_LINE_BYTES + b"\n",
    ],
)
def test_another_spelling_is_refused_with_its_line(line):
    with pytest.raises(RefusedError) as refused:
        list(read_commands([OPENING, line]))
    assert (refused.value.code, refused.value.facts["line"]) == ("export-malformed", 2)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with suppress(RefusedError):
        list(read_commands([OPENING, *data.splitlines(keepends=True)]))


def test_a_file_without_its_first_line_is_refused():
    with pytest.raises(RefusedError, match="line 1"):
        list(read_commands(LINES[1:]))
