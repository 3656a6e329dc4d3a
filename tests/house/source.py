"""The code as house tests read it: which module imports which, and what names it uses. Nothing is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("keys", "trace", "labs", "api")


def modules() -> dict[str, ast.Module]:
    """Every module of the product by its dotted name, parsed."""
    paths = [ROOT / "wsgi.py", *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))]
    return {dotted(path): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in paths}


def dotted(path: Path) -> str:
    """trace/ledger/store.py is trace.ledger.store; a package's __init__ is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; `from a import b` gives both a and a.b. None is relative."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Which of these modules imports which other. A name that a package merely hands on counts as the package."""
    return {
        name: {found for found in imports(tree) if found in trees and found != name} for name, tree in trees.items()
    }
