"""What looks wrong in a history: a family of pure functions a file.

A new rule is a function in one of these files; a new family is a file named here. Each rule takes anything with a
`history`.
"""

from trace.findings import collect_rules
from trace.rules import chain, copper, custody, flags, quantity, recall, scans, stretches, supplier

RULES = collect_rules(chain, custody, supplier, quantity, copper, recall, flags, scans, stretches)
