"""The desk's scripts: keys that stay, files that open, drafts that are refused, and what is shown of what is signed."""

import base64
import json
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.envelope import parse_statement, verify_statement, write_header
from keys.keyring import generate_key, read_private_key
from tests.factories import BODIES, DRUM, PALLET, uscc_of
from tests.pages import opened, served
from tests.world import MADE, PREPARED

pytestmark = pytest.mark.browser
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory, shared_folder) -> Iterator[Any]:
    """The page of keys, whose scripts are called one by one."""
    with opened(tmp_path_factory.mktemp("desk"), shared_folder, PREPARED + MADE) as (app, _), served(app) as address:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"{address}/desk/keys")
        page.wait_for_function("() => !document.querySelector('[data-waits]').disabled")
        yield page
        context.close()


def refusal(page: Any, call: str, *given: Any) -> str:
    """The code by which a script refuses; empty where it does not."""
    script = """async (given) => {
        try { await (CALL)(...given); return ""; }
        catch (error) { return error instanceof Refused ? error.code : `BROKE ${error}`; }
    }"""
    told = page.evaluate(script.replace("CALL", call), given)
    return str(told)


# --- keys ---

OPEN = "async (given) => { const { kid, jwk } = await openKeyFile(...given); return { kid, jwk }; }"


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
@pytest.mark.parametrize("passphrase", ["", "口令 with a blank"])
def test_our_own_key_files_open(page, algorithm, passphrase):
    key = generate_key(algorithm)
    pem = key.to_pem(passphrase.encode() or None).decode()
    given = [pem, passphrase, "mine"]
    kept = page.evaluate(OPEN, given)
    assert kept == {"kid": key.public.kid.hex(), "jwk": key.public.to_jwk()}
    signature = page.evaluate(
        "async (kid) => toBase64(await signWith(await findKey(kid), toUtf8('said')))", key.public.kid.hex()
    )
    assert key.public.verifies(base64.b64decode(signature), b"said")


