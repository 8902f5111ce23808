"""What a run decided, in numbers."""

from collections import Counter
from collections.abc import Iterable

from engine.decide.record import Record
from engine.model.decision import Reason, Verdict


class DecidingTally:
    """Counts decisions as they are made. events: message events some playbook heard."""

    def __init__(self) -> None:
        self.events = 0
        self._outcomes: Counter[tuple[Verdict, Reason]] = Counter()

    def add(self, records: Iterable[Record]) -> None:
        """Count what was decided about one message event."""
        self.events += 1
        for record in records:
            self._outcomes.update((outcome.verdict, outcome.reason) for outcome in record.decision.outcomes)

    def count(self, verdict: Verdict) -> int:
        """Return how many alerts, or messages without one, ended so."""
        return sum(number for (ended, _), number in self._outcomes.items() if ended is verdict)

    def reasons(self) -> tuple[tuple[Verdict, Reason, int], ...]:
        """Return how often each verdict and reason came, the most frequent first."""
        return tuple((verdict, reason, number) for (verdict, reason), number in self._outcomes.most_common())
