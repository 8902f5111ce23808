"""Everything a trading desk is made of, made here by hand and restored from the journal."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from engine.app.certificates import why_not_certified
from engine.app.connections import Connections
from engine.app.control_socket import ControlSocket
from engine.app.desk_control import DeskControl
from engine.app.desk_events import Audience, DeskEvents
from engine.app.manifest import manifest_of
from engine.app.settings import Settings
from engine.app.staging import Staging
from engine.app.trading import Parts, Trading
from engine.app.trading_rules import DeskRules
from engine.app.trading_so_far import Restores, TradingSoFar
from engine.app.trading_state_file import TradingStateFile
from engine.app.trading_states import TradingStates
from engine.app.watched_log import WatchedLog
from engine.execute.contracts import Contracts
from engine.execute.executor import Executor
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.execute.waiting import WaitingClock
from engine.journal.entry_bodies import RulebookTexts, encoded
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN, JournalTradeLog
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import Desk
from engine.model.entry import Entry, EntryKind
from engine.plan.entries import ENGINE, TradeEntry
from engine.playbook.rulebook import Rulebook

_CERTIFICATES_LAST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What a desk stands on.

    connections: of its accounts, opened by the caller. clock: of every judgement, order and wait. monotonic: seconds
    that only grow. arguments: the command line, word by word. open_journal, open_projection: how those are opened.
    """

    settings: Settings
    rulebook: Rulebook
    desk: Desk
    connections: Connections
    clock: WaitingClock
    monotonic: Callable[[], float]
    audience: Audience
    arguments: tuple[str, ...] = ()
    open_journal: Callable[[Path, Callable[[], datetime]], JournalLog] = JournalLog.open
    open_projection: Callable[[Path, Path], Projection] = Projection


@asynccontextmanager
async def trading_desk(ground: Ground) -> AsyncIterator[Trading]:
    """
    Open the journal, restore everything from it, and yield a desk that is ready to trade.

    Raises: JournalError, StoreError, TradingStateError, ControlError; nothing was sent then.
    """
    places = ground.settings
    async with AsyncExitStack() as open_things:
        log = open_things.enter_context(ground.open_journal(places.journal, ground.clock.now))
        for repair in log.repairs:
            ground.audience.warn(str(repair))
        made = _Making(ground, log)
        made.restore()
        made.begin()
        projection = open_things.enter_context(ground.open_projection(places.live, places.journal))
        made.offer = projection.offer
        made.level_states()
        for missing in ground.connections.missing.values():
            ground.audience.warn(f"account {missing.alias} cannot be reached: {missing.message}; {missing.remedy}")
        desk = Trading(made.parts(projection))
        control = made.control(projection)
        await open_things.enter_async_context(ControlSocket(places.control, control))
        yield desk


