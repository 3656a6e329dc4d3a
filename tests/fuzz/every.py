"""All targets, by name."""

from tests.fuzz import api, checks, desk, exports, keys, ledger, notes, trace, witness

_MODULES = (keys, ledger, notes, witness, checks, trace, exports, api, desk)
TARGETS = {target.name: target for module in _MODULES for target in module.TARGETS}
