"""
The path of a message: read it, gather the facts, decide, once for every playbook that hears its channel.

The same code live, in a feed and in a replay; they differ in the sources the facts come from.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.decide.book import Book
from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.decide.gathering import Known, gather
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.alert import Reading
from engine.model.message import Message
from engine.model.position import Closed
from engine.model.stages import Stage
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import Accounts, Markets, MessageClock, Restrictions

Stages = Callable[[LivePlaybook, Message], Stage | None]
OnClosed = Callable[[tuple[Closed, ...]], None]
Readings = Iterable[tuple[LivePlaybook, Reading]]


def _unstaged(live: LivePlaybook, message: Message) -> Stage | None:
    """Return no stage: the playbook's own accounts, at full size."""
    return None


def _everywhere(live: LivePlaybook, account: str) -> bool:
    """Return that a version may close what is in an account, whichever it is."""
    return True


@dataclass(frozen=True, slots=True)
class Sources:
    """
    Where the facts of decisions come from.

    own_author_ids: the engine's own Discord accounts. assumed: names of the facts that are assumed.
    stages: how far a version has come for a message; None for every one of them where nobody asks, as in a replay.
    may_close_in: whether a version may close what is in an account, by its alias.
    """

    clock: MessageClock
    accounts: Accounts
    markets: Markets
    restrictions: Restrictions
    own_author_ids: frozenset[str] = frozenset()
    assumed: tuple[str, ...] = ()
    stages: Stages = _unstaged
    may_close_in: Callable[[LivePlaybook, str], bool] = _everywhere


def _ignore(closed: tuple[Closed, ...]) -> None:
    """Leave what was closed at that."""


class Interpreter:
    """
    Decides messages one after another; what it decided bears on what it decides next.

    on_closed: told what each decision closed and what expired before it, oldest first; never of nothing.
    """

    def __init__(self, rulebook: Rulebook, sources: Sources, book: Book, on_closed: OnClosed = _ignore) -> None:
        self._rulebook = rulebook
        self._sources = sources
        self._book = book
        self._on_closed = on_closed
        self._hearings: dict[tuple[str, str], Hearing] = {}

    def hearing(self, message: Message) -> Hearing:
        """Return the playbooks that hear a message's channel."""
        place = (message.channel_id, message.parent_channel_id)
        if place not in self._hearings:
            self._hearings[place] = Hearing(self._rulebook.by_channel(*place))
        return self._hearings[place]

    def handle(self, message: Message) -> tuple[Record, ...]:
        """Return what each playbook decides about a message event, with what it rests on."""
        return self.decide(message, self.hearing(message).read(message))

    def decide(self, message: Message, readings: Readings) -> tuple[Record, ...]:
        """Return what playbooks decide about a message event whose readings are known."""
        records = []
        now = self._sources.clock.judged_at(message)
        self._tell(self._book.expire(now))
        for live, reading in readings:
            terms = live.terms.at(self._sources.stages(live, message))
            facts = self._facts(message, (live, terms), reading, now)
            record = Record(message, facts, decide(terms, message, reading, facts))
            self._tell(self._book.record(record, terms))
            records.append(record)
        return tuple(records)

    def _tell(self, closed: tuple[Closed, ...]) -> None:
        if closed:
            self._on_closed(closed)

    def _facts(self, message: Message, of: tuple[LivePlaybook, Terms], reading: Reading, now: datetime) -> Facts:
        sources, (live, terms) = self._sources, of
        if not reading.alerts and message.event == 1:
            own, assumed = sources.own_author_ids, sources.assumed
            return Facts(now, live.content_hash, own_author_ids=own, assumed=assumed, stage=terms.stage)
        known = Known(
            now=now,
            content_hash=live.content_hash,
            market=lambda alert: sources.markets.market(alert, now),
            account=sources.accounts.state(terms.account, now),
            restrictions=sources.restrictions.in_force(now),
            own_author_ids=sources.own_author_ids,
            assumed=sources.assumed,
            may_close_in=lambda account: sources.may_close_in(live, account),
        )
        return gather(self._book, terms, message, reading, known)
