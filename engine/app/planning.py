"""From an approved outcome to an intent: contracts and quotes are asked for, then a pure function decides."""

from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Final, Protocol

import anyio

from engine.app.live_facts import quotes_of
from engine.app.staging import Staging
from engine.app.versions import Versions
from engine.decide.record import Record
from engine.execute.contracts import NotListed
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.model.alert import Leg
from engine.model.contract import Contract
from engine.model.decision import Outcome
from engine.model.errors import BrokerError, InvariantBroken, JournalError, NothingSent
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.parse.calendar import market_date
from engine.parse.exits import describe
from engine.plan.entries import FlowHappened
from engine.plan.flow import Dropped
from engine.plan.ticket import Listed, ticket
from engine.ports import Clock, TradeLog

_FULL: Final = "journal_full"
_FOR_QUOTES: Final = 5.0
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before the broker is asked again, where a close needs to know; the last again and again."""


class PlanListener(Protocol):
    """Who is told what becomes of outcomes that are not intents yet. Must not block, must not raise."""

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        """Learn that nothing can be sent for an outcome, once that is in the journal."""
        ...

    def warn(self, sentence: str) -> None:
        """Tell a person, at once."""
        ...


class Planning:
    """
    Makes intents and hands them to the stager.

    staging: asked about an opening right before it is written down, as two decisions may have counted on the same last
    opening of a canary.
    """

    def __init__(  # noqa: PLR0913 - every one is a part of its own
        self,
        desks: Mapping[str, AccountDesk],
        versions: Versions,
        stager: Stager,
        staging: Staging,
        log: TradeLog,
        clock: Clock,
        listener: PlanListener,
    ) -> None:
        self._desks = desks
        self._versions = versions
        self._stager = stager
        self._staging = staging
        self._log = log
        self._clock = clock
        self._listener = listener

    async def plan(self, record: Record, outcome: Outcome) -> None:
        """Make the intent of one approved outcome, or write down why there is none. Raises: JournalError."""
        made = await self._made(record, outcome)
        dropped = self._taken(made) if isinstance(made, Intent) else made
        if dropped is None:
            return
        given_up = self._stager.forestalled(outcome.intent_key)  # which is on disk
        if given_up is None:
            self._log.write(FlowHappened(outcome.intent_key, dropped), urgent=True)
            self._log.sync()
        self._listener.dropped(record, outcome, given_up or dropped)

    def _taken(self, intent: Intent) -> Dropped | None:
        """Hand an intent on; return why not, where promotion forbids it or the disk has no room for an opening."""
        refused = self._staging.promotions.against(intent)
        if refused is not None:
            return Dropped(refused.code, refused.why)
        try:
            self._stager.take(intent)
        except JournalError as error:
            if error.code != _FULL or not intent.is_opening:
                raise
            return Dropped(error.code, error.message)
        return None

    async def _made(self, record: Record, outcome: Outcome) -> Intent | Dropped:
        decision, stage = record.decision, record.facts.stage
        version = self._versions.find(decision.playbook, decision.content_hash)
        account = decision.account_of(outcome)
        if version is None or stage is None or not account:
            return Dropped("observes", "this version decides and sends nothing")
        desk = self._desks.get(account)
        if desk is None:
            return Dropped("no_account", f"account {account} cannot be reached: see signalbook status")
        for pause in _pauses():
            listed = await self._listed(desk, outcome)
            if isinstance(listed, Dropped):
                return listed
            made = ticket(record, outcome, version.terms.at(stage), listed, self._clock.now())
            if isinstance(made, Intent) or made.code != "no_price" or not _closes(outcome):
                return made
            if pause == _PAUSES[0]:
                self._listener.warn(f"the close of {_what(outcome)} waits for a price in account {desk.alias}")
            await anyio.sleep(pause)
        raise InvariantBroken("pauses do not end")

    async def _listed(self, desk: AccountDesk, outcome: Outcome) -> Listed | Dropped:
        """Return what is listed and quoted for an outcome, or why that cannot be told."""
        try:
            contracts = await self._contracts(desk, outcome)
        except BrokerError as error:
            return Dropped("not_listed", str(error))
        if isinstance(contracts, NotListed):
            return Dropped("not_listed", contracts.why)
        quotes: Mapping[str, LiveQuote] = {}
        with anyio.move_on_after(_FOR_QUOTES):
            quotes = await quotes_of(desk, tuple(contracts.values()))
        return Listed(contracts, quotes, desk.kind)

    async def _contracts(self, desk: AccountDesk, outcome: Outcome) -> Mapping[Leg, Contract] | NotListed:
        """
        Return the contracts of an outcome's legs; a close asks until it is answered.

        Raises: BrokerError.
        """
        legs = () if outcome.alert is None else outcome.alert.legs
        for pause in _pauses():
            try:
                return await desk.contracts.of(legs, market_date(self._clock.now()), desk.executor.holdings)
            except NothingSent as error:
                if not _closes(outcome):
                    raise
                if pause == _PAUSES[0]:
                    what, who = f"the close of {_what(outcome)}", f"account {desk.alias}"
                    self._listener.warn(f"{what} waits until {who} answers: {error.message}")
            await anyio.sleep(pause)
        raise InvariantBroken("pauses do not end")


def _pauses() -> Iterator[float]:
    return chain(_PAUSES, repeat(_PAUSES[-1]))


def _closes(outcome: Outcome) -> bool:
    """Return whether an outcome opens nothing, and so is not given up while the broker is silent."""
    return outcome.alert is not None and not any(leg.action.opens for leg in outcome.alert.legs)


def _what(outcome: Outcome) -> str:
    return describe(() if outcome.alert is None else outcome.alert.legs)
