"""What a person typed into a form, read field by field. All faults are told at once, each at its field.

answers = Answers(request.form)
to, at = answers.party("to"), answers.moment("at")
answers.check()                       # raises RefusedError `form-refused` with every fault
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from api.words import say
from keys.errors import RefusedError
from keys.keyring import read_jwk
from keys.payload import read_json
from trace.days import CHINA
from trace.epcis.identifiers import make_logistic, parse_goods
from trace.uscc import check_uscc

_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,6}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
MAX_LOTS = 500


class Answers:
    """The fields of one form. A field that is not in order gives a stand-in, and `check` refuses the whole."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self._given = given
        self._faults: dict[str, str] = {}

    def fault(self, name: str, code: str, **facts: object) -> None:
        """Say what is wrong at a field; the first that is said stays."""
        self._faults.setdefault(name, say("fault", code, **facts))

    def check(self) -> None:
        """Raises RefusedError `form-refused` where any field was not in order; `fields` says which and why."""
        if self._faults:
            fields = [{"name": name, "message": message} for name, message in self._faults.items()]
            raise RefusedError("form-refused", fields=fields)

    def text(self, name: str, longest: int = 200, *, required: bool = True) -> str:
        """One line. Full-width digits and letters, as Chinese keyboards write them, are read as plain ones."""
        text = " ".join(self._given.get(name, "").split())
        if required and not text:
            self.fault(name, "missing")
        elif len(text) > longest or _UNPRINTABLE.search(text):
            self.fault(name, "too_long", most=longest, got=len(text))
        return text

    def code(self, name: str, longest: int, *, required: bool = True) -> str:
        """A number or code: as `text`, in plain characters (NFKC) and without spaces."""
        return unicodedata.normalize("NFKC", self.text(name, longest, required=required)).replace(" ", "")

    def lines(self, name: str) -> list[str]:
        """Lines of a large field, the empty ones left out."""
        text = unicodedata.normalize("NFKC", self._given.get(name, ""))
        return [" ".join(line.split()) for line in text.splitlines() if line.strip()]

    def choice(self, name: str, among: Collection[str]) -> str:
        """One of a list."""
        chosen = self._given.get(name, "")
        if chosen not in among:
            self.fault(name, "choose")
        return chosen

    def choices(self, name: str, among: Collection[str]) -> list[str]:
        """Some of a list, at least one."""
        chosen = [one for one in dict.fromkeys(self._given.getlist(name)) if one in among]
        if not chosen:
            self.fault(name, "choose")
        return chosen

    def flag(self, name: str) -> bool:
        """Is the box ticked?"""
        return bool(self._given.get(name))

    def day(self, name: str, *, required: bool = True) -> date | None:
        """A calendar day."""
        text = self._given.get(name, "").strip()
        if not text and not required:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.fault(name, "day" if text else "missing")
            return None
        if not 1900 <= day.year < 3000:
            self.fault(name, "day")
        return day

    def moment(self, name: str) -> datetime:
        """When something happened, to the minute, by China's clocks."""
        text = self._given.get(name, "").strip()
        try:
            at = datetime.fromisoformat(text).replace(tzinfo=CHINA)
        except ValueError:
            self.fault(name, "moment" if text else "missing")
            return datetime(2000, 1, 1, tzinfo=CHINA)
        if not 1900 < at.year < 2999:
            self.fault(name, "moment")
            return datetime(2000, 1, 1, tzinfo=CHINA)
        return at

    def amount(self, name: str, *, least: Decimal = Decimal(0), required: bool = True) -> Decimal | None:
        """A quantity, above `least`."""
        text = unicodedata.normalize("NFKC", self._given.get(name, "")).replace(",", "").strip()
        if not text and not required:
            return None
        if not _AMOUNT.fullmatch(text):
            self.fault(name, "amount" if text else "missing")
            return Decimal(1)
        if Decimal(text) <= least:
            self.fault(name, "above", least=least)
        return Decimal(text)

    def count(self, name: str, most: int) -> int:
        """A whole number from 1 to `most`."""
        text = unicodedata.normalize("NFKC", self._given.get(name, "")).strip()
        if not _COUNT.fullmatch(text) or not 1 <= int(text) <= most:
            self.fault(name, "count" if text else "missing", most=most)
            return 1
        return int(text)

    def lots(self, name: str) -> list[str]:
        """Lots, units and logistic units that were chosen, by id, each once; at least one."""
        found: dict[str, None] = {}
        for text in self._given.getlist(name):
            try:
                found[parse_goods(text)] = None
            except RefusedError:
                self.fault(name, "lot", got=text[:60])
        if not found:
            self.fault(name, "none_chosen")
        if len(found) > MAX_LOTS:
            self.fault(name, "too_many", most=MAX_LOTS, got=len(found))
        return list(found)

    def sscc(self, name: str) -> str:
        """A logistic unit by its SSCC: 18 digits, with (00) before them or without. Its id."""
        code = self.code(name, 30)
        if code:
            try:
                return make_logistic(code.removeprefix("(00)"))
            except RefusedError as error:
                self.fault(name, "sscc", expected=error.facts["expected"], got=code)
        return ""

    def uscc(self, name: str, *, required: bool = True) -> str:
        """A unified social credit code, both check characters verified."""
        code = self.code(name, 18, required=required).upper()
        if code:
            try:
                return check_uscc(code)
            except RefusedError as error:
                self.fault(name, "uscc", got=error.facts.get("got", code))
        return code

    def party(self, name: str, *, required: bool = True) -> str:
        """A party by its code; what stands after the code (its name, as the list of proposals has it) is for people."""
        text = self.text(name, 160, required=required)
        if not text:
            return ""
        try:
            return check_uscc(text.split()[0].upper())
        except RefusedError:
            self.fault(name, "party", got=text[:60])
            return ""

    def key(self, name: str) -> dict[str, str]:
        """A public key: a JWK, or a request for enrolment that holds one."""
        text = self._given.get(name, "").strip()
        if not text:
            self.fault(name, "missing")
            return {}
        try:
            given: Mapping[str, Any] = read_json(text.encode())
            return read_jwk(given.get("jwk", given)).to_jwk()
        except RefusedError:
            self.fault(name, "key")
            return {}
