"""From a request to an answer, for the page and the API alike: read what was asked, look, and count nothing and keep
nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import IO
from urllib.parse import urlsplit

from api.papers.asked import Answer, Question, answer
from api.papers.paper import examine_document, read_document
from api.shell import Shell
from keys.errors import RefusedError
from trace.uscc import check_uscc

UPLOADS = "30 per minute"
"""What one address may have examined: each takes some 50 ms of a processor."""
QUESTIONS = "30000 per minute"
"""What one address may ask by number, hash or code: hundreds a second, since a site's people share one."""
_HASH = re.compile(r"[0-9a-f]{64}")
_LONGEST = {"number": 60, "code": 1000}


def read_question(given: Mapping[str, str]) -> Question:
    """`lab`, `number`, `sha256` and `code`, each "" where it is not given. Raises RefusedError `request-malformed`,
    `uscc-invalid`.
    """
    told = {name: given.get(name, "").strip() for name in ("lab", "number", "sha256", "code")}
    for name, longest in _LONGEST.items():
        if len(told[name]) > longest:
            raise RefusedError("request-malformed", where=name, expected=f"at most {longest} characters")
    told["sha256"] = told["sha256"].lower()
    if told["sha256"] and not _HASH.fullmatch(told["sha256"]):
        raise RefusedError("request-malformed", where="sha256", expected="64 hexadecimal digits")
    if told["lab"]:
        told["lab"] = check_uscc(told["lab"].upper())
    return Question(told["lab"], told["number"], told["sha256"], told["code"])


def is_asked(question: Question) -> bool:
    """Is there anything to answer? A lab alone is no question about a paper."""
    return bool(question.number or question.sha256 or question.code or question.examination)


def ask(shell: Shell, question: Question) -> Answer:
    """Answer from the ledger alone."""
    with shell.database.reading() as session:
        return answer(session, question, urlsplit(shell.settings.public_url).hostname)


def ask_about_file(shell: Shell, question: Question, stream: IO[bytes]) -> Answer:
    """Examine the file and answer; it is not kept. Raises RefusedError `document-refused`, `document-unreadable`,
    `document-unsafe`, `too-busy`.
    """
    document = read_document(stream)
    with shell.database.reading() as session:
        sha256 = hashlib.sha256(document).hexdigest()
        examination = examine_document(session, document, sha256, shell.clock())
        told = replace(question, examination=examination)
        return answer(session, told, urlsplit(shell.settings.public_url).hostname)
