"""`flask import`: bad rows are named and nothing is sent; what is sent stands once, also after SIGKILL."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.bulk.files import csv_of, dicts_to_csv, xlsx_of
from tests.conftest import ROOT
from tests.factories import BATCH, lot_at, uscc_of
from tests.world import MADE, PREPARED
from trace.ledger.store import size_of, stream_entries
from trace.production.register import read_lots_and_repeats, read_lots_by_id

ROW = {"product": "06901234567892", "lot": "A1", "serial": "D1", "length": "500", "made_at": "2015-05-05 14:00"}


@pytest.fixture
def maker(world, pem_of):
    """The maker's key, in a world where batch A1 of 1,000 m lies uncut."""
    world.tell(PREPARED + MADE[:3])
    world.at = world.at.replace(year=2016)
    return pem_of("maker")


def write(tmp_path, rows, name="drums.csv"):
    (tmp_path / name).write_bytes(rows if isinstance(rows, bytes) else dicts_to_csv(rows))
    return name


def size(shell) -> int:
    with shell.database.reading() as session:
        return size_of(session)


def test_drums_are_signed_and_sent(run, shell, maker, tmp_path):
    start = size(shell)
    result = run("import drums --key", maker, write(tmp_path, [ROW, ROW | {"serial": "D2"}]))
    assert result.exit_code == 0, result.stderr
    assert "2 rows: 2 good (0 of them on record already), 0 bad" in result.stdout
    assert "2 rows sent in 1 statements, 0 stood already" in result.stdout
    with shell.database.reading() as session:
        assert [(entry.kind, entry.issuer) for entry in stream_entries(session, start)] == [
            ("lot.split", uscc_of("maker"))
        ]
    assert run("ledger verify").exit_code == 0


def test_the_same_file_again_sends_nothing(run, shell, maker, tmp_path):
    name = write(tmp_path, [ROW, ROW | {"serial": "D2"}])
    run("import drums --key", maker, name)
    before = size(shell)
    again = run("import drums --key", maker, name)
    assert again.exit_code == 0
    assert "0 rows sent in 0 statements, 2 stood already" in again.stdout
    assert size(shell) == before


@pytest.mark.parametrize("tongue", ["C", "zh_CN.UTF-8"])
def test_every_bad_row_is_named_and_nothing_is_sent(run, shell, maker, tmp_path, tongue):
    before = size(shell)
    rows = [ROW, ROW | {"serial": "D2", "length": "5OO"}, ROW | {"serial": "D3", "made_at": "2030-01-01"}]
    result = run("import drums --key", maker, write(tmp_path, rows), env={"LC_ALL": tongue})
    assert (result.exit_code, size(shell)) == (1, before)
    first, second = result.stderr.splitlines()
    if tongue == "C":
        assert first == "D3 Length: expected a number such as 500 or 500.5 (no thousands separator), got 5OO"
        assert second == "E4 Made at: the time lies in the future: Jan 1, 2030 00:00"
        assert result.stdout == "3 rows: 1 good (0 of them on record already), 2 bad\n"
    else:
        assert first == "D3 长度: 应为数，如 500 或 500.5（不用千分位）；实为 5OO"
        assert result.stdout == "3 行：1 行可用（其中 0 行已在册），2 行有误\n"


def test_a_sheet_is_named_with_its_cells(run, maker, tmp_path):
    data = xlsx_of(list(ROW), ["06901234567892", "A1", "D1", "=1+1", "2015-05-05"])
    result = run("import drums --dry-run --key", maker, write(tmp_path, data, "drums.xlsx"))
    assert result.stderr == "第1页!D2 Length: this cell has a formula; put its value there (paste special)\n"


def test_a_dry_run_changes_nothing_and_needs_no_key(run, shell, maker, tmp_path):
    before = size(shell)
    result = run("import drums --dry-run --party", uscc_of("maker"), write(tmp_path, [ROW]))
    assert (result.exit_code, result.stdout) == (0, "1 rows: 1 good (0 of them on record already), 0 bad\n")
    assert size(shell) == before


