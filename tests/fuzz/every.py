"""All targets, by name."""

from tests.fuzz import api, bulk, checks, desk, exports, keys, ledger, notes, papers, trace, witness

_MODULES = (keys, ledger, notes, witness, checks, trace, exports, bulk, api, desk, papers)
TARGETS = {target.name: target for module in _MODULES for target in module.TARGETS}
