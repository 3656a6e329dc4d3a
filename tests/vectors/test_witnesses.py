"""Witnessing against what others have published: the specifications' examples, checkpoints that public witnesses have
cosigned, and the conversation that another witness's own tests hold.

Sources: the examples in c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness and tlog-proof; public
checkpoints of two Certificate Transparency logs, cosigned by remora.n621.de (Ed25519) and by
witness.navigli.sunlight.geomys.org (ML-DSA-44); FiloSottile/torchwood, cmd/litewitness/testdata (requests to a witness
and its answers), whose 403 for an unknown log is 404 in tlog-witness v1.0; sigsum-go, pkg/requests;
transparency-dev/formats, package note.
"""

import re
from pathlib import Path

import pytest

from api.problems import PROBLEMS
from keys.errors import RefusedError
from tests.trace.ledger.cosigners import make_signer
from trace.ledger.note import Note, encode64, parse_lines, parse_note
from trace.ledger.proof import read_proof
from trace.ledger.signature import (
    ED25519_COSIGNATURE,
    ED25519_NOTE,
    ML_DSA_44_COSIGNATURE,
    VerifierKey,
    find_signature,
    read_vkey,
)
from trace.ledger.subtree import read_subtree_request
from trace.ledger.tree_head import read_head
from trace.ledger.witness import NEVER, State, cosign, judge, read_request, read_state, write_request

