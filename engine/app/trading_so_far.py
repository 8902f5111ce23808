"""
What the journal says of trading: decisions, orders and fills folded in the order they were written.

The only way to the state of a trading process, at a first start, after a stop and after a crash alike.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from engine.app.giving_up import Approval, GivenUp, given_up
from engine.app.late_fills import ClosedFirst, late_close, left_of
from engine.app.position_keeping import PositionKeeper
from engine.app.run_so_far import RunSoFar
from engine.app.versions import Versions
from engine.decide.book import Book, Fills
from engine.decide.record import Record
from engine.execute.slots import Slots
from engine.journal.entry_bodies import decided, rulebook_texts
from engine.journal.trade_log import RUN, TRADE_KINDS, trade_entries
from engine.lifecycle.order_state import PATIENCE
from engine.lifecycle.slot import Slot
from engine.model.decision import Outcome, Verdict
from engine.model.entry import Entry, EntryKind
from engine.model.position import Closed
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, PositionsClosed, TradeEntry
from engine.plan.flow import DropCode, Dropped, Ended, FilledLate
from engine.playbook.rulebook import Rulebook

Approvals = dict[str, Approval]


class Restores(Protocol):
    """Whoever rebuilds itself from the journal."""

    def restore(self, entry: TradeEntry) -> object:
        """Take in one entry, in the order of the journal; what is not about it is passed over."""
        ...


class HoldsSlots(Protocol):
    """Whoever knows the orders of one account."""

    @property
    def slots(self) -> Mapping[str, Slot]:
        """Every slot by its id."""
        ...


class TradingSoFar:
    """
    The fold.

    executors: by the alias of their account; they must be among those that restore. others: who else restores.
    Attributes: book, keeper: positions. approved: outcomes that ask for an order and are not over, by their intent
    key. unplanned: keys of those no intent was made of yet. given_up: those that a decision has given up, and that are
    not over. closed_first: those of them that their author closed before they had filled, until what filled of them all
    the same is looked at. closed: what fills have closed since that was last written down.
    so_far: of the decisions.
    """

    def __init__(self, rulebook: Rulebook, executors: Mapping[str, HoldsSlots], restoring: Iterable[Restores]) -> None:
        self._rulebook = rulebook
        self.so_far = RunSoFar(RUN, rulebook, lambda: Book(Fills.BOOKED, expires_worthless=False))
        self.versions = Versions(rulebook)
        self.keeper = PositionKeeper(self.so_far.book)
        self.approved: Approvals = {}
        self.unplanned: set[str] = set()
        self.given_up: dict[str, GivenUp] = {}
        self.closed_first: dict[str, ClosedFirst] = {}
        self.closed: tuple[Closed, ...] = ()
        self._executors = executors
        self._restoring = tuple(restoring)

    @property
    def book(self) -> Book:
        """Positions, counts and results."""
        return self.so_far.book

    def fold(self, entries: Iterable[Entry]) -> None:
        """Take in entries, in the order of the journal. Raises: JournalError."""
        for entry in entries:
            self.so_far.fold((entry,))
            if entry.kind is EntryKind.TEXTS:
                texts = rulebook_texts(entry.body)
                self.versions.add(texts.rulebook, dict(texts.files))
            elif entry.run != RUN:
                continue
            elif entry.kind is EntryKind.DECIDED:
                self.closed = ()
                self._take_records(decided(entry.body).records)
            elif entry.kind in TRADE_KINDS:
                for each in trade_entries((entry,)):
                    self._take(each)

    def note_given_up(self, record: Record, given: Iterable[GivenUp]) -> None:
        """Take note of what a decision gives up."""
        for each in given:
            opening = self.approved.get(each.intent_id)
            if opening is not None:
                self.given_up[each.intent_id] = each
                if each.code is DropCode.CLOSED_FIRST:
                    self.closed_first.setdefault(each.intent_id, ClosedFirst(record, opening))

    def filled_late(self, intent_id: str) -> int:
        """Return how many units of an opening filled after its author was out, and no close takes."""
        found = self.closed_first[intent_id]
        position = left_of(found, self.book)
        held = 0 if position is None else position.quantity or 0
        return min(held, self.keeper.filled_after(intent_id, found.close.facts.now))

    def take_late(self, intent_id: str, units: int) -> Approval | None:
        """Take in that so much of it filled late; return the close that is to be made of it."""
        found = self.closed_first.pop(intent_id, None)
        position = None if found is None else left_of(found, self.book)
        if found is None or position is None:
            return None
        record, outcome = late_close(found, position, units)
        self.book.reserve(record, outcome)
        self.approved[outcome.intent_key] = record, outcome
        self.unplanned.add(outcome.intent_key)
        return record, outcome

    def rebuild_book(self, entries: Iterable[Entry]) -> None:
        """
        Make the book anew of the journal, and of what the orders have filled besides.

        For after a write that failed, when decisions were counted that are not on disk. Raises: JournalError.
        """
        orders = {account: _OrdersAgain(account) for account in self._executors}
        anew = TradingSoFar(self._rulebook, orders, tuple(orders.values()))
        anew.fold(entries)
        self.so_far = anew.so_far
        slots = [slot for executor in self._executors.values() for slot in executor.slots.values()]
        self.closed = anew.closed + self.keeper.go_on_with(anew.keeper, slots)

    def _take_records(self, records: tuple[Record, ...]) -> None:
        for record in records:
            version, served = self.so_far.decided_by(record), self.so_far.served
            given = given_up(record, self.approved.values(), version.playbook, leads=served.leads(version))
            self.note_given_up(record, given)
        found = {key: (record, outcome) for record in records for key, outcome in approved(record)}
        self.approved |= found
        self.unplanned |= found.keys()

    def _take(self, entry: TradeEntry) -> None:
        for each in (*self._restoring, self.keeper):
            each.restore(entry)
        match entry.body:
            case Intended(intent):
                self.unplanned.discard(intent.intent_key)
            case FlowHappened(intent_id, FilledLate(units)):
                self.take_late(intent_id, units)
            case FlowHappened(intent_id, Dropped() | Ended()):
                self.unplanned.discard(intent_id)
                self.given_up.pop(intent_id, None)
                self.approved.pop(intent_id, None)
                self.keeper.released(intent_id)
            case PositionsClosed(at):
                self.book.expire(at)
                self.closed = ()
            case OrderHappened(account, slot_id) if account in self._executors:
                self.closed += self.keeper.moved(self._executors[account].slots[slot_id], entry.at)
            case _:
                pass


class _OrdersAgain:
    """The orders of one account by the journal alone."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._slots = Slots(PATIENCE)

    @property
    def slots(self) -> Mapping[str, Slot]:
        """See HoldsSlots."""
        return self._slots.all

    def restore(self, entry: TradeEntry) -> None:
        """See Restores."""
        if isinstance(entry.body, Planned | OrderHappened) and entry.body.account == self._account:
            self._slots.restore(entry)


def approved(record: Record) -> Iterable[tuple[str, Outcome]]:
    """Yield the outcomes of a decision that ask for an order, by their intent keys."""
    for outcome in record.decision.outcomes:
        if outcome.verdict is Verdict.APPROVED and outcome.intent_key and outcome.size is not None:
            yield outcome.intent_key, outcome