@pytest.mark.parametrize(
    "options",
    ["-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA512", "-v2 aes-128-cbc -v2prf hmacWithSHA1", "-nocrypt"],
)
def test_openssl_s_key_files_open(page, openssl, tmp_path, options):
    path = tmp_path / "key.pem"
    subprocess.run([openssl, "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    command = [openssl, "pkcs8", "-topk8", *options.split(), "-in", path, "-passout", "pass:secret"]
    pem = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kid = page.evaluate("async (given) => (await openKeyFile(...given)).kid", [pem, "secret", ""])
    assert kid == read_private_key(path.read_bytes(), None).public.kid.hex()


def test_a_wrong_passphrase_another_format_and_no_key_are_refused(page, openssl):
    locked = generate_key("ES256").to_pem(b"right").decode()
    assert refusal(page, "openKeyFile", locked, "wrong", "") == "passphrase-wrong"
    command = [openssl, "pkcs8", "-topk8", "-v2", "aes-192-cbc", "-passin", "pass:right", "-passout", "pass:right"]
    rare = subprocess.run(command, input=locked, check=True, capture_output=True, text=True).stdout
    assert refusal(page, "openKeyFile", rare, "right", "") == "pem-unsupported"
    ancient = subprocess.run(
        [openssl, "ecparam", "-name", "prime256v1", "-genkey", "-noout"], check=True, capture_output=True, text=True
    ).stdout
    assert refusal(page, "openKeyFile", ancient, "", "") == "pem-unsupported"
    assert refusal(page, "openKeyFile", "-----BEGIN PUBLIC KEY-----", "", "") == "pem-unreadable"
    sm2 = generate_key("SM2").to_pem(None).decode()
    assert refusal(page, "openKeyFile", sm2, "", "") == "key-unsupported"


def test_no_key_file_breaks_the_page(page):
    chance = random.Random(4)
    pem = generate_key().to_pem(b"right").decode()
    der = bytearray(base64.b64decode("".join(pem.splitlines()[1:-1])))
    altered = []
    for _ in range(300):
        changed = bytearray(der)
        # The head, where the parameters stand; not the count of rounds, which may take a machine a while.
        marks = (0, 1, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xFF, chance.randrange(256))
        changed[chance.randrange(60)] = chance.choice(marks)
        end = chance.choice([len(changed), chance.randrange(len(changed))])
        text = base64.encodebytes(bytes(changed[:end])).decode()
        altered.append(f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}-----END ENCRYPTED PRIVATE KEY-----\n")
    told = page.evaluate(
        """async (pems) => Promise.all(pems.map(async (pem) => {
            try { await openPem(pem, "right"); return "opened"; }
            catch (error) { return error instanceof Refused ? "refused" : `BROKE ${error}`; }
        }))""",
        altered,
    )
    assert set(told) <= {"opened", "refused"}
    assert told.count("refused") > 200


@pytest.mark.parametrize("make", ["makeBrowserKey('made')", "openKeyFile(pem, '', 'opened')"])
def test_no_script_gets_a_key_out_of_the_browser(page, make):
    pem = generate_key("ES256").to_pem(None).decode()
    told = page.evaluate(
        f"""async (pem) => {{
            const {{ kid }} = await {make};
            const {{ secret }} = await findKey(kid);
            const forms = ["jwk", "pkcs8", "raw"].map((form) => crypto.subtle.exportKey(form, secret));
            const tries = await Promise.allSettled(forms);
            return [secret.extractable, ...tries.map(({{ status }}) => status)];
        }}""",
        pem,
    )
    assert told == [False, "rejected", "rejected", "rejected"]


def test_nothing_but_a_sign_in_is_signed_to_sign_in(page):
    call = """async () => {
        const key = await makeBrowserKey("k");
        const answer = globalThis.fetch;
        globalThis.fetch = async () => new Response(JSON.stringify({ challenge: "c", to_sign: "\\x84jSignature1…" }));
        try { await signIn(key); } finally { globalThis.fetch = answer; }
    }"""
    assert refusal(page, call) == "challenge-refused"


# --- drafts ---


def draft_for(kid: str, **changes: Any) -> dict[str, Any]:
    """A draft as the registry gives it."""
    body = json.dumps(BODIES["goods.shipped"](), ensure_ascii=False)
    honest: dict[str, Any] = {
        "kind": "goods.shipped",
        "issuer": uscc_of("maker"),
        "subject": DRUM,
        "kid": kid,
        "algorithm_id": -8,
        "content_type": "application/json",
        "issued_at": NOW.isoformat().replace("+00:00", "Z"),
        "nonce": "ab" * 16,
        "follows": ["02" * 32, "01" * 32],
        "after": [],
        "payload": base64.b64encode(body.encode()).decode(),
    }
    honest |= {name: value for name, value in changes.items() if name != "protected"}
    header = write_header(
        algorithm_id=honest["algorithm_id"],
        kid=bytes.fromhex(honest["kid"]),
        kind=honest["kind"],
        issuer=honest["issuer"],
        subject=honest["subject"],
        issued_at=datetime.fromisoformat(honest["issued_at"]),
        nonce=bytes.fromhex(honest["nonce"]),
        follows=map(bytes.fromhex, honest["follows"]),
        content_type=honest["content_type"],
    )
    protected = None if honest["after"] else base64.b64encode(header).decode()
    return honest | {"protected": changes.get("protected", protected)}


def open_maker_key(page: Any) -> Any:
    key = generate_key()
    page.evaluate("async (pem) => { await openKeyFile(pem, '', ''); }", key.to_pem(None).decode())
    return key


SIGN = "async (kid, party, drafts) => signDrafts(await findKey(kid), party, drafts)"


def test_what_is_signed_is_what_python_would_have_written(page):
    key = open_maker_key(page)
    kid = key.public.kid.hex()
    first = draft_for(kid, kind="lot.inspected", subject="批次 " + "x" * 30)
    second = draft_for(kid, nonce="cd" * 16, after=[0])
    envelopes = page.evaluate(
        f"async (given) => (await ({SIGN})(...given)).map(({{ envelope }}) => toBase64(envelope))",
        [kid, uscc_of("maker"), [first, second]],
    )
    one, other = (parse_statement(base64.b64decode(envelope)) for envelope in envelopes)
    for statement in (one, other):
        verify_statement(statement, key.public)
        assert statement.issued_at == NOW
    assert (one.subject, one.follows) == (first["subject"], (b"\x01" * 32, b"\x02" * 32))
    assert set(other.follows) == {*one.follows, one.leaf}
    assert other.payload == base64.b64decode(second["payload"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kid": "00" * 32}, "draft-refused"),
        ({"issuer": uscc_of("dealer")}, "draft-refused"),
        ({"algorithm_id": -7}, "draft-refused"),
        ({"protected": base64.b64encode(b"\xa0").decode()}, "draft-refused"),
        ({"issued_at": (NOW - timedelta(days=2)).isoformat().replace("+00:00", "Z")}, "clocks-differ"),
        ({"subject": ""}, "envelope-malformed"),
    ],
)
def test_a_draft_that_is_not_ones_own_is_never_signed(page, changes, code):
    kid = open_maker_key(page).public.kid.hex()
    draft = draft_for(**{"kid": kid, **changes})
    assert refusal(page, SIGN, kid, uscc_of("maker"), [draft]) == code
    assert refusal(page, SIGN, kid, uscc_of("maker"), [draft_for(kid)]) == ""


# --- what is shown ---


def tell(page: Any, body: dict[str, Any], kind: str = "goods.shipped") -> tuple[str, int]:
    """What a draft is shown as, and how many elements it has that no script of ours makes."""
    draft = draft_for("ab" * 32, kind=kind, payload=base64.b64encode(json.dumps(body).encode()).decode())
    text, foreign = page.evaluate(
        """(draft) => {
            const card = tellDraft(draft, {});
            card.querySelector(":scope > details").remove();
            return [card.textContent, card.querySelectorAll("script, img, a, iframe, style").length];
        }""",
        draft,
    )
    return text, foreign


# Said by the kind already, or written another way.
FRAME = {"type", "action", "bizStep", "disposition", "eventTimeZoneOffset", "eventTime"}


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_word_of_every_kind_is_shown(page, kind):
    changes = {"kid": "ab" * 32} if kind in ("key.revoked", "signatory.authorised") else {}
    body = json.loads(json.dumps(BODIES[kind](**changes)))
    hidden = {"action", "party"} | (FRAME if "eventTime" in body else set())
    text, _ = tell(page, body, kind)
    for name, value in body.items():
        if isinstance(value, str) and name not in hidden and not value.startswith("http"):
            assert value.rsplit(":", 1)[-1] in text, name
        if isinstance(value, dict | list) and value:
            # Something of it is there: its longest word.
            words = sorted((word for word in find_words(value)), key=len)
            assert not words or words[-1] in text, name


def find_words(value: Any) -> Iterator[str]:
    """The texts within a value that no page writes in other words: the last part of each."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from () if name in ("uom", "unit", "type", "family") else find_words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from find_words(inner)
    elif isinstance(value, str) and value.isascii() and "/" not in value and value != "active":
        yield value.rsplit(":", 1)[-1]


def test_what_is_packed_in_what_is_shown(page):
    text, _ = tell(page, BODIES["goods.packed"](), "goods.packed")
    assert f"(00){PALLET[3:]}" in text
    assert "A1 · D001" in text
    emptied, _ = tell(page, BODIES["goods.unpacked"](childEPCs=[]), "goods.unpacked")
    assert "all that is in it" in emptied
    assert "all that is in it" not in tell(page, BODIES["goods.unpacked"](amounts={DRUM: None}), "goods.unpacked")[0]


def test_what_a_stranger_wrote_is_shown_as_text(page):
    hostile = "<img src=x onerror=alert(1)>"
    body = BODIES["recall.ordered"](number=hostile, reason=hostile)
    text, foreign = tell(page, {**body, hostile: hostile}, "recall.ordered")
    assert (text.count(hostile), foreign) == (4, 0)


def test_members_that_nobody_knows_are_shown(page):
    text, _ = tell(
        page,
        {**BODIES["goods.shipped"](), "example:fee": {"cny": 100000}, "suzheng:place": {"station": "S", "gift": 7}},
    )
    assert '{"cny":100000}' in text
    assert "gift7" in text
