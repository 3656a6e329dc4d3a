"""The words of `api/translations/`, read file by file, and what is wrong with them. Everything here returns; nothing
asserts.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "api" / "translations"
Key = tuple[str, str]
"""Context ("" for a template's sentence) and msgid."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_CJK = re.compile(r"[\u3400-\u9fff]")
# Four letters in a row are a word; less is a unit, an abbreviation or a name such as API or SHA-256.
_ENGLISH = re.compile(r"[a-z]{4}")


@dataclass(frozen=True)
class Words:
    """The texts of one file, by key. A plural has one text a form."""

    name: str
    texts: Mapping[Key, tuple[str, ...]]
    repeated: tuple[str, ...]
    """The msgids that the file gives more than once."""


def read_words(name: str, data: bytes, language: str) -> Words:
    """Read one PO file. Raises babel's PoFileError where it is none."""
    catalog = read_po(BytesIO(data), locale=language, abort_invalid=True)
    texts = {_key(message): _forms(message.string) for message in catalog if message.id}
    # Babel lets the last of two win without a word, so they are counted in the text.
    entries = data.decode().split("\n\n")
    heads = [entry[entry.index("msgid ") :] for entry in entries if "msgid " in entry]
    contexts = [re.findall(r'^msgctxt (".*")', entry, re.MULTILINE) for entry in entries if "msgid " in entry]
    keys = [(str(context), head.split("\nmsgstr")[0]) for context, head in zip(contexts, heads, strict=True)]
    return Words(name, texts, tuple(key for _, key in keys if keys.count((_, key)) > 1))


def read_language(language: str) -> list[Words]:
    """All files of a language, in order of name."""
    paths = sorted((TRANSLATIONS / language).glob("*.po"))
    return [read_words(f"{language}/{path.name}", path.read_bytes(), language) for path in paths]


def merge(files: Iterable[Words]) -> dict[Key, tuple[str, ...]]:
    """All texts of a language, by key."""
    return {key: texts for words in files for key, texts in words.texts.items()}


def find_repeats(files: Iterable[Words]) -> list[str]:
    """The keys that are given twice, in one file or in two: one of them would win by its file's name."""
    seen: dict[Key, str] = {}
    faults = []
    for words in files:
        faults += [f"{words.name}: {key!r} twice" for key in sorted(set(words.repeated))]
        for key in words.texts:
            if key in seen:
                faults.append(f"{words.name}: {key} stands in {seen[key]} too")
            seen[key] = words.name
    return faults


def find_flaws(english: Mapping[Key, tuple[str, ...]], chinese: Mapping[Key, tuple[str, ...]]) -> list[str]:
    """What is wrong with single texts: none, the wrong script, other placeholders, a "%" that cannot be filled in."""
    faults = []
    for language, words in (("en", english), ("zh", chinese)):
        for key, texts in words.items():
            for text in texts:
                faults += [f"{language} {key}: {fault}" for fault in _flaws(language, key, text)]
    # A template's sentence is its own English.
    for key, texts in chinese.items():
        known = english.get(key, (key[1],) if not key[0] else None)
        if known is not None and {*map(placeholders, texts)} - {*map(placeholders, known)}:
            faults.append(f"{key}: zh and en fill in different facts")
    return faults


def placeholders(text: str) -> frozenset[str]:
    """The facts that a text fills in."""
    return frozenset(_PLACEHOLDER.findall(text))


def read_template(text: str) -> tuple[set[str], set[Key]]:
    """The sentences of a template, and the symbolic keys that it says by literals. Raises on wrong syntax."""
    sentences: set[str] = set()
    symbols: set[Key] = set()
    keywords = ("_", "gettext", "ngettext", "say")
    for _, function, message, _ in babel_extract(BytesIO(text.encode()), keywords, (), {"silent": "false"}):
        parts = message if isinstance(message, tuple) else (message,)
        if function != "say":
            sentences |= {parts[0]} if parts[0] else set()
        elif len(parts) > 1 and parts[0] and parts[1]:
            symbols.add((parts[0], parts[1]))
    return sentences, symbols


def read_code(text: str) -> set[Key]:
    """The symbolic keys that Python code says by literals."""
    return {
        (context, key)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for match in [(node.func, node.args[:2])]
        if isinstance(match[0], ast.Name) and match[0].id == "say"
        for context, key in _literals(match[1])
    }


def _literals(arguments: list[ast.expr]) -> Iterator[Key]:
    match arguments:
        case [ast.Constant(value=str(context)), ast.Constant(value=str(key))]:
            yield context, key


def _flaws(language: str, key: Key, text: str) -> Iterator[str]:
    if not text.strip():
        yield "no text"
    if language == "en" and _CJK.search(text):
        yield "Chinese in an English text"
    if language == "zh" and not _CJK.search(text) and _ENGLISH.search(_PLACEHOLDER.sub("", text)):
        yield "an English text for a Chinese one"
    # Templates fill in every sentence; of symbolic words only those that are never given facts may have a bare "%".
    if placeholders(text) or not key[0] or key[1].split(".")[0] in ("says", "unchecked", "missing"):
        try:
            _ = text % dict.fromkeys(placeholders(text), "")
        except (TypeError, ValueError, KeyError):
            yield 'a "%" that is no placeholder: write "%%"'


def _key(message: object) -> Key:
    identity = message.id  # type: ignore[attr-defined]
    return message.context or "", identity if isinstance(identity, str) else identity[0]  # type: ignore[attr-defined]


def _forms(string: object) -> tuple[str, ...]:
    return tuple(map(str, string)) if isinstance(string, tuple | list) else (str(string),)
