"""How the checks of an order ended, in words."""

from collections import Counter
from collections.abc import Iterable

from engine.model.check import CheckStatus


def checks_text(statuses: Iterable[str]) -> str:
    """
    Return how many checks ended how.

    >>> checks_text(["passed", "not_applicable", "passed"])
    '2 passed, 1 not applicable'
    """
    counts = Counter(statuses)
    return ", ".join(f"{counts[each]} {each.value.replace('_', ' ')}" for each in CheckStatus if counts[each])
