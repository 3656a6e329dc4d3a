"""CSV in each encoding and with each delimiter that clerks' programs write, and nothing guessed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bulk.csv_table import read_csv
from api.bulk.table import MAX_CELL, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, Unreadable
from keys.errors import RefusedError
from tests.api.bulk.files import csv_of, rows_of

ROWS = (["批号", "盘号"], ["15A0421", "D001"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_encoding_and_delimiter_reads_the_same(encoding, delimiter):
    assert rows_of(csv_of(*ROWS, encoding=encoding, delimiter=delimiter)) == [(1, ROWS[0]), (2, ROWS[1])]


def test_what_is_no_text_in_either_encoding_is_refused():
    for data in (b"\xff\xfea\x00", b"lot\n\xff", "lot".encode("utf-16"), b"lot\0"):
        with pytest.raises(RefusedError) as refused:
            rows_of(data)
        assert refused.value.code == "table-malformed"


def test_a_first_line_says_which_delimiter():
    assert rows_of(b"sep=;\r\nlot;a,b,c\r\n1;2\r\n") == [(2, ["lot", "a,b,c"]), (3, ["1", "2"])]


def test_quoted_cells_may_hold_anything_and_blank_rows_count():
    assert rows_of(b'lot,why\r\n\r\n"1","a, ""b""\nc"\r\n') == [(1, ["lot", "why"]), (2, []), (3, ["1", 'a, "b"\nc'])]


def test_an_open_quote_is_refused_with_its_row():
    with pytest.raises(RefusedError) as refused:
        rows_of(b'lot\r\n1\r\n"2\r\n')
    assert refused.value.facts["where"] == "row 3"


def test_bounds():
    assert rows_of(b"x" * (MAX_CELL + 1)) == [(1, [Unreadable("text_too_long")])]
    for data, code in (
        (b"," * MAX_COLUMNS, "table-malformed"),
        (b"a\n" * (MAX_ROWS + 2), "too-large"),
        (b"a" * (MAX_FILE_BYTES + 1), "too-large"),
    ):
        with pytest.raises(RefusedError) as refused:
            rows_of(data)
        assert refused.value.code == code


CELLS = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=20).map(str.strip)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_whatever_is_written_is_read_back(rows, delimiter):
    file = io.StringIO(newline="")
    file.write(f"sep={delimiter}\r\n")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    assert [cells for _, cells in read_csv(file.getvalue().encode()).rows] == rows
