"""All targets, by name."""

from tests.fuzz import api, keys, ledger, trace

TARGETS = {target.name: target for module in (keys, ledger, trace, api) for target in module.TARGETS}