class _Making:
    """The parts of one desk, in the order they need one another."""

    def __init__(self, ground: Ground, log: JournalLog) -> None:
        self._ground = ground
        self._log = log
        self.offer: Callable[[Entry], None] = _nobody
        self._written = JournalTradeLog(log, RUN, lambda entry: self.offer(entry))
        self._staging = Staging()
        self._trade_log = WatchedLog(self._written, self._staging)
        self._states = TradingStates(TradingStateFile(ground.settings.trading_state), self._trade_log)
        self._events = DeskEvents(ground.audience)
        self._desks = dict(self._accounts())
        executors = {alias: desk.executor for alias, desk in self._desks.items()}
        self._restrictions = _OfAccounts(self._states, self._desks, ground)
        # The stager needs rules and the rules what happened so far, which needs whom to restore.
        self._restored = _Restored()
        self._so_far = TradingSoFar(ground.rulebook, executors, (self._restored,))
        self._rules = DeskRules(ground.rulebook, self._so_far, self._staging, self._restrictions, ground.clock)
        self._stager = Stager(self._desks, self._trade_log, ground.clock, self._rules, self._events)
        self._restored.all = (*executors.values(), self._stager, self._staging, self._states)
        self._events.keeper = self._so_far.keeper
        self._trade_log.follow(self._so_far.keeper)

    def restore(self) -> None:
        """Fold the journal. Raises: JournalError."""
        self._so_far.fold(read_entries(self._ground.settings.journal))

    def begin(self) -> None:
        """
        Write down what this process starts from, where that is something else than before.

        Raises: JournalError; StageRefused, when the journal is another desk's.
        """
        ground, before = self._ground, self._so_far.so_far.manifest
        self._staging.must_be_home_of(ground.rulebook)
        accounts = tuple((alias, where.value) for alias, where in sorted(ground.connections.environments.items()))
        now = manifest_of("live", ground.rulebook, arguments=ground.arguments, assumptions=accounts)
        if before is None or replace(before, arguments=()) != replace(now, arguments=()):
            self._log.append(EntryKind.RUN_STARTED, RUN, encoded(now))
        if now.rulebook not in self._so_far.so_far.texts:
            texts = RulebookTexts(now.rulebook, tuple(ground.rulebook.texts.items()))
            self._log.append(EntryKind.TEXTS, RUN, encoded(texts))
        self._log.sync()
        self._staging.write(self._staging.due(ground.rulebook), self._trade_log)
        _, waiting = self._staging.desk(ground.rulebook)
        if waiting:
            what = "; ".join(map(str, waiting))
            remedy = "signalbook stage loosen asks for it, and a second person agrees"
            ground.audience.warn(
                f"desk.yaml loosens what nobody has agreed to, which is not in force: {what}; {remedy}"
            )

    def level_states(self) -> None:
        """Make the file of trading states and the journal agree. Raises: TradingStateError, JournalError."""
        differed = self._states.level()
        if differed:
            self._ground.audience.warn(f"trading is restricted by the file of trading states: {differed}")

    def control(self, projection: Projection) -> DeskControl:
        """Return who answers other processes."""
        ground = self._ground
        return DeskControl(
            ground.desk,
            ground.rulebook,
            self._desks,
            ground.connections.environments,
            self._stager,
            self._states,
            self._restrictions,
            self._staging,
            self._so_far.versions,
            self._so_far.approved,
            self._trade_log,
            self._log,
            projection,
            ground.clock,
            ground.clock.now(),
        )

    def parts(self, projection: Projection) -> Parts:
        """Return what trading needs."""
        ground = self._ground
        return Parts(
            folder=ground.settings.journal,
            log=self._log,
            trade_log=self._trade_log,
            projection=projection,
            rulebook=ground.rulebook,
            staging=self._staging,
            so_far=self._so_far,
            desks=self._desks,
            stager=self._stager,
            quotes=ground.connections.quotes if self._desks else None,
            restrictions=self._restrictions,
            level=self._states.level,
            events=self._events,
            audience=ground.audience,
            clock=ground.clock,
            monotonic=ground.monotonic,
        )

    def _accounts(self) -> Iterator[tuple[str, AccountDesk]]:
        ground = self._ground
        for alias, environment in ground.connections.environments.items():
            broker = ground.connections.broker(alias)
            executor = Executor(alias, environment.kind, broker, self._trade_log, ground.clock, self._events)
            contracts = Contracts(broker)
            quotes = ground.connections.quotes
            yield alias, AccountDesk(alias, environment.kind, executor, broker, quotes, contracts)


class _Restored:
    """Passes entries of the journal on to everybody who rebuilds themselves from them."""

    def __init__(self) -> None:
        self.all: tuple[Restores, ...] = ()

    def restore(self, entry: TradeEntry) -> None:
        """See trading_so_far.Restores."""
        for each in self.all:
            each.restore(entry)


class _OfAccounts:
    """
    Trading states (see ports.Restrictions), with what executors have set for their accounts, and what certification
    has: without a fresh one nothing opens where real money is, and what is open there can be closed.
    """

    def __init__(self, states: TradingStates, desks: Mapping[str, AccountDesk], ground: Ground) -> None:
        self._states = states
        self._desks = desks
        self._ground = ground
        self._looked_at: datetime | None = None
        self._uncertified: tuple[Restriction, ...] = ()

    def in_force(self, at: datetime) -> tuple[Restriction, ...] | None:
        """See ports.Restrictions."""
        known = self._states.in_force(at)
        if known is None:
            return None
        of_accounts = (each for desk in self._desks.values() for each in desk.executor.health.restrictions)
        return (*known, *of_accounts, *self._uncertified_at(at))

    def _uncertified_at(self, at: datetime) -> tuple[Restriction, ...]:
        if self._looked_at is None or at - self._looked_at >= _CERTIFICATES_LAST:
            self._looked_at = at
            self._uncertified = tuple(self._look(at))
        return self._uncertified

    def _look(self, at: datetime) -> Iterator[Restriction]:
        for alias in self._desks:
            access = self._ground.connections.access(alias)
            why = why_not_certified(access, self._ground.settings.certification, at)
            if why is not None:
                yield Restriction(TradingState.REDUCING, Scope.ACCOUNT, alias, ENGINE, why)


def _nobody(entry: Entry) -> None:
    """Keep nobody level: the projection takes in by itself what was written before it was opened."""
