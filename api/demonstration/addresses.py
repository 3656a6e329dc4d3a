"""The pages of the demonstration that are worth opening first, as the table in `story/00-names.toml` lists them."""

from api.demonstration.names import Names
from trace.epcis.identifiers import parse_lot


def read_addresses(names: Names) -> tuple[tuple[str, str], ...]:
    """(label key, path) of each page, in the order of the table. Example: ("stop", "/01/0299…/10/15B0511/21/D02")."""
    return tuple((label, "".join(_path(names, part) for part in parts)) for label, parts in names.addresses.items())


def _path(names: Names, part: str) -> str:
    """A piece of an address: a lot, a party's code, or the words themselves."""
    if part.startswith("#"):
        return parse_lot(names.spell_lots(part[1:])[0]).path
    if part.startswith("@"):
        return f"/{names.parties[part[1:]]}"
    return part
