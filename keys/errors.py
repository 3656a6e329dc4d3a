"""The one way in which anything below the API refuses: a stable code with its facts.

Words and HTTP statuses for each code stand in `api/problems.py`; a house test holds the two together.
"""


class RefusedError(Exception):
    """A refusal with a stable `code` and the facts that explain it.

    Facts read as "expected X, got Y, where Z": `expected`, `got` and `where` are the usual names.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.code}: {told}" if told else self.code
