"""What a rule found, and what it means when a gate cannot judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expectations.rules import Rule


@dataclass(frozen=True)
class Judgement:
    """What one rule found: passed or not, the observed figure, the first places in words, and
    every violating row by its index columns.
    """

    rule: Rule
    passed: bool
    observed: str
    places: tuple[str, ...] = ()
    violating: tuple[Mapping[str, Any], ...] = ()

    @property
    def limits(self) -> str:
        """The rule's thresholds in one line."""
        return ", ".join(f"{k}={v}" for k, v in self.rule.kwargs.items() if k not in _LONG)

    @property
    def text(self) -> str:
        """One line: rule, threshold, observed figure, places."""
        places = f" at {'; '.join(self.places)}" if self.places else ""
        return f"{self.rule.id} ({self.limits}): {self.observed}{places}"


_LONG = ("column_set", "value_set")


class GateBrokenError(RuntimeError):
    """A gate that cannot judge; what it guards is refused."""
