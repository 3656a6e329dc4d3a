"""What rules can say, read from their code without running it: the case of each Finding, the reason of each Unchecked.

A case is mostly a literal. Where it is not, it is followed backwards: through names to what they were assigned,
through parameters to what callers pass, through functions to what they return, through attributes to what their class
was made with, and through an unpacked tuple to the same place of the tuples of that size in the file.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

Function = ast.FunctionDef
# Where `case` and `reason` stand among the positional arguments (trace/findings.py).
_PLACES = {"Finding": (4, "case"), "Unchecked": (1, "reason")}
_DEEPEST = 12


@dataclass(frozen=True)
class Source:
    """One file: its functions by name, its calls by the name that is called, each with the functions around it."""

    functions: Mapping[str, Function]
    calls: Mapping[str, list[tuple[ast.Call, tuple[Function, ...]]]]
    tree: ast.Module = field(repr=False)


def read_source(text: str) -> Source:
    """Read one file's text."""
    tree = ast.parse(text)
    functions: dict[str, Function] = {}
    calls: dict[str, list[tuple[ast.Call, tuple[Function, ...]]]] = {}
    for node, around in _walk(tree, ()):
        if isinstance(node, Function):
            functions[node.name] = node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            calls.setdefault(name, []).append((node, around))
    return Source(functions, calls, tree)


def read_cases(texts: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
    """For each rule's code the pairs ("says", case) and ("unchecked", reason) that these files can produce.

    Raises LookupError where a case can't be followed to any literal: write it so that it can.
    """
    reader = _Reader([read_source(text) for text in texts])
    found: dict[str, set[tuple[str, str]]] = {}
    for source in reader.sources:
        for name, (place, keyword) in _PLACES.items():
            for call, around in source.calls.get(name, ()):
                given = _argument(call, place, keyword)
                cases = {""} if given is None else reader.follow(given, source, around)
                codes = reader.follow(call.args[0], source, around)
                if not cases or not codes:
                    raise LookupError(f"no literal behind: {ast.unparse(call)}")
                kind = "says" if name == "Finding" else "unchecked"
                for code, case in product(codes, cases):
                    found.setdefault(code, set()).add((kind, case))
    return found


def rule_files(root: Path) -> list[str]:
    """The texts of all files that rules are made of."""
    folders = (root / "trace" / "rules", root / "labs" / "rules", root / "labs" / "standards")
    return [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.py"))]


def _walk(node: ast.AST, around: tuple[Function, ...]) -> Iterator[tuple[ast.AST, tuple[Function, ...]]]:
    for child in ast.iter_child_nodes(node):
        yield child, around
        yield from _walk(child, (child, *around) if isinstance(child, Function) else around)


def _argument(call: ast.Call, place: int, keyword: str) -> ast.expr | None:
    named = next((given.value for given in call.keywords if given.arg == keyword), None)
    return named or (call.args[place] if place < len(call.args) else None)


class _Reader:
    """Follows expressions to the strings behind them, over all files."""

    def __init__(self, sources: list[Source]) -> None:
        self.sources = sources
        self._fields = {
            node.name: _fields(node)
            for source in sources
            for node in source.tree.body
            if isinstance(node, ast.ClassDef)
        }

    def follow(self, node: ast.expr, source: Source, around: tuple[Function, ...], depth: int = 0) -> set[str]:
        """Every string that the expression may be. Empty where it leads nowhere."""
        if depth > _DEEPEST:
            return set()
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=body, orelse=other):
                return self.follow(body, source, around, depth + 1) | self.follow(other, source, around, depth + 1)
            case ast.FormattedValue(value=value):
                return self.follow(value, source, around, depth + 1)
            case ast.JoinedStr(values=values):
                return set(map("".join, product(*(self.follow(v, source, around, depth + 1) for v in values))))
            case ast.Call(func=ast.Name(id=name)) if name in source.functions:
                function = source.functions[name]
                returned = [part.value for part in ast.walk(function) if isinstance(part, ast.Return) and part.value]
                # "" is a function's way to say that nothing is wrong.
                return self._all(returned, source, (function,), depth) - {""}
            case ast.Attribute(attr=attribute):
                return self._made_with(attribute, depth)
            case ast.Name(id=name):
                return self._behind(name, source, around, depth)
        return set()

    def _all(self, nodes: Iterable[ast.expr], source: Source, around: tuple[Function, ...], depth: int) -> set[str]:
        return {text for node in nodes for text in self.follow(node, source, around, depth + 1)}

    def _behind(self, name: str, source: Source, around: tuple[Function, ...], depth: int) -> set[str]:
        for function in around:
            parameters = [item.arg for item in function.args.args]
            if name in parameters:
                place = parameters.index(name)
                passed = [
                    (given, outer)
                    for call, outer in source.calls.get(function.name, ())
                    if (given := _argument(call, place, name)) is not None
                ]
                return {t for given, outer in passed for t in self.follow(given, source, outer, depth + 1)}
        scope = around[-1] if around else source.tree
        return {
            text for value in _assigned(name, scope, source) for text in self.follow(value, source, around, depth + 1)
        }

    def _made_with(self, attribute: str, depth: int) -> set[str]:
        """What classes with this field were made with."""
        found: set[str] = set()
        for source in self.sources:
            for name, fields in self._fields.items():
                for call, around in source.calls.get(name, ()):
                    if attribute in fields:
                        given = _argument(call, fields.index(attribute), attribute)
                        found |= self.follow(given, source, around, depth + 1) if given is not None else set()
        return found


def _fields(node: ast.ClassDef) -> list[str]:
    """What the class is made with, in order: the arguments of its own `__init__`, else its fields."""
    for item in node.body:
        if isinstance(item, Function) and item.name == "__init__":
            return [argument.arg for argument in item.args.args[1:]]
    return [i.target.id for i in node.body if isinstance(i, ast.AnnAssign) and isinstance(i.target, ast.Name)]


def _assigned(name: str, scope: ast.AST, source: Source) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _of_target(name, target, value, source)
            case ast.NamedExpr(target=ast.Name(id=known), value=value) if known == name:
                yield value
            case ast.For(target=target) | ast.comprehension(target=target):
                yield from _of_target(name, target, None, source)


def _of_target(name: str, target: ast.expr, value: ast.expr | None, source: Source) -> Iterator[ast.expr]:
    match target:
        case ast.Name(id=known) if known == name and value is not None:
            yield value
        case ast.Tuple(elts=names):
            for place, item in enumerate(names):
                if isinstance(item, ast.Name) and item.id == name:
                    tuples = [value] if isinstance(value, ast.Tuple) else _tuples(source, len(names))
                    yield from (each.elts[place] for each in tuples)


def _tuples(source: Source, size: int) -> list[ast.Tuple]:
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == size
    ]
