"""What a witness keeps survives whatever else goes, and what it lost is never taken for a fresh start."""

import stat

import pytest

from api.witness import folder as module
from api.witness.folder import WitnessFolder
from keys.errors import RefusedError
from tests.trace.ledger.cosigners import ORIGIN, make_log
from trace.ledger.note import Note, parse_note
from trace.ledger.witness import NEVER, State, cosign, read_request

LOG = make_log()


@pytest.fixture
def folder(tmp_path) -> WitnessFolder:
    made = WitnessFolder(tmp_path / "var" / "witness")
    made.create("witness.example/w1")
    return made


def sign(folder: WitnessFolder, size: int, log=LOG) -> Note:
    request = read_request(log.request(0, size))
    return cosign(request, [], folder.read_signers(), NEVER, 7)


def own(folder: WitnessFolder):
    return tuple(signer.key for signer in folder.read_signers())


def test_its_keys_are_its_owners_alone_and_stay_the_same(folder):
    for name in ("ed25519.pem", "ml-dsa-44.pem"):
        assert stat.S_IMODE((folder.path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert [key.type.tag for key in own(folder)] == [4, 6]
    assert own(folder) == own(WitnessFolder(folder.path))


def test_a_witness_is_never_made_over_another(folder):
    before = own(folder)
    with pytest.raises(FileExistsError):
        folder.create("witness.example/w2")
    assert own(folder) == before
    assert [path.name for path in folder.path.parent.iterdir()] == ["witness"]


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "x" * 256])
def test_a_name_that_no_note_could_bear_is_refused(tmp_path, name):
    with pytest.raises(RefusedError, match="key-unreadable"):
        WitnessFolder(tmp_path / "w").create(name)
    assert not (tmp_path / "w").exists()


def test_a_log_is_known_by_its_origin_and_its_hash(folder):
    assert folder.find_log(ORIGIN) is None
    log = folder.add_log(LOG.vkey, ORIGIN)
    assert folder.find_log(ORIGIN) == log == folder.find_hash(log.path.name)
    assert folder.logs() == [log]
    for digits in ("", "..", log.path.name.upper(), log.path.name[:-1], "../" + log.path.name, "0" * 64):
        assert folder.find_hash(digits) is None


def test_a_second_key_of_a_log_goes_on_from_what_was_signed(folder):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9))
    other = make_log()
    assert folder.add_log(other.vkey, ORIGIN).keys == (LOG.vkey, other.vkey)
    assert folder.add_log(other.vkey, ORIGIN).keys == (LOG.vkey, other.vkey)
    assert log.read_state(own(folder)).size == 9


def test_the_state_is_the_checkpoint_that_was_kept(folder):
    log = folder.add_log(LOG.vkey, ORIGIN)
    assert log.read_state(own(folder)) == NEVER
    log.keep(sign(folder, 9))
    assert log.read_state(own(folder)) == State(9, LOG.root(9), 7)
    assert len(parse_note(log.read_checkpoint()).lines) == len(own(folder))


def test_what_was_lost_or_is_not_its_own_is_no_fresh_start(folder, tmp_path):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9))
    file = log.path / "checkpoint"
    stranger = WitnessFolder(tmp_path / "stranger")
    stranger.create("witness.example/w1")
    whole = file.read_bytes()
    for data in (str(sign(stranger, 9)).encode(), whole[:-5], whole.replace(b"\n9\n", b"\n8\n"), b"x"):
        file.write_bytes(data)
        with pytest.raises(RefusedError, match=r"witness-state-lost|note-"):
            log.read_state(own(folder))
    file.unlink()
    with pytest.raises(RefusedError, match="witness-state-lost"):
        log.read_state(own(folder))
    folder.add_log(make_log().vkey, ORIGIN)
    with pytest.raises(RefusedError, match="witness-state-lost"):
        log.read_state(own(folder))


def test_the_checkpoint_of_another_log_is_not_this_ones_state(folder):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9, make_log("suzheng.example/other")))
    with pytest.raises(RefusedError, match=r"witness-state-lost: .* expected a checkpoint of this log"):
        log.read_state(own(folder))


def test_to_trust_a_log_again_does_not_forget_it(folder):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9))
    (log.path / "log").unlink()
    assert folder.logs() == []
    assert folder.add_log(LOG.vkey, ORIGIN).read_state(own(folder)).size == 9


def test_a_full_disk_leaves_the_state_as_it_was(folder, monkeypatch):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.files.os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        log.keep(sign(folder, 10))
    monkeypatch.undo()
    assert log.read_state(own(folder)).size == 9
    assert sorted(path.name for path in log.path.iterdir()) == ["checkpoint", "log"]


def test_forks_are_kept_in_pairs_and_not_without_end(folder, monkeypatch):
    log = folder.add_log(LOG.vkey, ORIGIN)
    log.keep(sign(folder, 9))
    monkeypatch.setattr(module, "_MOST_FORKS", 3)
    for name in "abcd":
        log.keep_fork(parse_note(LOG.forked(4, name).note(9).encode()))
    kept = log.forks()
    assert len(kept) == 3
    assert kept[0].read_bytes() in {path.read_bytes() for path in kept}
    assert f"9-{LOG.root(9).hex()[:16]}" in {path.name for path in kept}
