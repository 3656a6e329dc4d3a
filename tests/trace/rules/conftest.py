"""What rules say in these tests is held against the words that people get."""

from tests.house.spoken import what_rules_say_can_be_said

__all__ = ["what_rules_say_can_be_said"]
