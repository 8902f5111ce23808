"""
A desk that trades: messages in, orders out, everything on disk before it has an effect.

    message → facts → decision (journal) → intent (journal) → stager → executor → broker
                                                     fills → positions → the next decision
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import anyio
from anyio.abc import TaskGroup

from engine.app.deciding import Deciding
from engine.app.desk_events import Audience, DeskEvents
from engine.app.live import Acknowledged, LiveMessages, WithoutRoom
from engine.app.live_facts import LiveFacts
from engine.app.planning import Planning
from engine.app.serving import ServedNow
from engine.app.staging import Staging
from engine.app.trading_so_far import TradingSoFar, approved
from engine.app.trading_state_file import TradingStateError
from engine.app.unwanted_openings import UnwantedOpenings
from engine.app.watched_log import WatchedLog
from engine.decide.record import Record
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.interpret.interpreter import OnClosed, Sources
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN
from engine.lifecycle.states import State
from engine.model.decision import Outcome
from engine.model.desk import AccountKind, Person
from engine.model.entry import Entry, EntryKind
from engine.model.errors import CredentialsRefused, EngineError, JournalError
from engine.model.message import Message
from engine.model.stages import Stage
from engine.plan.entries import PositionsClosed
from engine.plan.flow import Dropped, Flow
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import Clock, Quotes, Restrictions

_SYNC_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0
_LAST_ANSWERS_SECONDS: Final = 20.0
_FIRST_LOOK_SECONDS: Final = 5.0
"""How long anything waits at the start for accounts that do not answer: others may hold what is to be closed."""
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
        versions, staging = parts.so_far.versions, parts.staging
        self._planning = Planning(parts.desks, versions, parts.stager, staging, parts.trade_log, parts.clock, self)
        self._served = ServedNow(parts.rulebook, parts.staging, parts.so_far.versions)
        self._unwanted = UnwantedOpenings(parts.so_far, parts.stager, self._served, parts.trade_log, self)
        self._missing: frozenset[str] = frozenset()
        self._tasks: TaskGroup | None = None
        self._carrying = anyio.CancelScope()
        self._failure: EngineError | None = None
        self._unrecovered: set[str] = set()
        self._lost: dict[str, CredentialsRefused] = {}
        self._warned: set[str] = set()
        self._has_begun = False
        self._planned = 0
        self._live = LiveMessages(parts.log, self, self, parts.monotonic, self._gives_up)
        self._live.add_closed(parts.so_far.closed)
        parts.events.on_closed = self._live.add_closed
        self._say_who_is_missing()

    @property
    def parts(self) -> Parts:
        """What it is made of, to look at."""
        return self._parts

    @property
    def unfinished(self) -> tuple[Flow, ...]:
        """The intents that have not come to their ends; see also `is_busy`."""
        return tuple(flow for flow in self._parts.stager.flows.values() if not flow.is_over)

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way that time should not be passed over for."""
        return self._planned > 0 or bool(self.unfinished) or self._is_sending

    @property
    def is_looking(self) -> bool:
        """Whether an account has yet to be looked at for the first time; the sandbox says nothing until then."""
        return bool(self._unrecovered - self._lost.keys())

    @property
    def _is_sending(self) -> bool:
        """Whether the answer to an order is awaited; of no matter what it is for."""
        executors = [desk.executor for alias, desk in self._parts.desks.items() if alias not in self._lost]
        slots = [slot for executor in executors for slot in executor.slots.values()]
        return any(slot.attempts[-1].state in _UNANSWERED for slot in slots if slot.attempts)

    def approve_soon(self, intent_id: str, by: str) -> None:
        """Have a person of the desk approve an intent, once whoever is told now has been told."""
        person = None if self._parts.rulebook.desk is None else self._parts.rulebook.desk.person(by)
        if person is not None and self._tasks is not None:
            self._tasks.start_soon(self._approve, intent_id, person)

    async def _approve(self, intent_id: str, person: Person) -> None:
        try:
            refusal = self._parts.stager.approve(intent_id, person)
        except JournalError as error:
            refusal = error.message
        if refusal is not None:
            self.warn(f"not approved: {refusal}")

    # ---------------------------------------------------------------- running

    async def trade(self, messages: AsyncIterator[Message], until: Callable[[], bool]) -> None:
        """
        Recover, take every message, and go on until asked to end; nothing is cancelled at the end.

        until: whether to end, asked after the last message. Raises: JournalError, InvariantBroken: nothing more may be
        sent then; CredentialsRefused, at once when no account accepts us any more, else at the end.
        """
        parts = self._parts
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            await self._guarded(lambda: self._trade(messages, until))
            tasks.cancel_scope.cancel()
        self._tasks = None
        if self._failure is not None:
            raise self._failure
        self._live.settle()
        self._write_closed()
        parts.trade_log.sync()
        for refused in self._lost.values():
            raise refused

    async def _trade(self, messages: AsyncIterator[Message], until: Callable[[], bool]) -> None:
        self._begin_with(self._follow_quotes)
        await self._follow_accounts()
        self._unwanted.give_up_again()
        for work in (self._carry_on, self._keep_level, self._keep_true):
            self._begin_with(work)
        self._plan_what_was_left()
        async for message in messages:
            await self.take(message)
        while not until():
            await anyio.sleep(_SYNC_SECONDS)
        self._carrying.cancel()  # nothing new is sent from here on
        with anyio.move_on_after(_LAST_ANSWERS_SECONDS):
            while self._is_sending:
                await anyio.sleep(_SYNC_SECONDS)

    async def _carry_on(self) -> None:
        with self._carrying:
            await self._parts.stager.run()

    def _begin_with(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(self._guarded, work)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work; what must stop everything stops everything, as itself and not in a group of errors."""
        try:
            await work()
        except EngineError as error:
            self._failure = self._failure or error
            if self._tasks is not None:
                self._tasks.cancel_scope.cancel()

    async def _follow_accounts(self) -> None:
        """Begin to follow every account; return once each was looked at, or does not answer."""
        self._unrecovered = set(self._parts.desks)
        for desk in self._parts.desks.values():
            self._begin_with(partial(self._follow, desk))
        with anyio.move_on_after(_FIRST_LOOK_SECONDS):
            while self._unrecovered:
                await anyio.sleep(_SYNC_SECONDS)

    async def _follow(self, desk: AccountDesk) -> None:
        """Follow one account; one that does not accept us any more is lost, and the others go on without it."""
        try:
            await desk.executor.recover()
            self._unrecovered.discard(desk.alias)
            await desk.executor.run()
        except CredentialsRefused as error:
            self._lost[desk.alias] = error
            self.warn(f"account {desk.alias} is lost until the next start: {error.message}; {error.remedy}")
            if len(self._lost) == len(self._parts.desks):
                raise

    async def _follow_quotes(self) -> None:
        try:
            if self._parts.quotes is not None:
                await self._parts.quotes.run()
        except CredentialsRefused as error:
            self.warn(f"there are no prices until the next start: {error.message}; {error.remedy}")

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
        self._parts.so_far.so_far.note(message)  # it may be delivered again before its decision is on disk

    def _account(self, live: LivePlaybook, message: Message) -> str:
        return live.terms.at(self._stage_of(live, message)).account

    async def _keep_level(self) -> None:
        """Have on disk what nothing waits for: what the broker said of orders."""
        while True:
            await anyio.sleep(_SYNC_SECONDS)
            self._live.settle()
            self._write_closed()
            self._unwanted.close_what_filled()
            if not self._parts.trade_log.is_synced:
                self._parts.trade_log.sync()

    def _write_closed(self) -> None:
        """Write down what was closed: the next message may be days away, and its result is wanted today."""
        if self._live.closed:
            at = self._parts.clock.now()
            self._live.add_closed(self._parts.so_far.book.expire(at))
            self._parts.trade_log.write(PositionsClosed(at, self._live.take_closed()), urgent=True)

    async def _keep_true(self) -> None:
        """Follow what other processes and the sandbox's results change; whatever they say, closes go on."""
        while True:
            await anyio.sleep(_LOOK_SECONDS)
            try:
                self._promote_what_is_due()
                differed = self._parts.level()
            except (TradingStateError, JournalError) as error:
                self._warn_once(f"trading states and stages cannot be followed: {error.message}; {error.remedy}")
                continue
            if differed:
                self.warn(f"trading is restricted by the file of trading states: {differed}")

    def _warn_once(self, sentence: str) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            self.warn(sentence)

    def _plan_what_was_left(self) -> None:
        so_far = self._parts.so_far
        for key in sorted(so_far.unplanned):
            self.begin(*so_far.approved[key])

    def begin(self, record: Record, outcome: Outcome) -> None:
        """See unwanted_openings.Carrier."""
        self._planned += 1
        self._begin_with(partial(self._plan, record, outcome))

    async def _plan(self, record: Record, outcome: Outcome) -> None:
        try:
            await self._planning.plan(record, outcome)
        finally:
            self._planned -= 1

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        """See planning.PlanListener."""
        self._parts.so_far.keeper.released(outcome.intent_key)
        self._parts.so_far.approved.pop(outcome.intent_key, None)
        self._parts.so_far.closed_first.pop(outcome.intent_key, None)
        self._parts.audience.dropped(record, outcome, dropped)

    # ---------------------------------------------------------------- stages

    def _promote_what_is_due(self) -> None:
        """Write down what changes of stages and of the desk without a person. Raises: JournalError."""
        parts = self._parts
        parts.staging.write(parts.staging.due(parts.rulebook), parts.trade_log)
        self._say_who_is_missing()

    def _say_who_is_missing(self) -> None:
        """Tell a person, once, of versions that should serve and cannot be loaded any more."""
        missing = self._served().missing
        for sentence in missing:
            if sentence not in self._missing:
                self.warn(sentence)
        self._missing = frozenset(missing)

    # ---------------------------------------------------------------- see live.Listener

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        """Begin with what was approved, give up what an edit or a deletion takes back."""
        for each in batch:
            self._parts.projection.offer(each.entry)
            self._parts.so_far.so_far.note(each.records[0].message)
            for record in each.records:
                self._parts.audience.decided(record)
                self._unwanted.give_up_by(record)
                for key, outcome in approved(record):
                    self._parts.so_far.approved[key] = record, outcome
                    self.begin(record, outcome)

    def warn(self, sentence: str) -> None:
        """Tell a person."""
        self._parts.audience.warn(sentence)

    def _gives_up(self, record: Record) -> bool:
        return bool(self._unwanted.given_up_by(record))

    # ---------------------------------------------------------------- see live.Recovery

    def interpreter(self, on_closed: OnClosed) -> Deciding:
        """Return who decides, and knows what the journal holds; again after a write that failed."""
        if self._has_begun:
            self._parts.so_far.rebuild_book(read_entries(self._parts.folder))
            on_closed(self._parts.so_far.closed)
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
            may_close_in=self._may_close_in,
        )
        return Deciding(self._served, sources, parts.so_far.book, on_closed)

    def _stage_of(self, live: LivePlaybook, message: Message) -> Stage:
        return self._parts.staging.promotions.sends_for(live.playbook, live.content_hash, message.id)

    def _may_close_in(self, live: LivePlaybook, account: str) -> bool:
        """Return whether a version may close what is in an account: one that is only tried has no say in real ones."""
        desk = self._parts.desks.get(account)
        is_real = desk is not None and desk.kind is AccountKind.PRODUCTION
        return not is_real or self._served().leads(live)

    def written_after(self, seq: int) -> Iterator[Entry]:
        """Yield the decisions behind an entry."""
        for entry in read_entries(self._parts.folder, seq):
            if entry.run == RUN and entry.kind is EntryKind.DECIDED:
                yield entry
