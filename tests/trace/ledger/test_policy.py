"""A policy counts operators, and is read as it is written or not at all."""

from itertools import chain, combinations, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from tests.trace.ledger.cosigners import make_log, make_signer
from trace.ledger.note import Note, parse_note
from trace.ledger.policy import check_operators, demand, judge_note, witnesses_by_url
from trace.ledger.policy_text import parse_policy
from trace.ledger.signature import ED25519_COSIGNATURE, ED25519_NOTE, ML_DSA_44_COSIGNATURE

LOG = make_log()
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
SIGNERS = {name: make_signer(f"{name.lower()}.example/w") for name in NAMES}
NOTE = parse_note(LOG.note(9).encode())
# The example of c2sp.org/tlog-policy, with keys.
EXAMPLE = f"""
log {LOG.vkey}

{"".join(f"witness {name} {SIGNERS[name].key}" + chr(10) for name in NAMES[:3])}
group X-witnesses 2 X1 X2 X3

{"".join(f"witness {name} {SIGNERS[name].key}" + chr(10) for name in NAMES[3:])}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def read(text: str):
    return parse_policy(text.encode("utf-8", "surrogateescape"))


def cosigned(*names: str) -> Note:
    return Note(NOTE.text, (*NOTE.lines, *(SIGNERS[name].sign_text(NOTE.text, 1) for name in names)))


def test_the_published_example_means_what_it_says():
    policy = check_operators(read(EXAMPLE))
    for names in chain.from_iterable(combinations(NAMES, number) for number in range(7)):
        enough = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
        judgement = judge_note(policy, cosigned(*names))
        assert judgement.is_met is enough, names
        assert set(judgement.witnesses) == set(names)
    assert judgement.operators == policy.operators == ("X-witnesses", "Y-witnesses")


def test_what_is_not_met_says_who_is_missing():
    with pytest.raises(
        RefusedError, match="policy-not-met: where the witnesses, expected 2 of X-witnesses, Y-witnesses"
    ):
        demand(read(EXAMPLE), cosigned("X1", "X2", "X3"))
    assert demand(read(EXAMPLE), cosigned("X1", "X2", "Y3")).is_met


def test_a_log_that_the_policy_does_not_know_is_not_made_up_for_by_witnesses():
    other = make_log()
    text = other.note(9)
    note = parse_note(text.encode())
    full = Note(note.text, (*note.lines, *(one.sign_text(note.text, 1) for one in SIGNERS.values())))
    with pytest.raises(RefusedError, match="policy-not-met: where the log"):
        demand(read(EXAMPLE), full)


def test_a_key_of_the_right_log_under_another_origin_does_not_count():
    policy = read(f"log {make_log('suzheng.example/other').vkey}\nlog {LOG.vkey}\nquorum none\n")
    assert demand(policy, NOTE).log is not None
    with pytest.raises(RefusedError, match="policy-not-met"):
        demand(read(f"log {make_log('suzheng.example/other').vkey}\nquorum none\n"), NOTE)


def test_a_witness_that_signed_something_else_spoils_the_note():
    wrong = SIGNERS["X1"].sign_text(LOG.note(8).partition("\n\n")[0] + "\n", 1)
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        judge_note(read(EXAMPLE), Note(NOTE.text, (*cosigned("X2", "X3", "Y1").lines, wrong)))


A_ED, A_ML = (make_signer("a.example/w", row) for row in (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE))
B = make_signer("b.example/w")
THREE = f"witness a1 {A_ED.key}\nwitness a2 {A_ML.key}\nwitness b {B.key}\n"


def test_two_keys_of_one_operator_count_once():
    policy = check_operators(read(f"{THREE}group a any a1 a2\ngroup both all a b\nquorum both\n"))
    lines = [signer.sign_text(NOTE.text, 1) for signer in (A_ED, A_ML, B)]
    assert not judge_note(policy, Note(NOTE.text, tuple(lines[:2]))).is_met
    judgement = judge_note(policy, Note(NOTE.text, tuple(lines)))
    assert (judgement.is_met, judgement.operators, judgement.threshold) == (True, ("a", "b"), 2)


@pytest.mark.parametrize(
    "groups",
    [
        "group all 2 a1 a2 b\nquorum all\n",
        "group one any a1\ngroup other any a2 b\ngroup all all one other\nquorum all\n",
    ],
)
def test_a_policy_in_which_an_operator_counts_twice_is_read_but_not_admitted(groups):
    policy = read(THREE + groups)
    with pytest.raises(RefusedError, match=r"policy-malformed: .*all keys of a\.example/w in one member"):
        check_operators(policy)


def test_a_quorum_may_be_one_witness_or_none():
    one = read(f"{THREE}quorum b\n")
    assert (one.operators, one.threshold) == (("b",), 1)
    assert not judge_note(one, NOTE).is_met
    none = read("quorum none\n")
    assert (none.operators, judge_note(none, NOTE).is_met) == ((), True)


def test_lines_may_follow_the_quorum_and_be_indented():
    policy = read(f"\t witness\tb   {B.key}  http://b/ \n # note\n\nquorum b\n log {LOG.vkey} http://log/\n#\n")
    assert (len(policy.logs), policy.logs[0].url, policy.witnesses["b"].url) == (1, "http://log/", "http://b/")


def test_keys_behind_one_address_are_asked_at_once():
    policy = read(THREE.replace("\n", " http://a/\n", 2) + "quorum b\n")
    assert [(url, [one.name for one in parties]) for url, parties in witnesses_by_url(policy)] == [
        ("http://a/", ["a1", "a2"])
    ]


def test_names_are_bytes():
    kelvin, k = "witness \u212a ", "witness K "
    policy = read(f"{kelvin}{A_ED.key}\n{k}{B.key}\nquorum K\n")
    assert policy.witnesses["K"].key == B.key
    raw = parse_policy(b"# \xff\xfe\nwitness \xff %s\nquorum \xff\n" % str(B.key).encode())
    assert raw.quorum.encode("utf-8", "surrogateescape") == b"\xff"
    with pytest.raises(RefusedError, match="policy-not-met") as refused:
        demand(raw, NOTE)
    assert str(refused.value).encode()


def test_a_key_that_is_no_text_is_refused_in_words_that_can_be_written():
    for line in (b"log \xff", b"witness w w.example/w+00000000+\x80", b"witness w \xff+00000000+AAAA"):
        with pytest.raises(RefusedError, match="policy-malformed") as refused:
            parse_policy(line + b"\n")
        assert str(refused.value).encode()


def test_as_much_as_the_specification_asks_for_is_read():
    """32 logs, witnesses and groups, with the longest keys."""
    logs = "".join(f"log {make_signer(f'l{n}.example', ML_DSA_44_COSIGNATURE).key}\n" for n in range(32))
    witnesses = "".join(f"witness w{n} {make_signer(f'w{n}.example', ML_DSA_44_COSIGNATURE).key}\n" for n in range(32))
    groups = "".join(f"group g{n} 1 w{n}\n" for n in range(32))
    assert len(read(f"{logs}{witnesses}{groups}quorum g31\n").groups) == 32


W = f"witness w {B.key}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{W}",
        f"{W}quorum w",
        f"{W}quorum w\r\n",
        f"{W}quorum w\0\n",
        f"{W}quorum w\x7f\n",
        f"{W}quorum w\nquorum w\n",
        f"{W}quorum none\nquorum w\n",
        f"{W}quorum v\n",
        f"quorum w\n{W}",
        f"{W}quorum w w\n",
        f"{W}quorum\n",
        f"{W}{W}quorum w\n",
        f"{W}witness v {B.key}\nquorum w\n",
        f"{W}witness v {make_signer('x', ED25519_NOTE).key}\nquorum w\n",
        f"{W}witness none {A_ED.key}\nquorum w\n",
        f"{W}witness v\nquorum w\n",
        f"{W}witness v {A_ED.key} http://v/ more\nquorum w\n",
        f"{W}witness v {A_ED.key}x\nquorum w\n",
        f"{W}group g any\nquorum w\n",
        f"{W}group g some w\nquorum w\n",
        f"{W}group g 0 w\nquorum w\n",
        f"{W}group g 01 w\nquorum w\n",
        f"{W}group g 2 w\nquorum w\n",
        f"{W}group g -1 w\nquorum w\n",
        f"{W}group g 99999 w\nquorum w\n",
        f"{W}group g any v\nquorum w\n",
        f"{W}group g any g\nquorum w\n",
        f"{W}group g any none\nquorum w\n",
        f"{W}group w any w\nquorum w\n",
        f"{W}group none any w\nquorum w\n",
        f"{W}group g 1 w w\nquorum w\n",
        f"{W}group g any w\ngroup h any w\nquorum w\n",
        f"{W}log {LOG.vkey}\nlog {LOG.vkey}\nquorum w\n",
        f"{W}log\nquorum w\n",
        f"{W}bananas\nquorum w\n",
        f"{W}quorum w # comment\n",
        "#\n" * 1001 + f"{W}quorum w\n",
    ],
    ids=count(),  # the texts hold fresh keys
)
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(RefusedError, match="policy-malformed"):
        read(text)


def test_one_public_key_in_two_guises_is_still_one():
    """tlog-policy: duplicates wrap the same key, whatever name or id they go by."""
    key = LOG.vkey
    renamed = make_log("suzheng.example/2")
    twin = type(key)("suzheng.example/2", key.type, key.material)
    assert read(f"log {key}\nlog {renamed.vkey}\nquorum none\n").logs
    with pytest.raises(RefusedError, match="policy-malformed"):
        read(f"log {key}\nlog {twin}\nquorum none\n")
    # A log and a witness may share one.
    assert read(f"log {key}\nwitness w {type(key)('w', ED25519_COSIGNATURE, key.material)}\nquorum w\n")


WORDS = st.lists(st.sampled_from(EXAMPLE.split()), max_size=12).map(lambda words: " ".join(words).encode())


@given(st.binary(max_size=300) | WORDS)
def test_any_bytes_are_read_or_refused(data):
    try:
        parse_policy(data + b"\n")
    except RefusedError as error:
        assert (error.code, bool(str(error).encode())) == ("policy-malformed", True)  # noqa: PT017 - or it is read
