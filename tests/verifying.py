"""verify.html as a reader has it: saved to a file, opened in a browser without a network, fed with files.

with opened(browser, folder, app) as page:
    report = check(page, {"s.cose": statement, "r.cose": receipt}, ledger=vkey)
    report.of("sealed")  # "pass", or "fail:size" where the case has a name of its own
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from keys.envelope import Statement
from keys.keyring import PublicKey
from trace.ledger.checkpoint import Sealer, sign_root, verifier_key, write_note, write_receipt
from trace.ledger.tree import hash_children, hash_leaf, prove_inclusion, root_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Report:
    """What the page came to: `whole` is pass, fail or open; a line is (check, outcome, case, facts)."""

    whole: str
    ledger: list[dict[str, Any]]
    entries: list[list[dict[str, Any]]]
    others: list[dict[str, Any]]

    def of(self, check: str, entry: int = 0) -> str:
        """The outcome of a check, with its case where that is not the outcome's own name."""
        return _name(self.line(check, entry))

    def line(self, check: str, entry: int = 0) -> dict[str, Any]:
        """The one line of a check, of the ledger, of an entry, or of other files."""
        own = self.entries[entry] if self.entries else []
        (found,) = [line for line in (*self.ledger, *own, *self.others) if line["check"] == check]
        return found

    def failing(self) -> set[str]:
        """All that fails, of whatever."""
        lines = [*self.ledger, *(line for entry in self.entries for line in entry), *self.others]
        return {f"{line['check']}:{line['case']}" for line in lines if line["outcome"] == "fail"}


def _name(line: dict[str, Any]) -> str:
    return str(line["outcome"] if line["case"] == line["outcome"] else f"{line['outcome']}:{line['case']}")


@contextmanager
def opened(browser: "Browser", folder: Path, app: Flask, **context: Any) -> "Iterator[Page]":
    """The page from a file, offline; a complaint on the console or a request to anywhere fails the test."""
    path = folder / "verify.html"
    path.write_bytes(app.test_client().get("/verify.html").data)
    asked: list[str] = []
    told: list[str] = []
    surroundings = browser.new_context(offline=True, **{"locale": "en-GB", **context})
    page = surroundings.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("#work:not([hidden])")
    yield page
    surroundings.close()
    assert asked == [path.as_uri()]
    assert told == []


def check(page: "Page", files: Mapping[str, bytes], *, ledger: str = "", witnesses: str = "") -> Report:
    """Give the page these files and texts, and read what it reports."""
    page.evaluate("startOver()")
    page.locator("#ledger_text").fill(ledger)
    page.locator("#witness_text").fill(witnesses)
    buffers = [{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()]
    page.set_input_files("#files", buffers)  # type: ignore[arg-type]
    return read_report(page)


def check_slots(page: "Page", slots: Mapping[str, bytes]) -> Report:
    """Give the page files in their own fields."""
    page.evaluate("startOver()")
    for slot, data in slots.items():
        page.evaluate("state.report = null")
        page.set_input_files(f"#file_{slot}", {"name": f"{slot}.bin", "mimeType": "", "buffer": data})
        report = read_report(page)
    return report


def read_report(page: "Page") -> Report:
    """Wait until the page has checked, then what it says."""
    page.wait_for_function("() => state.report !== null")
    whole, ledger, entries, others = page.evaluate(
        """() => [judgeAll(state.report).outcome, state.report.ledger, state.report.entries.map(({ lines }) => lines),
                  [...state.report.documents, ...state.report.files]]"""
    )
    return Report(whole, ledger, entries, others)


def call(page: "Page", function: str, *cases: Any) -> list[Any]:
    """What a JavaScript function gives, case by case: bytes go in as Uint8Array, a refusal comes out as its code."""
    found: list[Any] = page.evaluate(
        f"""async (cases) => {{
            const read = (value) =>
                value?.as === "bytes" ? fromBase64(value.text)
                : value?.as === "whole" ? BigInt(value.text)
                : Array.isArray(value) ? value.map(read) : value;
            const results = [];
            for (const one of cases) {{
                try {{ results.push(await ({function})(...read(one))); }}
                catch (error) {{ if (!(error instanceof Refused)) throw error; results.push(error.code); }}
            }}
            return results;
        }}""",
        [[pack(value) for value in case] for case in cases],
    )
    return found


def pack(value: Any) -> Any:
    """Bytes and whole numbers as the page's side of `call` reads them."""
    if isinstance(value, bytes):
        return {"as": "bytes", "text": base64.b64encode(value).decode()}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"as": "whole", "text": str(value)}
    return [pack(item) for item in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class LittleLedger:
    """A ledger of these statements and no door: it takes whatever it is given, as a dishonest one would."""

    sealer: Sealer
    statements: Sequence[Statement]
    at: Any

    def node(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree."""
        if level == 0:
            return hash_leaf(self.statements[index].leaf)
        return hash_children(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    @property
    def root(self) -> bytes:
        """The root of all."""
        return root_of(len(self.statements), self.node)

    def receipt(self, position: int) -> bytes:
        """The receipt of one."""
        size = len(self.statements)
        path = prove_inclusion(position, size, self.node)
        return write_receipt(sign_root(self.sealer, size, self.root, self.at), size, position, path)

    def note(self) -> str:
        """The checkpoint of all."""
        return write_note(self.sealer, len(self.statements), self.root)

    def files(self) -> dict[str, bytes]:
        """Every statement with its receipt."""
        found = {}
        for position, statement in enumerate(self.statements):
            found[f"statement-{position}.cose"] = statement.to_bytes()
            found[f"receipt-{position}.cose"] = self.receipt(position)
        return found


def vkey_of(sealer: Sealer) -> str:
    """The ledger's verifier key."""
    return verifier_key(sealer.origin, sealer.key.public)


def pem_of(key: PublicKey) -> bytes:
    """A public key as a file."""
    return key.to_pem().encode()


def flip(data: bytes, at: int) -> bytes:
    """The bytes with the last bit of one of them changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)
