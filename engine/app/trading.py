"""
A desk that trades: messages in, orders out, everything on disk before it has an effect.

    message → facts → decision (journal) → intent (journal) → stager → executor → broker
                                                     fills → positions → the next decision
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio
from anyio.abc import TaskGroup

from engine.app.deciding import Deciding
from engine.app.desk_events import Audience, DeskEvents
from engine.app.live import Acknowledged, LiveMessages, WithoutRoom
from engine.app.live_facts import LiveFacts
from engine.app.planning import Planning
from engine.app.serving import served
from engine.app.staging import Staging
from engine.app.trading_so_far import RUN, TradingSoFar, approved
from engine.app.watched_log import WatchedLog
from engine.decide.record import Record
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.interpret.interpreter import OnClosed, Sources
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.journal.reading import read_entries
from engine.lifecycle.states import State
from engine.model.decision import Outcome
from engine.model.desk import Person
from engine.model.entry import Entry, EntryKind
from engine.model.message import Message
from engine.model.stages import Stage
from engine.plan.flow import Dropped, Flow
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import Clock, Quotes, Restrictions

_SYNC_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0
_LAST_ANSWERS_SECONDS: Final = 20.0
_UNANSWERED: Final = (State.INTENDED, State.SENT)


class LiveClock:
    """Judges a message at the time it is (see ports.MessageClock)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def judged_at(self, message: Message) -> datetime:
        """Return the time now."""
        return self._clock.now()


@dataclass(frozen=True, slots=True)
class Parts:
    """
    What a trading desk is made of, restored from the journal already.

    folder: of the journal. rulebook: the newest. restrictions: trading states in force. level: makes their file and
    the journal agree. quotes: None where no account can be reached. own_author_ids: the engine's own Discord accounts.
    """

    folder: Path
    log: JournalLog
    trade_log: WatchedLog
    projection: Projection
    rulebook: Rulebook
    staging: Staging
    so_far: TradingSoFar
    desks: Mapping[str, AccountDesk]
    stager: Stager
    quotes: Quotes | None
    restrictions: Restrictions
    level: Callable[[], str]
    events: DeskEvents
    audience: Audience
    clock: Clock
    monotonic: Callable[[], float]
    own_author_ids: frozenset[str] = frozenset()


