"""Every parser that takes bytes from outside, thrown at.

`target.py` says what a target is and what it must never do; the targets are declared in the files that
`every.py` names; `engine.py` makes inputs and judges; `python -m tests.fuzz` (bin/fuzz) runs for minutes, and
`test_fuzz.py` for seconds in each run of the suite. `tests/house/test_parsers.py` finds parsers that no target covers.
"""
