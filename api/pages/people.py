"""The names of everybody whom a page speaks of."""

import re

from sqlalchemy.orm import Session

from api.naming import Names, party_names
from trace.parties.register import read_parties

_USCC = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")


def names_in(session: Session, *told: object) -> Names:
    """The names of the parties whose codes stand anywhere in these values, in one query.

    Facts of findings carry codes inside longer texts, so the values are searched as they print: nothing is missed.
    """
    codes = set(_USCC.findall(repr(told)))
    return party_names(read_parties(session, codes)) if codes else {}