def test_deliveries_and_installations_go_the_same_way(run, shell, maker, pem_of, tmp_path):
    start = size(shell)
    run("import drums --key", maker, write(tmp_path, [ROW]))
    named = {"批号": "A1", "盘号": "D1", "产品编码（GTIN）": "06901234567892"}
    sent = named | {"环节": "发出", "时间": "2015/5/6 9:00", "收货方信用代码": uscc_of("contractor")}
    shipped = run("import deliveries --key", maker, write(tmp_path, dicts_to_csv([sent]), "sent.csv"))
    assert "1 rows sent" in shipped.stdout, shipped.stderr
    laid = named | {"车站": "S3", "起点（米）": "0", "终点（米）": "260", "时间": "2015/5/20 9:00"}
    data = csv_of(list(laid), list(laid.values()), encoding="gb18030", delimiter="\t")
    installed = run("import installations --key", pem_of("contractor"), write(tmp_path, data, "laid.csv"))
    assert "1 rows sent" in installed.stdout, installed.stderr
    with shell.database.reading() as session:
        kinds = [entry.kind for entry in stream_entries(session, start)]
    assert kinds == ["lot.split", "goods.shipped", "lot.installed"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_is_written_and_never_over_a_file(run, world, tmp_path, form):
    assert run(f"import drums --template {form} -o drums.{form}").exit_code == 0
    assert (tmp_path / f"drums.{form}").stat().st_size > 100
    again = run(f"import drums --template {form} -o drums.{form}")
    assert (again.exit_code, again.stderr) == (1, f"drums.{form}: File exists\n")


@pytest.mark.parametrize("line", ["import drums", "import drums drums.csv", "import drums --template csv"])
def test_wrong_usage_is_told(run, maker, tmp_path, line):
    write(tmp_path, [ROW])
    assert run(line).exit_code == 2


def test_what_cannot_be_read_or_said_is_refused_in_a_line(run, maker, pem_of, tmp_path):
    colour = run("import drums --key", maker, write(tmp_path, [ROW | {"colour": "red"}]))
    assert colour.stderr.startswith("heading-unknown: where F, expected ")
    lab = run(
        "import drums --key", pem_of("lab"), write(tmp_path, [ROW | {"lot": "B1", "type": "BV", "name_zh": "电线"}])
    )
    assert lab.stderr.startswith("role-not-allowed")


def test_what_somebody_says_meanwhile_is_followed(run, shell, world, maker, tmp_path, monkeypatch):
    """The maker's other office cuts a drum between our reading and our sending."""
    accept = shell.accept
    spoke: list[Any] = []

    def late(envelopes, **options):
        if not spoke:
            spoke.append(world.say("maker", "lot.split", taken={BATCH: 100}, given={lot_at("A1", "X1"): 100}))
        return accept(envelopes, **options)

    monkeypatch.setattr(shell, "accept", late)
    result = run("import drums --key", maker, write(tmp_path, [ROW]))
    assert result.exit_code == 0, result.stderr
    assert "1 rows sent in 1 statements" in result.stdout


@pytest.mark.slow
def test_killed_and_run_again_each_drum_stands_exactly_once(run, shell, world, maker, tmp_path, settings):
    """SIGKILL while statements go in; then the same command ends with all of them there, once."""
    rows = [ROW | {"lot": "B1", "serial": f"D{number:05d}", "length": "5"} for number in range(4000)]
    rows[0] |= {"type": "BV 2.5", "name_zh": "电线"}
    name, before = write(tmp_path, rows), size(shell)
    environment = os.environ | {"VAR_DIR": str(settings.var_dir), "DATABASE_URL": settings.database_url}
    line = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "import",
        "drums",
        str(tmp_path / name),
        "--key",
        str(maker),
    ]
    with subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as killed:
        deadline = time.monotonic() + 60
        while size(shell) < before + 5 and time.monotonic() < deadline and killed.poll() is None:
            time.sleep(0.005)
        killed.send_signal(signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    world.at = datetime.now(UTC)
    again = run("import drums --key", maker, name)
    assert again.exit_code == 0, again.stderr
    lots = [lot_at("B1", row["serial"]) for row in rows]
    with shell.database.reading() as session:
        assert len(read_lots_by_id(session, lots)) == len(lots)
        assert not read_lots_and_repeats(session, lots)[1]
    stood_already = int(again.stdout.rpartition(" statements, ")[2].partition(" stood")[0])
    assert 0 < stood_already < len(rows)
    assert run("ledger verify --depth hashes").exit_code == 0
