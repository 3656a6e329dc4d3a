"""A note is read in one way or refused, and comes out as it went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.ledger.note import MAX_BYTES, MAX_SIGNATURES, Note, SignatureLine, decode64, is_key_name, parse_note
from trace.ledger.tree import MAX_SIZE
from trace.ledger.tree_head import TreeHead, read_head, write_head

LINE = "— a.example/x AAAAAQI=\n"
names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="+"), min_size=1, max_size=20)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")).map(lambda text: f"{text}x\n")
lines = st.builds(SignatureLine, names.filter(is_key_name), st.binary(min_size=4, max_size=4), st.binary(min_size=1))


@given(st.builds(Note, texts, st.lists(lines, min_size=1, max_size=4).map(tuple)))
def test_what_was_written_reads_back_the_same(note):
    assert parse_note(str(note).encode()) == note


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{text}\n\n{LINE}".encode("utf-8", "replace")))
def test_anything_else_is_refused_and_nothing_breaks(data):
    try:
        note = parse_note(data)
    except RefusedError as error:
        assert error.code == "note-malformed"  # noqa: PT017 - read or refused, nothing else
    else:
        assert parse_note(str(note).encode()) == note
        assert data.startswith(note.text.encode())


def test_the_text_ends_at_the_last_empty_line():
    note = parse_note(f"one\n\ntwo\n\n{LINE}".encode())
    assert note.text == "one\n\ntwo\n"


def test_ends_of_lines_that_only_unicode_knows_end_no_line():
    """A reader that splits at them sees other lines than the signer did."""
    note = parse_note(f"one\u2028two\n\n{LINE}".encode())
    assert note.text == "one\u2028two\n"
    with pytest.raises(RefusedError, match="note-malformed"):
        parse_note("one\n\n— a.example/x\u2028y AAAAAQI=\n".encode())


def test_as_many_signatures_as_the_specification_asks_for_are_read():
    """At least 16, of nearly 5 kB each."""
    large = SignatureLine("a.example/x", b"\0\0\0\1", bytes(4900))
    assert len(parse_note(f"text\n\n{str(large) * 16}".encode()).lines) == 16


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"\n\n" + LINE.encode(),
        b"text\n\n" + LINE.encode().rstrip(),
        b"text\n\n" + LINE.encode() + b"more",
        b"text\r\n\n" + LINE.encode(),
        b"te\txt\n\n" + LINE.encode(),
        b"te\0xt\n\n" + LINE.encode(),
        b"text\xff\n\n" + LINE.encode(),
        b"text\n\n" + LINE.replace("— ", "- ").encode(),
        b"text\n\n" + LINE.replace("x A", "x  A").encode(),
        b"text\n\n" + LINE.replace("a.example", "a+b").encode(),
        b"text\n\n" + LINE.replace("a.example", "a\u3000b").encode(),
        b"text\n\n" + LINE.replace("a.example/x", "").encode(),
        b"text\n\n" + LINE.replace("AAAAAQI=", "AAAAAQI==").encode(),
        b"text\n\n" + LINE.replace("AAAAAQI=", "AAAA AQI=").encode(),
        b"text\n\n" + LINE.replace("AAAAAQI=", "AAAAAQI").encode(),
        b"text\n\n" + LINE.replace("AAAAAQI=", "AAAAAA==").encode(),  # a key id alone
        b"text\n\n" + LINE.encode() * (MAX_SIGNATURES + 1),
        b"x" * MAX_BYTES + b"\n\n" + LINE.encode(),
    ],
)
def test_what_is_no_note_is_refused(data):
    with pytest.raises(RefusedError, match="note-malformed"):
        parse_note(data)


def test_unused_bits_of_a_signature_may_be_anything():
    """Go's reader takes them so; what a known key is said to have signed is then wrong, and not malformed."""
    assert parse_note(f"text\n\n{LINE.replace('AQI=', 'AQJ=')}".encode()) == parse_note(f"text\n\n{LINE}".encode())


def test_base64_has_one_spelling():
    assert decode64("AQI=") == b"\x01\x02"
    for other in ("AQJ=", "AQI", "AQI=\n", " AQI=", "AQI==", "_-8=", "ＡQI="):
        with pytest.raises(ValueError, match="base64"):
            decode64(other)


@given(names.filter(lambda name: "\n" not in name), st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_tree_head_reads_back(origin, size, root):
    assert read_head(write_head(origin, size, root)) == TreeHead(origin, size, root)
    assert read_head(write_head(origin, size, root) + "more\n") == TreeHead(origin, size, root)


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "o\n1\n",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n１\n{ROOT}\n",
        f"o\n{MAX_SIZE + 1}\n{ROOT}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(RefusedError, match="note-malformed"):
        read_head(text)