class Trading:
    """Takes messages one after another and carries out what is decided (see live.Recovery, live.Listener)."""

    _deciding: Deciding

    def __init__(self, parts: Parts) -> None:
        self.run = RUN
        self._parts = parts
        self._facts = LiveFacts(parts.desks, parts.clock)
        self._planning = Planning(
            parts.desks, parts.so_far.versions, parts.stager, parts.trade_log, parts.clock, self._on_dropped
        )
        self._tasks: TaskGroup | None = None
        self._has_begun = False
        self._planned = 0
        self._live = LiveMessages(parts.log, self, self, parts.monotonic)
        parts.events.on_closed = self._live.add_closed

    @property
    def unfinished(self) -> tuple[Flow, ...]:
        """The intents that have not come to their ends; see also `is_busy`."""
        return tuple(flow for flow in self._parts.stager.flows.values() if not flow.is_over)

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way that time should not be passed over for."""
        return self._planned > 0 or bool(self.unfinished) or self._is_sending

    @property
    def _is_sending(self) -> bool:
        """Whether the answer to an order is awaited; of no matter what it is for."""
        executors = [desk.executor for desk in self._parts.desks.values()]
        slots = [slot for executor in executors for slot in executor.slots.values()]
        return any(slot.attempts[-1].state in _UNANSWERED for slot in slots if slot.attempts)

    def approve_soon(self, intent_id: str, by: str) -> None:
        """Have a person of the desk approve an intent, once whoever is told now has been told."""
        person = None if self._parts.rulebook.desk is None else self._parts.rulebook.desk.person(by)
        if person is not None and self._tasks is not None:
            self._tasks.start_soon(self._approve, intent_id, person)

    async def _approve(self, intent_id: str, person: Person) -> None:
        refusal = self._parts.stager.approve(intent_id, person)
        if refusal is not None:
            self.warn(f"not approved: {refusal}")

    # ---------------------------------------------------------------- running

    async def trade(self, messages: AsyncIterator[Message], until: Callable[[], bool]) -> None:
        """
        Recover, take every message, and go on until asked to end; nothing is cancelled at the end.

        until: whether to end, asked after the last message. Raises: JournalError, CredentialsRefused.
        """
        parts = self._parts
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            if parts.quotes is not None:
                tasks.start_soon(parts.quotes.run)
            for desk in parts.desks.values():
                await desk.executor.recover()
                tasks.start_soon(desk.executor.run)
            tasks.start_soon(parts.stager.run)
            tasks.start_soon(self._keep_level)
            tasks.start_soon(self._keep_true)
            self._plan_what_was_left()
            async for message in messages:
                await self.take(message)
            while not until():
                await anyio.sleep(_SYNC_SECONDS)
            with anyio.move_on_after(_LAST_ANSWERS_SECONDS):
                while self._is_sending:
                    await anyio.sleep(_SYNC_SECONDS)
            tasks.cancel_scope.cancel()
        self._live.settle()
        parts.trade_log.sync()

    async def take(self, message: Message) -> None:
        """
        Decide a message event and begin with what was approved; one that was decided before is passed over.

        Raises: JournalError.
        """
        if self._parts.so_far.so_far.is_done(message):
            return
        readings = self._deciding.readings(message)
        await self._facts.fetch(message, [(live, self._account(live, message), reading) for live, reading in readings])
        self._live.take(message)

    def _account(self, live: LivePlaybook, message: Message) -> str:
        return live.terms.at(self._stage_of(live, message)).account

    async def _keep_level(self) -> None:
        """Have on disk what nothing waits for: what the broker said of orders."""
        while True:
            await anyio.sleep(_SYNC_SECONDS)
            self._live.settle()
            if not self._parts.trade_log.is_synced:
                self._parts.trade_log.sync()

    async def _keep_true(self) -> None:
        """Follow what other processes and the sandbox's results change."""
        while True:
            await anyio.sleep(_LOOK_SECONDS)
            self._promote_what_is_due()
            differed = self._parts.level()
            if differed:
                self.warn(f"trading is restricted by the file of trading states: {differed}")

    def _plan_what_was_left(self) -> None:
        so_far = self._parts.so_far
        for key in sorted(so_far.unplanned):
            self._begin(*so_far.approved[key])

    def _begin(self, record: Record, outcome: Outcome) -> None:
        if self._tasks is not None:
            self._planned += 1
            self._tasks.start_soon(self._plan, record, outcome)

    async def _plan(self, record: Record, outcome: Outcome) -> None:
        try:
            await self._planning.plan(record, outcome)
        finally:
            self._planned -= 1

    def _on_dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        self._parts.so_far.keeper.released(outcome.intent_key)
        self._parts.audience.dropped(record, outcome, dropped)

    # ---------------------------------------------------------------- stages

    def _promote_what_is_due(self) -> None:
        """Write down what changes of stages and of the desk without a person. Raises: JournalError."""
        parts = self._parts
        if parts.staging.write(parts.staging.due(parts.rulebook), parts.trade_log):
            self.stages_changed()

    def stages_changed(self) -> None:
        """Have the versions decide that serve now."""
        self._deciding = self._new_deciding(self._live.add_closed)
        self._live.decide_by(self._deciding)

    # ---------------------------------------------------------------- see live.Listener

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        """Begin with what was approved, give up what an edit or a deletion takes back."""
        for each in batch:
            self._parts.projection.offer(each.entry)
            self._parts.so_far.so_far.note(each.records[0].message)
            for record in each.records:
                self._parts.audience.decided(record)
                for key, outcome in approved(record):
                    self._parts.so_far.approved[key] = record, outcome
                    self._begin(record, outcome)
                for intent_id in record.decision.cancels:
                    self._parts.stager.drop(intent_id, "taken_back", "the message was edited or deleted")

    def warn(self, sentence: str) -> None:
        """Tell a person."""
        self._parts.audience.warn(sentence)

    # ---------------------------------------------------------------- see live.Recovery

    def interpreter(self, on_closed: OnClosed) -> Deciding:
        """Return who decides, and knows what the journal holds; again after a write that failed."""
        if self._has_begun:
            self._parts.so_far.rebuild_book(read_entries(self._parts.folder))
        self._has_begun = True
        self._deciding = self._new_deciding(on_closed)
        return self._deciding

    def _new_deciding(self, on_closed: OnClosed) -> Deciding:
        parts = self._parts
        sources = Sources(
            LiveClock(parts.clock),
            self._facts,
            self._facts,
            WithoutRoom(parts.restrictions, parts.log),
            parts.own_author_ids,
            stages=self._stage_of,
        )
        now = served(parts.rulebook, parts.staging, parts.so_far.versions)
        for sentence in now.missing:
            parts.audience.warn(sentence)
        return Deciding(now, sources, parts.so_far.book, on_closed)

    def _stage_of(self, live: LivePlaybook, message: Message) -> Stage:
        return self._parts.staging.promotions.sends_for(live.playbook, live.content_hash, message.id)

    def written_after(self, seq: int) -> Iterator[Entry]:
        """Yield the decisions behind an entry."""
        for entry in read_entries(self._parts.folder, seq):
            if entry.run == RUN and entry.kind is EntryKind.DECIDED:
                yield entry
