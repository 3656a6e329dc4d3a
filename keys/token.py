"""A private key that lives in a PKCS#11 token (an HSM, a smart card) and never leaves it: only signatures come out.

What the token says is checked against the public half that was read from it when it was opened, so that a pair that
does not belong together, or a token that computes wrong, is refused and not believed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from keys.algorithms import ALGORITHMS, Algorithm
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_raw
from keys.token_uri import TokenUri

if TYPE_CHECKING:
    from pkcs11 import ObjectClass, Session, Token

T = TypeVar("T")


class TokenKey:
    """Signs through a session that it keeps, one signature at a time.

    `_lock` guards `_session` and `_handle`: a session has one operation under way and no more (PKCS#11 v3.0 §5.2).
    """

    def __init__(self, uri: TokenUri, module: str, pin: str) -> None:
        """Open it. `module` is the path of the token's library. Raises RefusedError `token-failed`, or
        `key-unreadable` where the token has no such key, or more than one.
        """
        self._uri = replace(uri, pin_source=None)
        self._module, self._pin = module, pin
        self._lock = Lock()
        self._session: Session | None = None
        self._handle: Any = None
        self._must_start_over = False
        with self._lock:
            self.algorithm, self.public = self._guarded(self._read_public)

    def sign(self, signed: bytes) -> bytes:
        """A COSE signature over the bytes `signed`. Raises RefusedError `token-failed`."""
        with self._lock:
            signature = self._guarded(lambda: self._sign(signed))
        if not self.public.verifies(signature, signed):
            raise RefusedError("token-failed", expected="a signature that its public half verifies", got="another")
        return signature

    def forget(self) -> None:
        """Leave the session to whoever else has it, and open another at the next signature: after a fork, say."""
        self._lock = Lock()
        self._session = self._handle = None
        self._must_start_over = True

    def _guarded(self, act: Callable[[], T]) -> T:
        """Do it; once more with a new session where the old one is gone, as when a card was pulled or a host reset."""
        from pkcs11.exceptions import NoSuchToken, PinIncorrect, PinLocked, PKCS11Error

        had_session = self._session is not None
        try:
            return act()
        except RefusedError:
            self._drop()
            raise
        except (NoSuchToken, PinIncorrect, PinLocked) as error:  # trying again would lock a card
            raise RefusedError("token-failed", expected="the token and its PIN", got=_name(error)) from error
        except PKCS11Error as error:
            if not had_session:
                raise RefusedError("token-failed", expected="an answer of the token", got=_name(error)) from error
        self._drop()
        return self._guarded(act)

    def _sign(self, signed: bytes) -> bytes:
        from pkcs11 import Mechanism

        if self._handle is None:
            self._read_public()
        form = self.algorithm.token
        assert form is not None  # noqa: S101 - else it would not have been read
        data = signed if form.digest is None else form.digest(signed)
        return bytes(self._handle.sign(data, mechanism=Mechanism[form.mechanism]))

    def _read_public(self) -> tuple[Algorithm, PublicKey]:
        from pkcs11 import Attribute, ObjectClass

        self._session = self._open()
        handle = self._find_half(self._session, ObjectClass.PRIVATE_KEY)
        public = self._find_half(self._session, ObjectClass.PUBLIC_KEY)
        key = _read_point(handle.key_type.name, bytes(public[Attribute.EC_POINT]))
        self._handle = handle
        return key.algorithm, key

    def _find_half(self, session: "Session", kind: "ObjectClass") -> Any:
        from pkcs11 import Attribute

        wanted = {Attribute.LABEL: self._uri.object, Attribute.ID: self._uri.id}
        asked = {name: value for name, value in wanted.items() if value is not None}
        # All of them: a search that is left half-way would be under way still at the next operation.
        found = list(session.get_objects({Attribute.CLASS: kind, **asked}))
        if len(found) != 1:
            expected = "one private key and its public half"
            raise RefusedError(
                "key-unreadable", where="the token", expected=expected, got=f"{len(found)} of {kind.name}"
            )
        return found[0]

    def _open(self) -> "Session":
        import pkcs11

        library = pkcs11.lib(self._module)
        if self._must_start_over:
            library.reinitialize()
            self._must_start_over = False
        token = self._find(library)
        try:
            return token.open(user_pin=self._pin)
        except pkcs11.UserAlreadyLoggedIn:  # a login is the whole process's, and another key's was first
            return token.open()

    def _find(self, library: Any) -> "Token":
        from pkcs11 import TokenFlag

        uri = self._uri
        serial = uri.serial.encode() if uri.serial is not None else None
        found = [
            token
            for token in library.get_tokens(
                token_label=uri.token, token_serial=serial, token_flags=TokenFlag.TOKEN_INITIALIZED
            )
            if uri.manufacturer in (None, token.manufacturer_id) and uri.model in (None, token.model)
        ]
        if len(found) != 1:
            raise RefusedError("token-failed", expected="one token of that description", got=len(found))
        token: Token = found[0]
        return token

    def _drop(self) -> None:
        from pkcs11.exceptions import PKCS11Error

        session, self._session, self._handle = self._session, None, None
        with suppress(PKCS11Error):
            if session is not None:
                session.close()
        self._must_start_over = True


def _read_point(key_type: str, point: bytes) -> PublicKey:
    """The public key of CKA_EC_POINT: a DER OCTET STRING by the standard; some tokens leave that away."""
    for algorithm in ALGORITHMS.values():
        if algorithm.token is not None and algorithm.token.key_type == key_type:
            for prefix in algorithm.token.point_prefixes:
                if point.startswith(prefix) and len(point) == len(prefix) + algorithm.raw_bytes:
                    return read_raw(algorithm, point.removeprefix(prefix))
    raise RefusedError("key-unreadable", where="the token", expected=" or ".join(_in_tokens()), got=key_type)


def _in_tokens() -> list[str]:
    return [algorithm.name for algorithm in ALGORITHMS.values() if algorithm.token is not None]


def _name(error: Exception) -> str:
    return type(error).__name__
