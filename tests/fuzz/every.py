"""All targets, by name."""

from tests.fuzz import api, checks, exports, keys, ledger, notes, trace, witness

_MODULES = (keys, ledger, notes, witness, checks, trace, exports, api)
TARGETS = {target.name: target for module in _MODULES for target in module.TARGETS}
