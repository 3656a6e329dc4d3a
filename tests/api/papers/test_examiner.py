"""The process that reads PDFs: what it finds comes back, and a file that is too much ends with itself alone."""

import os
from collections.abc import Iterator

import pytest

from api.papers import child, examiner
from api.papers.examiner import Examiner
from keys.errors import RefusedError
from labs.papers.seals import LAB_SEAL, Authority
from tests.sealing import AT, SealOffice, print_paper


@pytest.fixture(scope="module")
def reader() -> Iterator[Examiner]:
    reader = Examiner()
    yield reader
    reader.close()


def test_what_is_found_comes_back_and_is_kept(reader: Examiner) -> None:
    office = SealOffice()
    document, authorities = office.seal(print_paper()), [Authority(LAB_SEAL, office.certificate)]
    found = reader.examine(document, authorities, AT)
    assert found.seal_state == "valid"
    assert reader.examine(document, authorities, AT) is found
    assert reader.examine(document, [], AT).seal_state == "untrusted"


def test_a_refusal_comes_back_as_one(reader: Examiner) -> None:
    with pytest.raises(RefusedError) as refused:
        reader.examine(print_paper(("x",), "", b"/AA << /S /JavaScript /JS (1) >>"), (), AT)
    assert (refused.value.code, refused.value.facts["got"]) == ("document-unsafe", "JS")


def test_a_child_that_is_gone_is_begun_anew(reader: Examiner) -> None:
    assert reader.examine(print_paper(("one",)), (), AT).seal_state == "none"
    assert reader._child is not None
    reader._child.kill()
    reader._child.wait()
    assert reader.examine(print_paper(("two",)), (), AT).seal_state == "none"


def test_only_so_much_is_kept(reader: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiner, "_MOST_KEPT", 2)
    for number in range(4):
        reader.examine(print_paper((f"paper {number}",)), (), AT)
    assert len(reader._kept) == 2


@pytest.mark.parametrize("end", ["memory", "crash", "time"])
def test_a_file_that_takes_too_much_is_refused_and_the_next_one_read(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process: what would be forked from the child is forked from here."""

    def take(asked: dict[str, object], document: bytes) -> bytes:
        if end == "memory":
            return bytes(2 * child.MEMORY_BYTES)
        if end == "crash":
            os.abort()
        while True:
            pass

    monkeypatch.setattr(child, "CPU_SECONDS", 1)
    monkeypatch.setattr(child, "MEMORY_BYTES", 8 * 1024**3)
    with monkeypatch.context() as patch:
        patch.setattr(child, "_answer", take)
        patch.setattr(child, "MEMORY_BYTES", 8 * 1024**3 if end != "memory" else 1024**3)
        assert child._fork({}, b"") == b""
    told = {"authorities": [], "known_at": AT.isoformat()}
    assert b'"examination"' in child._fork(told, print_paper())
