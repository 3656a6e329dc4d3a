"""Which host an address leads to, and what only looks like another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from labs.papers.hosts import check_host, count_edits, is_lookalike, read_host, show_host

LAB = "report.ctc-lab.cn"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://report.ctc-lab.cn/q?n=1", LAB),
        ("HTTP://REPORT.CTC-LAB.CN.:8080/", LAB),
        ("https://report.ctc-lab.cn@evil.example/q", "evil.example"),
        ("https://b\u00fccher.example/", "xn--bcher-kva.example"),
        ("https://\uff52eport.ctc-lab.cn/", LAB),
        ("report.ctc-lab.cn/q", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://[", None),
        ("R-2015-001", None),
    ],
)
def test_an_address_leads_to_its_host(address: str, host: str | None) -> None:
    assert read_host(address) == host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (LAB, False),
        ("report.ctc-1ab.cn", True),
        ("report.ctclab.cn", True),
        ("report.ctc-labs.com.cn", False),
        ("rep0rt.ctc-1ab.cn", True),
        ("rep\u043ert.ctc-lab.cn".encode("idna").decode(), True),
        ("r\u0435\u0440\u043ert.\u0441t\u0441-l\u0430b.cn".encode("idna").decode(), True),
        ("another.example", False),
    ],
)
def test_a_lookalike_is_within_two_letters_or_looks_the_same(host: str, expected: bool) -> None:
    assert is_lookalike(host, LAB) is expected


def test_punycode_is_written_out() -> None:
    assert show_host("xn--bcher-kva.example") == "b\u00fccher.example"
    assert show_host("xn--\x7f.example") == "xn--\x7f.example" or show_host("a.example") == "a.example"


@pytest.mark.parametrize("host", ["", "localhost", "Report.example", "report.example.", "a b.example", "x/y.example"])
def test_what_is_no_host_is_not_put_on_record(host: str) -> None:
    with pytest.raises(RefusedError):
        check_host(host)


@given(st.text("abc.", max_size=8), st.text("abc.", max_size=8))
def test_edits_are_symmetric_and_bounded(one: str, other: str) -> None:
    edits = count_edits(one, other, 2)
    assert edits == count_edits(other, one, 2)
    assert (edits == 0) is (one == other)
    assert edits <= 3
