"""What a replay gave, gathered so that it can be written down as what is expected of the next one."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from engine.decide.record import Record
from engine.model.chatter import ChatterBatch
from engine.model.decision import Decision, Verdict

_MESSAGES_KEPT: Final = 3  # of each playbook and reason


class Happened:
    """Counts reasons by playbook, and keeps the first few messages of each."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._kept: dict[tuple[str, str], list[Decision]] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Take in decisions; what is ignored and not shaped like an order is passed over."""
        for record in records:
            decision = record.decision
            shaped = [each for each in decision.outcomes if each.verdict is not Verdict.IGNORED or each.is_order_shaped]
            for outcome in shaped:
                self._counts[decision.playbook, outcome.rule or outcome.reason.value] += 1
            if shaped:
                self._keep(decision)

    def add_chatter(self, batch: ChatterBatch) -> None:
        """Pass over what says nothing."""

    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """Return (playbook, reason or rule, how many), by playbook, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda entry: (entry[0][0], -entry[1], entry[0][1]))
        return tuple((playbook, reason, count) for (playbook, reason), count in ordered)

    def messages(self) -> tuple[Decision, ...]:
        """Return the first few decisions of each playbook and reason whose alerts all share one fate."""
        return tuple(decision for kept in self._kept.values() for decision in kept)

    def _keep(self, decision: Decision) -> None:
        if decision.event > 1 or len({outcome.verdict for outcome in decision.outcomes}) > 1:
            return
        first = decision.outcomes[0]
        kept = self._kept.setdefault((decision.playbook, first.rule or first.reason.value), [])
        if len(kept) < _MESSAGES_KEPT:
            kept.append(decision)
