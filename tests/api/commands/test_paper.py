"""`flask paper examine`: what a file shows, and a body that can be signed."""

import json

from tests.factories import DRUM, uri_of, uscc_of
from tests.sealing import LINES, print_paper
from tests.world import HONEST


def test_a_forged_file_fails_and_its_examination_can_be_said(run, world, tmp_path):
    world.tell(HONEST)
    world.say("lab", "hosts.stated")
    lines = tuple(line.replace("7.290", "7.190") for line in LINES)
    (tmp_path / "forged.pdf").write_bytes(print_paper(lines, "https://rep0rt.lab.example/q/R-2015-001"))
    out = tmp_path / "examined.json"
    result = run("paper examine", str(tmp_path / "forged.pdf"), "--out", str(out))
    assert result.exit_code == 1
    assert "7.190" in result.stdout
    body = json.loads(out.read_text(encoding="utf-8"))
    assert (body["lab"], body["number"], body["lots"]) == (uscc_of("lab"), "R-2015-001", [uri_of(DRUM)])
    assert (body["seal_state"], body["hosts"]) == ("none", ["rep0rt.lab.example"])
    assert [one["printed"] for one in body["differences"]] == ["7.190"]
    world.say("contractor", "paper.examined", body)


def test_a_file_with_a_script_is_refused(run, world, tmp_path):
    world.tell(HONEST)
    (tmp_path / "bad.pdf").write_bytes(print_paper(LINES, "", b"/OpenAction << /S /JavaScript /JS (1) >>"))
    result = run("paper examine", str(tmp_path / "bad.pdf"))
    assert result.exit_code == 1
    assert "JavaScript" in result.stderr or "JS" in result.stderr
