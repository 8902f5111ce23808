"""What two versions of a playbook decide about the same messages, decision by decision."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.decide.record import Record
from engine.model.chatter import ChatterBatch
from engine.model.decision import Decision, Outcome, Verdict
from engine.parse.exits import describe
from engine.playbook.example_fields import shown_level
from engine.replay.summary import ReplaySummary


class Difference(StrEnum):
    """How the decisions about one alert differ: only the new version has one, only the old, or both, unlike."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Decided:
    """
    What one version decided about one alert, as far as versions are compared.

    reason: a rule's own code where one decided. contract: as people write it. quantity: contracts, shares
    or units it was sized at. price: dollars per share. part: of the position to close. Texts are "" and
    numbers None where there is none.
    """

    verdict: Verdict
    reason: str
    action: str = ""
    contract: str = ""
    quantity: int | None = None
    price: Decimal | None = None
    part: Decimal | None = None
    stop: str = ""
    targets: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What goes with a decision, and is not compared. cost: dollars of its size; None when it was not sized."""

    detail: str
    place: str
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class MessageShown:
    """The message a decision is about, as far as it is shown."""

    id: str
    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """
    One decision that differs.

    alert: its position in the message, from 0. old, new: None where that version decided nothing.
    fields: the names of what differs, when both decided.
    """

    kind: Difference
    message: MessageShown
    alert: int
    old: Decided | None
    new: Decided | None
    old_told: Told | None
    new_told: Told | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """
    One version and what it did.

    approved, refused: decisions. opened: of the approved, openings. cost: dollars all sized openings count as;
    sized: how many of the openings were sized.
    """

    name: str
    content_hash: str
    approved: int
    refused: int
    opened: int
    sized: int
    cost: Decimal
    summary: ReplaySummary


@dataclass(frozen=True, slots=True)
class Move:
    """How many decisions went from one reason to another; "nothing" where a version decided nothing."""

    old: str
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two versions over the same archives.

    changed: what one version approves and the other does not first, then in the order of the messages.
    """

    old: Side
    new: Side
    changed: tuple[Changed, ...]

    def count(self, kind: Difference) -> int:
        """Return how many decisions differ in this way."""
        return sum(each.kind is kind for each in self.changed)

    @property
    def moves(self) -> tuple[Move, ...]:
        """From which reasons to which the decisions that differ went, the most frequent first."""
        counts = Counter((_reason(each.old), _reason(each.new)) for each in self.changed)
        ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        return tuple(Move(old, new, count) for (old, new), count in ordered)


_Key = tuple[datetime, int, int, int]
_Kept = tuple[Decided, Told, MessageShown]


class Collector:
    """
    Keeps what one version decides; what says nothing is not kept.

    Memory grows with the alerts of the archives: two versions can only be held against each other whole.
    """

    def __init__(self) -> None:
        self._kept: dict[_Key, _Kept] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Keep what was decided."""
        for record in records:
            decision = record.decision
            for outcome in decision.outcomes:
                if outcome.verdict is not Verdict.IGNORED or outcome.is_order_shaped:
                    self._keep(decision, outcome)

    def add_chatter(self, batch: ChatterBatch) -> None:
        """Pass over what says nothing."""

    def side(self, name: str, content_hash: str, summary: ReplaySummary) -> Side:
        """Return the version whose decisions these are, with its sums."""
        approved = [(row, told) for row, told, _ in self._kept.values() if row.verdict is Verdict.APPROVED]
        opened = [told.cost for row, told in approved if row.action.endswith("_to_open")]
        costs = [cost for cost in opened if cost is not None]
        refused = sum(row.verdict is Verdict.DENIED for row, _, _ in self._kept.values())
        cost = sum(costs, Decimal(0))
        return Side(name, content_hash, len(approved), refused, len(opened), len(costs), cost, summary)

    def changes_to(self, new: "Collector") -> Iterator[Changed]:
        """Yield what another version decides differently, in the order of the messages."""
        for key in sorted(self._kept.keys() | new._kept.keys()):
            found = _changed(key[3], self._kept.get(key), new._kept.get(key))
            if found is not None:
                yield found

    def _keep(self, decision: Decision, outcome: Outcome) -> None:
        key = (decision.at, int(decision.message_id), decision.event, outcome.index)
        place = "" if outcome.span is None else f"{outcome.span.file}:{outcome.span.line}"
        told = Told(outcome.detail, place, None if outcome.size is None else outcome.size.cost)
        shown = MessageShown(decision.message_id, decision.at, decision.author_name, decision.text)
        self._kept[key] = (_decided(outcome), told, shown)


def compare(old: tuple[Collector, Side], new: tuple[Collector, Side]) -> Comparison:
    """Return where two versions differ, each with its sums."""
    return Comparison(old[1], new[1], tuple(sorted(old[0].changes_to(new[0]), key=_keeps_verdict)))


def _keeps_verdict(changed: Changed) -> bool:
    return changed.old is not None and changed.new is not None and changed.old.verdict is changed.new.verdict


def _reason(decided: Decided | None) -> str:
    return "nothing" if decided is None else decided.reason


def _changed(alert: int, old: _Kept | None, new: _Kept | None) -> Changed | None:
    before, old_told, shown = old if old is not None else (None, None, None)
    after, new_told, shown = new if new is not None else (None, None, shown)
    if shown is None or before == after:
        return None
    if before is None or after is None:
        kind = Difference.APPEARS if before is None else Difference.VANISHES
        return Changed(kind, shown, alert, before, after, old_told, new_told)
    unlike = tuple(each.name for each in fields(Decided) if getattr(before, each.name) != getattr(after, each.name))
    return Changed(Difference.CHANGES, shown, alert, before, after, old_told, new_told, unlike)


def _decided(outcome: Outcome) -> Decided:
    reason = outcome.rule or outcome.reason.value
    alert = outcome.alert
    if alert is None:
        return Decided(outcome.verdict, reason)
    return Decided(
        verdict=outcome.verdict,
        reason=reason,
        action=alert.action.value,
        contract=describe(alert.legs) if alert.legs else alert.symbol or "",
        quantity=None if outcome.size is None else outcome.size.quantity,
        price=alert.price,
        part=alert.fraction,
        stop="" if alert.stop is None else shown_level(alert.stop),
        targets=", ".join(map(shown_level, alert.targets)),
    )
