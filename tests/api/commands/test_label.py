"""`flask keys label`, `flask labels`, `flask label verify`: keys made, labels printed by parts, checked offline."""

import json
import sys
import zipfile

import pypdfium2
import pytest

from tests.factories import BATCH, DRUM, SISTER
from tests.pages import read_codes
from tests.world import MADE, PREPARED


@pytest.fixture
def made(world, run):
    world.tell([*PREPARED, *MADE])
    run("keys label")
    return world


def addresses(path):
    document = pypdfium2.PdfDocument(path.read_bytes())
    found = [code.text for page in document for code in read_codes(page.render(scale=3).to_pil())]
    document.close()
    return sorted(found)


def test_what_is_printed_verifies_here_and_elsewhere(made, run, app, tmp_path):
    assert run(f"labels --under {BATCH} --out labels.pdf").stdout.splitlines() == ["labels.pdf", "2 labels, signed"]
    first, second = addresses(tmp_path / "labels.pdf")
    assert [first.partition("?")[0][-4:], second.partition("?")[0][-4:]] == ["D001", "D002"]
    told = run(f"label verify {first}")
    assert (told.exit_code, told.stdout.split()[0]) == (0, "holds")
    assert "A copied label holds just as well" in told.stdout
    (tmp_path / "keys.json").write_bytes(app.test_client().get("/.well-known/suzheng-label-keys").data)
    assert run(f"label verify {first} --keys keys.json").exit_code == 0
    forged = run(f"label verify {first.replace('D001', 'D002')}")
    assert (forged.exit_code, forged.stdout.split()[0]) == (1, "wrong")
    bare = run(f"label verify {first.partition('?')[0]}")
    assert (bare.exit_code, bare.stdout.split()[0]) == (1, "missing")


def test_many_labels_come_in_several_files(made, run, tmp_path, monkeypatch):
    monkeypatch.setattr("api.labels.PART", 2)
    monkeypatch.setattr(sys.modules["api.commands.labels"], "PART", 2)
    result = run(f"labels --lot {DRUM} --lot {SISTER} --lot {BATCH} --size 100x150 --out all.pdf")
    assert result.stdout.splitlines() == ["all-01.pdf", "all-02.pdf", "3 labels, signed"]
    assert [len(addresses(tmp_path / name)) for name in ("all-01.pdf", "all-02.pdf")] == [2, 1]


def test_pictures_come_in_a_zip(made, run, tmp_path):
    assert run(f"labels --lot {DRUM} --size 38x64 --form svg-zip -o one.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["00001-A1-D001.svg"]


def test_a_key_is_replaced_and_distrusted_in_the_open(made, run):
    assert "key-known" in run("keys label").stderr
    assert "key-unknown" in run("keys label --distrust nope").stderr
    listed = run("keys label --replace").stdout.splitlines()
    states = {line.split("  ")[0]: line.split("  ")[1] for line in listed}
    assert sorted(states.values()) == ["is believed", "signs"]
    old_name = next(name for name, state in states.items() if state == "is believed")
    assert run(f"keys label --distrust {old_name}").stdout.split("  ")[1] == "signs"
    assert json.loads(listed[0].split("  ")[2])["crv"] == "Ed25519"


def test_a_file_without_keys_is_refused_by_its_name(made, run, tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    result = run(f"label verify https://r.example/{DRUM} --keys bad.json")
    assert (result.exit_code, "where bad.json" in result.stderr) == (1, True)


@pytest.mark.parametrize("arguments", ["--out x.pdf", "--lot 01/06901234567892/10/NEVER --out x.pdf"])
def test_no_label_for_nothing(made, run, tmp_path, arguments):
    assert run(f"labels {arguments}").exit_code == 1
    assert not (tmp_path / "x.pdf").exists()
