"""What is known right before an order is sent: listings, quotes, the account, the rules, the broker's dry run."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Final, TypeVar

from engine.execute.rules import AccountDesk
from engine.execute.setting import Setting
from engine.execute.waiting import within
from engine.model.activity import Restriction
from engine.model.contract import Contract
from engine.model.errors import NothingSent, OrderRefused
from engine.model.intent import Intent
from engine.model.order import Order
from engine.parse.calendar import market_date
from engine.plan.limit_price import Prices
from engine.plan.validation import DryRun, SendFacts

_Result = TypeVar("_Result")
_PATIENCE_OF_A_CLOSE: Final = timedelta(seconds=5)


class FactFinder:
    """
    Gathers facts; what cannot be had is missing, never an error.

    A close waits for no fact longer than a few seconds: what is missing then does not hold it up.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    async def market(self, intent: Intent, desk: AccountDesk) -> Prices:
        """Return what is listed of an intent's contracts, and their latest quotes."""
        on = market_date(self._setting.clock.now())
        return await self._in_time(intent, lambda: _market(intent, desk, on)) or Prices({}, {})

    async def dry_run(self, intent: Intent, desk: AccountDesk, order: Order) -> DryRun | None:
        """
        Return what the broker says to exactly this order; None when it does not answer.

        An opening waits for its turn where the messages of this minute are used up.
        """
        while True:
            said = await self._in_time(intent, lambda: _dry_run(desk, order))
            if not isinstance(said, NothingSent):
                return said
            if not (said.wait and intent.is_opening):
                return None
            await self._setting.clock.until(self._setting.clock.now() + timedelta(seconds=said.wait))

    def now(self, intent: Intent, desk: AccountDesk, market: Prices, dry_run: DryRun | None = None) -> SendFacts:
        """Put everything together, without waiting: what can change meanwhile is looked at here."""
        executor, rules = desk.executor, self._setting.rules
        health = executor.health

        def is_of_ours(slot: str) -> bool:
            flow = self._setting.flows.all.get(slot)
            return flow is not None and _owner(flow.intent) == _owner(intent)

        return SendFacts(
            now=self._setting.clock.now(),
            contracts=market.contracts,
            quotes=market.quotes,
            ours=None if intent.is_opening else rules.held(intent),
            holdings=executor.holdings if health.is_ready else None,
            reserved={leg.symbol: executor.reserved_closes(leg.symbol) for leg in intent.legs},
            reserved_of_ours={leg.symbol: executor.reserved_closes(leg.symbol, is_of_ours) for leg in intent.legs},
            funds=executor.funds,
            standing=executor.standing,
            restrictions=self.restrictions(intent, desk),
            blocked=health.blocked,
            is_ready=health.is_ready,
            is_cash=desk.is_cash,
            has_quotes=desk.quotes is not None,
            dry_run=dry_run,
        )

    def restrictions(self, intent: Intent, desk: AccountDesk) -> tuple[Restriction, ...] | None:
        """Return the trading states in force for an intent, those its account's executor has set among them."""
        known = self._setting.rules.restrictions(intent)
        return None if known is None else (*known, *desk.executor.health.restrictions)

    async def _in_time(self, intent: Intent, work: Callable[[], Awaitable[_Result]]) -> _Result | None:
        limit = None if intent.is_opening else self._setting.clock.now() + _PATIENCE_OF_A_CLOSE
        return await within(self._setting.clock, limit, work)


def _owner(intent: Intent) -> tuple[str, str]:
    """Return whose the position is that an intent makes or closes; of the account its orders are in."""
    return intent.playbook, intent.author_id


async def _market(intent: Intent, desk: AccountDesk, on: date) -> Prices:
    symbols = dict.fromkeys(leg.symbol for leg in intent.legs)
    listed = [await _listed(desk, symbol, on) for symbol in symbols]
    contracts = {contract.symbol: contract for contract in listed if contract is not None}
    if desk.quotes is None or not contracts:
        return Prices(contracts, {})
    return Prices(contracts, await desk.quotes.quotes(tuple(contracts.values())))


async def _listed(desk: AccountDesk, symbol: str, on: date) -> Contract | None:
    try:
        return await desk.contracts.by_symbol(symbol, on)
    except (NothingSent, OrderRefused):
        return None


async def _dry_run(desk: AccountDesk, order: Order) -> DryRun | NothingSent:
    try:
        return DryRun(order, await desk.broker.dry_run(order))
    except OrderRefused as refused:
        return DryRun(order, None, refused.codes)
    except NothingSent as unsent:
        return unsent