FOLDER = Path(__file__).parent / "checkpoints"
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""  # noqa: E501
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501
COSIGNED_SOFA = SOFA + (
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
PROOF_LINES = """PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=
"""
SECOND_SIGNATURE = (
    "— example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)
REQUEST = f"old 20852014\n{PROOF_LINES}\n{SOFA}{SECOND_SIGNATURE}"
ANSWER = (
    "— witness.example/w1 "
    "CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
    "— witness.example/w1 "
    "I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n"
    "— witness.example/w2 "
    "AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n"
)
ARCHE = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501
ARCHES_KEY = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"


def read_file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def test_the_signed_notes_example_holds_by_its_key_alone() -> None:
    note, key = parse_note(EXAMPLE.encode()), read_vkey(EXAMPLE_KEY)
    assert (key.name, key.key_id.hex(), key.type, str(key)) == (
        "example.com/foo",
        "530d903a",
        ED25519_NOTE,
        EXAMPLE_KEY,
    )
    assert find_signature(note, key) is not None
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        find_signature(Note(note.text + "!", note.lines), key)


def test_the_poem_keeps_its_empty_line() -> None:
    note = parse_note(POEM.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert str(note) == POEM


def test_the_checkpoint_and_its_cosignature_are_read_as_the_examples_say() -> None:
    note = parse_note(COSIGNED_SOFA.encode())
    head = read_head(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    witness = note.lines[1]
    # "time 1679315147", as the specification spells the signed message out.
    assert (witness.name, int.from_bytes(witness.signature[:8])) == ("witness.example.com/w1", 1679315147)
    assert len(witness.signature) == 8 + ED25519_COSIGNATURE.signature_bytes
    key = VerifierKey("witness.example.com/w1", ED25519_COSIGNATURE, bytes(32))
    assert key.type.say(key.name, note.text, 1679315147).decode() == (
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_the_witnesss_request_and_answer_are_read_as_the_examples_say() -> None:
    request = read_request(REQUEST.encode())
    assert (request.old_size, len(request.proof), request.head.size) == (20852014, 4, 20852163)
    assert [line.name for line in request.note.lines] == ["example.com/behind-the-sofa"] * 2
    assert write_request(request.old_size, request.proof, str(request.note)) == REQUEST.encode()
    lines = parse_lines(ANSWER)
    assert [line.name for line in lines] == ["witness.example/w1", "witness.example/w1", "witness.example/w2"]
    assert "".join(map(str, lines)) == ANSWER


def test_the_request_for_a_subtree_is_read_as_the_example_says() -> None:
    """Its checkpoint's signature is elided there, and so another here; its hashes belong to no tree."""
    published = """subtree 8 13
mbsQCg+dEIMGlpqeGgk94JutQwKKS2Lo5IuDhKmDjiU=
CD82D2LDm0phY0+xKbHyZfq3Hw21lVkuV7Zis5EFg0k=
h/ghL5nyaXTIBAklqDnisM+SFdbA3izoGZ5oRYMZzc0=
8qtnAAU9sTKQx/zt3E4v8Jt2a9IMQUf0QUawvePF9y0=
KuO5BNOmginG34Lm5G3e2GuiWliGo3K0ebzGpvI0fEg=

example.com/behind-the-sofa
14
/CcKVZM9n65aH7jLaIZuUB4/MSlEFQ4+ldwUC21rDHM=

"""
    request = read_subtree_request((published + ANSWER).encode())
    assert (request.start, request.end, len(request.proof), request.head.size) == (8, 13, 4, 14)


def test_a_public_checkpoint_holds_by_its_logs_and_its_witnesss_key() -> None:
    note = parse_note(ARCHE.encode())
    log, witness = find_signature(note, read_vkey(ARCHES_KEY)), find_signature(note, read_vkey(REMORA))
    assert (log is not None, witness is not None and witness.time) == (True, 1779573024)
    other = Note(note.text.replace("1432088532", "1432088533"), note.lines)
    for vkey in (ARCHES_KEY, REMORA):
        with pytest.raises(RefusedError, match="note-signature-invalid"):
            find_signature(other, read_vkey(vkey))


def test_a_public_ml_dsa_44_cosignature_holds() -> None:
    note, key = parse_note(read_file("coachandhorses2026h1.txt").encode()), read_vkey(read_file("navigli.vkey"))
    assert key.type is ML_DSA_44_COSIGNATURE
    assert str(key) == read_file("navigli.vkey").strip()
    found = find_signature(note, key)
    assert found is not None
    assert found.time == 1785704691
    for other in (note.text.replace("722", "723"), note.text.replace("staging", "stagin6")):
        with pytest.raises(RefusedError, match="note-signature-invalid"):
            find_signature(Note(other, note.lines), key)


@pytest.mark.parametrize("name", ["coachandhorses2026h1.txt", "arche"])
def test_public_checkpoints_come_out_byte_for_byte(name: str) -> None:
    published = ARCHE if name == "arche" else read_file(name)
    assert str(parse_note(published.encode())) == published


def test_a_time_is_read_as_others_read_it() -> None:
    """transparency-dev/formats, TestCoSigV1Timestamp."""
    encoded = "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
    (line,) = parse_lines(f"— x {encoded}\n")
    assert int.from_bytes(line.signature[:8]) == 1727964367


def test_sigsums_request_is_read_and_written_as_they_have_it() -> None:
    published = (
        "old 3\nAAAAHA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nexample.org/log\n5\n"
        f"HA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— example.org/log DEADBEEF{'A' * 83}=\n"
    ).encode()
    request = read_request(published)
    assert (request.old_size, request.proof, request.head.size) == (3, (bytes((0, 0, 0, 28, 14, 71)) + bytes(26),), 5)
    assert write_request(request.old_size, request.proof, str(request.note)) == published


# --- a whole conversation ---

CONVERSATION = re.findall(r"<<<\n(.*?)>>> (\d+) body ([^\n]*)\n", read_file("litewitness.txt"), re.DOTALL)
LOGS_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
LOGS_NAME = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"


def test_another_witnesss_conversation_goes_the_same_way_with_ours() -> None:
    keys = {LOGS_NAME: [VerifierKey(LOGS_NAME, ED25519_NOTE, LOGS_KEY)]}
    signer, state, statuses = make_signer("example.com/witness"), NEVER, []
    for data, published, said in CONVERSATION:
        request = read_request(data.encode())
        try:
            signed = judge(request, keys.get(request.head.origin, []), state)
        except RefusedError as error:
            status = PROBLEMS[error.code]
            told = f'== "{error.facts.get("expected")}\\n"'
            assert status != 409 or said == told
        else:
            status = 200
            state = read_state(str(cosign(request, signed, [signer], state, 1)).encode(), [signer.key])
        assert status == (404 if "unknown log" in said else int(published))
        statuses.append(status)
    assert statuses == [200, 403, 404, 422, 422, 200, 409, 200, 409]
    assert state == State(5, read_head(parse_note(CONVERSATION[-1][0].partition("\n\n")[2].encode()).text).root, 1)


# --- proofs ---


def test_a_proofs_example_is_read_as_it_is_laid_out() -> None:
    """c2sp.org/tlog-proof, its lines of proof in full; signatures are elided there, so the checkpoint is another."""
    hashes = """gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=
"""
    extra = encode64(b"age-v1.2.1-darwin-arm64.tar.gz")
    proof = read_proof(f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex 73894\n{hashes}\n{COSIGNED_SOFA}".encode())
    assert (proof.position, len(proof.path), str(proof.note)) == (73894, 5, COSIGNED_SOFA)
