"""From an approved outcome to an intent: contracts and quotes are asked for, then a pure function decides."""

from collections.abc import Callable, Mapping

from engine.app.live_facts import quotes_of
from engine.app.versions import Versions
from engine.decide.record import Record
from engine.execute.contracts import NotListed
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.model.decision import Outcome
from engine.model.errors import BrokerError
from engine.model.intent import Intent
from engine.parse.calendar import market_date
from engine.plan.entries import FlowHappened
from engine.plan.flow import Dropped
from engine.plan.ticket import Listed, ticket
from engine.ports import Clock, TradeLog

OnDropped = Callable[[Record, Outcome, Dropped], None]


class Planning:
    """
    Makes intents and hands them to the stager.

    on_dropped: told of an outcome nothing can be sent for, once that is in the journal.
    """

    def __init__(  # noqa: PLR0913 - every one is a part of its own
        self,
        desks: Mapping[str, AccountDesk],
        versions: Versions,
        stager: Stager,
        log: TradeLog,
        clock: Clock,
        on_dropped: OnDropped,
    ) -> None:
        self._desks = desks
        self._versions = versions
        self._stager = stager
        self._log = log
        self._clock = clock
        self._on_dropped = on_dropped

    async def plan(self, record: Record, outcome: Outcome) -> None:
        """Make the intent of one approved outcome, or write down why there is none. Raises: JournalError."""
        made = await self._made(record, outcome)
        if isinstance(made, Intent):
            self._stager.take(made)
            return
        self._log.write(FlowHappened(outcome.intent_key, made), urgent=True)
        self._log.sync()
        self._on_dropped(record, outcome, made)

    async def _made(self, record: Record, outcome: Outcome) -> Intent | Dropped:
        decision, stage = record.decision, record.facts.stage
        version = self._versions.find(decision.playbook, decision.content_hash)
        account = decision.account_of(outcome)
        if version is None or stage is None or not account:
            return Dropped("observes", "this version decides and sends nothing")
        desk = self._desks.get(account)
        if desk is None:
            return Dropped("no_account", f"account {account} cannot be reached: see signalbook status")
        listed = await self._listed(desk, outcome)
        if isinstance(listed, Dropped):
            return listed
        return ticket(record, outcome, version.terms.at(stage), listed, self._clock.now())

    async def _listed(self, desk: AccountDesk, outcome: Outcome) -> Listed | Dropped:
        """Return what is listed and quoted for an outcome, or why that cannot be told."""
        legs = () if outcome.alert is None else outcome.alert.legs
        try:
            contracts = await desk.contracts.of(legs, market_date(self._clock.now()), desk.executor.holdings)
        except BrokerError as error:
            return Dropped("not_listed", str(error))
        if isinstance(contracts, NotListed):
            return Dropped("not_listed", contracts.why)
        return Listed(contracts, await quotes_of(desk, tuple(contracts.values())), desk.kind)
