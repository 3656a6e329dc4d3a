"""All targets, by name."""

from tests.fuzz import api, keys, ledger, notes, trace, witness

TARGETS = {target.name: target for module in (keys, ledger, notes, witness, trace, api) for target in module.TARGETS}
