"""JSON objects as RFC 8259 and RFC 7493 (I-JSON) write them down, within our bounds: character by character, slowly.

`read` gives the value with fractions as Decimal, or raises NotReadError. It shares nothing with `json` or with ours.
"""

from decimal import Decimal, localcontext

SPACE, DIGITS = " \t\n\r", "0123456789"
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class NotReadError(Exception):
    """What is no object within the bounds."""


class Reader:
    """Stands at a character. `bounds` are (deepest nesting, largest integer, most digits, largest exponent)."""

    def __init__(self, text, bounds):
        self.text, self.at = text, 0
        self.deepest, self.largest, self.digits, self.exponent = bounds

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, allowed):
        """The next character, which has to be one of these."""
        found = self.peek()
        if not found or found not in allowed:
            raise NotReadError
        self.at += 1
        return found

    def space(self):
        while self.peek() and self.peek() in SPACE:
            self.at += 1

    def value(self, depth):
        self.space()
        found = self.peek()
        if found == "{":
            value = self.object(depth + 1)
        elif found == "[":
            value = self.array(depth + 1)
        elif found == '"':
            value = self.string()
        elif found and found in "-" + DIGITS:
            value = self.number()
        else:
            value = self.word()
        self.space()
        return value

    def word(self):
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        raise NotReadError

    def object(self, depth):
        members: dict = {}
        self.open("{", depth)
        while self.peek() != "}":
            if members:
                self.take(",")
                self.space()
            name = self.string()
            self.space()
            self.take(":")
            if name in members:
                raise NotReadError
            members[name] = self.value(depth)
        self.take("}")
        return members

    def array(self, depth):
        items: list = []
        self.open("[", depth)
        while self.peek() != "]":
            if items:
                self.take(",")
            items.append(self.value(depth))
        self.take("]")
        return items

    def open(self, mark, depth):
        if depth > self.deepest:
            raise NotReadError
        self.take(mark)
        self.space()

    def string(self):
        self.take('"')
        units = []
        while (found := self.peek()) != '"':
            if found < " ":  # the end too
                raise NotReadError
            self.at += 1
            units.append(self.escape() if found == "\\" else found)
        self.take('"')
        # Escapes give UTF-16 units: two that belong together are one character, one alone is none.
        try:
            text = "".join(units).encode("utf-16-be", "surrogatepass").decode("utf-16-be")
        except UnicodeDecodeError as error:
            raise NotReadError from error
        if "\0" in text:
            raise NotReadError
        return text

    def escape(self):
        if self.peek() == "u":
            self.at += 1
            return chr(int("".join(self.take(DIGITS + "abcdefABCDEF") for _ in range(4)), 16))
        return ESCAPES[self.take(ESCAPES)]

    def number(self):
        start = self.at
        if self.peek() == "-":
            self.at += 1
        if self.take(DIGITS) != "0":
            self.many_digits()
        is_whole = self.peek() not in (".", "e", "E")
        if self.peek() == ".":
            self.at += 1
            self.take(DIGITS)
            self.many_digits()
        if self.peek() in ("e", "E"):
            self.at += 1
            if self.peek() in ("+", "-"):
                self.at += 1
            self.take(DIGITS)
            self.many_digits()
        return self.whole(self.text[start : self.at]) if is_whole else self.fraction(self.text[start : self.at])

    def many_digits(self):
        while self.peek() and self.peek() in DIGITS:
            self.at += 1

    def whole(self, text):
        if len(text) > 20 or abs(int(text)) > self.largest:
            raise NotReadError
        return int(text)

    def fraction(self, text):
        mantissa, _, power = text.lower().lstrip("-").partition("e")
        whole, _, rest = mantissa.partition(".")
        exponent = int(power or "0") - len(rest) if len(power) < 30 else self.exponent + 1
        digits = (whole + rest).lstrip("0") or "0"
        if len(digits) > self.digits or abs(exponent) > self.exponent:
            raise NotReadError
        with localcontext(prec=100):
            value = Decimal(int(digits)).scaleb(exponent)
        return -value if text.startswith("-") else value


def read(data, bounds):
    """The object that the bytes are. Raises NotReadError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotReadError from error
    reader = Reader(text, bounds)
    value = reader.value(0)
    if reader.at != len(text) or not isinstance(value, dict):
        raise NotReadError
    return value
