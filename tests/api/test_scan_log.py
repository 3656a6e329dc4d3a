"""Scans that wait are written together, in the background of a server; a flood fills no memory."""

from datetime import UTC, datetime
from threading import Event

import pytest

from api import scan_log
from api.scan_log import ScanLog
from tests.factories import DRUM
from trace.scans.register import Scan

AT = datetime(2015, 6, 1, tzinfo=UTC)


def scan(number):
    return Scan(DRUM, AT, number, number)


def test_elsewhere_than_in_a_server_a_scan_is_written_at_once():
    written: list[list[Scan]] = []
    log = ScanLog(written.append)
    log.note(scan(1))
    log.note(scan(2))
    log.flush()
    assert written == [[scan(1)], [scan(2)]]


def test_in_a_server_all_that_wait_share_a_commit(monkeypatch):
    monkeypatch.setattr(scan_log, "_EVERY_S", 0.05)
    written, done = [], Event()

    def write(scans):
        written.append(scans)
        if scans[-1] == scan(9):
            done.set()

    log = ScanLog(write)
    log.start()
    for number in range(10):
        log.note(scan(number))
    assert done.wait(30)
    assert [each for batch in written for each in batch] == [scan(number) for number in range(10)]
    assert len(written) < 10


def test_a_database_that_fails_loses_a_batch_and_not_the_thread(monkeypatch, caplog):
    monkeypatch.setattr(scan_log, "_EVERY_S", 0.01)
    written, failed = Event(), Event()

    def write(scans):
        if not failed.is_set():
            failed.set()
            raise OSError("disk full")
        written.set()

    log = ScanLog(write)
    log.start()
    log.note(scan(1))
    assert failed.wait(30)
    log.note(scan(2))
    assert written.wait(30)
    assert "lost" in caplog.text


@pytest.mark.parametrize("most", [3])
def test_beyond_a_bound_the_oldest_fall_out(monkeypatch, most):
    monkeypatch.setattr(scan_log, "_MOST", most)
    written: list[list[Scan]] = []
    log = ScanLog(written.append)
    log._is_served = True
    for number in range(5):
        log.note(scan(number))
    log.flush()
    assert written == [[scan(2), scan(3), scan(4)]]
