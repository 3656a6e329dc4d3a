"""Signing in is proving possession of a key: no names, no passwords.

    GET  /api/v1/challenge   → {"challenge": "…", "to_sign": "suzheng-session-v1\\nsuzheng.example/demo\\n…"}
    POST /api/v1/sessions      {"kid": "…", "challenge": "…", "signature": "<base64>"}

1. A challenge is signed by this installation, lives 5 minutes and is used once: its use leaves an empty file, which
   all workers on this machine see; files of challenges that have died are swept.
2. What is signed names the purpose and this registry, so that it is no statement and serves nowhere else.
3. The token names the key and is worth no more than the key at each request; revoking the key ends every session.
4. Sessions are made and ended from our own pages or by programs, never by another site's form or script.
"""

import contextlib
import hashlib
import os
import time
from datetime import timedelta

from flask import Blueprint, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from marshmallow import ValidationError

from api.access import SESSION_AGE_S, SESSION_COOKIE, Callers, caller, check_same_site, open_to, serializer
from api.operations import JSON, Reply, operation
from api.shell import current_shell
from api.v1.schemas import CallerSchema, ChallengeSchema, SessionSchema, SignInSchema
from api.v1.statements import decode_base64
from keys.errors import RefusedError
from keys.payload import read_json
from trace.parties.register import Key, check_key_usable, find_key

blueprint = Blueprint("api_sessions", __name__)
PURPOSE = "suzheng-session-v1"
CHALLENGE_AGE_S = 300


@blueprint.get("/challenge")
@open_to(Callers.ANYONE)
@operation("A challenge to sign", tag="sessions", returns={200: ChallengeSchema}, refuses=("not-founded",))
def issue_challenge() -> Reply:
    """Nothing is kept of it until it is used."""
    challenge = str(_challenges().dumps(os.urandom(16).hex()))
    expires_at = current_shell().clock() + timedelta(seconds=CHALLENGE_AGE_S)
    data = {"challenge": challenge, "to_sign": bytes_to_sign(challenge).decode(), "expires_at": expires_at}
    return Reply(data, is_private=True)


@blueprint.post("/sessions")
@open_to(Callers.ANYONE)
@operation(
    "Sign in with a key",
    tag="sessions",
    returns={201: SessionSchema},
    takes={JSON: SignInSchema},
    refuses=(
        "challenge-refused",
        "key-doubted",
        "key-expired",
        "key-not-yet-valid",
        "key-revoked",
        "key-unknown",
        "media-type-unknown",
        "not-founded",
        "origin-foreign",
        "payload-malformed",
        "signature-invalid",
    ),
)
def open_session() -> Reply:
    """The token comes in the reply, for programs, and in a cookie that scripts can't read, for browsers."""
    check_same_site()
    given = _read_sign_in()
    shell = current_shell()
    _check_challenge(given["challenge"])
    key = _find_usable_key(given["kid"])
    signature = decode_base64(given["signature"], "signature")
    if not key.public.verifies(signature, bytes_to_sign(given["challenge"])):
        raise RefusedError("signature-invalid", where="signature", expected="one over to_sign", got=key.kid.hex())
    _use_up(given["challenge"])
    token = serializer(current_app).dumps(key.kid.hex())
    expires_at = shell.clock() + timedelta(seconds=SESSION_AGE_S)
    data = {"token": token, "party": key.party, "expires_at": expires_at}
    return Reply(data, 201, headers={"Set-Cookie": _cookie(str(token), SESSION_AGE_S)}, is_private=True)


@blueprint.get("/sessions")
@open_to(Callers.SIGNED_IN)
@operation("Who is signed in", tag="sessions", returns={200: CallerSchema}, refuses=("not-signed-in",))
def show_session() -> Reply:
    """The party that the token's key belongs to."""
    return Reply(caller(), is_private=True)


@blueprint.delete("/sessions")
@open_to(Callers.ANYONE)
@operation("Sign out", tag="sessions", returns={204: None}, refuses=("origin-foreign",))
def close_session() -> Reply:
    """The browser forgets the token. Nothing here remembers it: a token that got away ends with its hours, or with its
    key.
    """
    check_same_site()
    return Reply(status=204, headers={"Set-Cookie": _cookie("", 0)})


def bytes_to_sign(challenge: str) -> bytes:
    """What a key signs to sign in: purpose, origin and challenge, a line each."""
    return f"{PURPOSE}\n{current_shell().registry.origin}\n{challenge}".encode()


def _read_sign_in() -> dict[str, str]:
    # A form of another site can't send this type without asking first.
    if request.mimetype != JSON:
        raise RefusedError("media-type-unknown", expected=JSON, got=request.mimetype[:80])
    try:
        given: dict[str, str] = SignInSchema().load(read_json(request.get_data()))
    except ValidationError as error:
        raise RefusedError("request-malformed", where="the request", got=str(error)[:200]) from error
    if missing := {"kid", "challenge", "signature"} - given.keys():
        raise RefusedError("request-malformed", where="the request", expected=sorted(missing), got="nothing")
    return given


def _find_usable_key(kid: str) -> Key:
    try:
        thumbprint = bytes.fromhex(kid)
    except ValueError:
        thumbprint = b""
    shell = current_shell()
    with shell.database.reading() as session:
        key = find_key(session, thumbprint)
    if key is None:
        raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid[:80])
    check_key_usable(key, shell.clock())
    return key


def _challenges() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="challenge")


def _check_challenge(challenge: str) -> None:
    try:
        _challenges().loads(challenge, max_age=CHALLENGE_AGE_S)
    except BadSignature as error:
        raise RefusedError("challenge-refused", expected="one of ours, at most 5 minutes old") from error


def _use_up(challenge: str) -> None:
    """Rule 1. The name is a hash, so that a challenge is no path; a file made by two is made by one of them."""
    folder = current_shell().settings.var_dir / "challenges"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    dead = time.time() - 2 * CHALLENGE_AGE_S
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another worker sweeps too
            if path.stat().st_mtime < dead:
                path.unlink()
    try:
        (folder / hashlib.sha256(challenge.encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError as error:
        raise RefusedError("challenge-refused", expected="one that was not used", got="a used one") from error


def _cookie(token: str, age_s: int) -> str:
    secure = "; Secure" if current_shell().settings.is_secure else ""
    return f"{SESSION_COOKIE}={token}; Max-Age={age_s}; Path=/; HttpOnly; SameSite=Strict{secure}"
