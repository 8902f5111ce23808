"""What live decisions rest on: accounts and markets, asked for right before a message is decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import anyio

from engine.decide.defaults import fill, is_signal
from engine.decide.selection import select
from engine.execute.rules import AccountDesk
from engine.model.alert import Action, Alert, Asset, Leg, Reading
from engine.model.contract import Chain, Contract
from engine.model.errors import BrokerError
from engine.model.live_quote import LiveQuote, QuoteFlaw
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.message import Message
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect
from engine.parse.calendar import market_date
from engine.playbook.rulebook import LivePlaybook
from engine.ports import Clock

_FUNDS_LAST: Final = timedelta(seconds=5)
_LONGEST: Final = 15.0
"""Seconds after which a message is decided by what is known then: the next one may be a close."""
_NEIGHBOURS: Final = 2


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one symbol's market has to hold: the legs named, and signals whose contract is still to be chosen."""

    desk: AccountDesk
    alerts: tuple[tuple[LivePlaybook, Alert], ...]


@dataclass(slots=True)
class _Funds:
    state: AccountState
    at: datetime


@dataclass(frozen=True, slots=True)
class _Listing:
    """The options of a chain as decisions see them."""

    chain: Chain
    options: dict[ListedOption, Contract]


@dataclass(slots=True)
class _Known:
    """What was found out for the message at hand."""

    markets: dict[str, Market] = field(default_factory=dict)


class LiveFacts:
    """
    Accounts and Markets (see ports) of the message they were last fetched for.

    desks: the accounts, by their aliases; what cannot be had of them is not known, and no error.
    """

    def __init__(self, desks: Mapping[str, AccountDesk], clock: Clock) -> None:
        self._desks = desks
        self._clock = clock
        self._funds: dict[str, _Funds] = {}
        self._listings: dict[tuple[str, str], _Listing] = {}
        self._known = _Known()

    def state(self, account: str, at: datetime) -> AccountState | None:
        """See ports.Accounts; as of at most a few seconds before."""
        found = self._funds.get(account)
        return found.state if found is not None and abs(at - found.at) <= _FUNDS_LAST * 2 else None

    def market(self, alert: Alert, at: datetime) -> Market | None:
        """See ports.Markets."""
        return self._known.markets.get(alert.symbol or "")

    async def fetch(self, message: Message, readings: Iterable[tuple[LivePlaybook, str, Reading]]) -> None:
        """
        Ask for all that deciding a message will need; a close needs nothing, and waits for nothing.

        readings: each playbook that hears it, the alias of the account it is for ("" when it only observes), and what
        the message says to it.
        """
        self._known = _Known()
        with anyio.move_on_after(_LONGEST):
            await self._fetch(message, readings)

    async def _fetch(self, message: Message, readings: Iterable[tuple[LivePlaybook, str, Reading]]) -> None:
        wanted: dict[str, list[tuple[LivePlaybook, Alert]]] = {}
        desks: dict[str, AccountDesk] = {}
        for live, alias, reading in readings:
            desk = self._desks.get(alias) or next(iter(self._desks.values()), None)
            opening = [alert for alert in reading.alerts if _opens(alert)]
            is_late = self._clock.now() - message.at > live.playbook.listen.max_age.open  # refused whatever we ask
            if desk is None or not opening or is_late:
                continue
            await self._fetch_funds(desk)
            for alert in opening:
                if alert.symbol:
                    wanted.setdefault(alert.symbol, []).append((live, alert))
                    desks.setdefault(alert.symbol, desk)
        for symbol, alerts in wanted.items():
            market = await self._market(symbol, _Wanted(desks[symbol], tuple(alerts)), message)
            if market is not None:
                self._known.markets[symbol] = market

    # ---------------------------------------------------------------- accounts

    async def _fetch_funds(self, desk: AccountDesk) -> None:
        known, now = self._funds.get(desk.alias), self._clock.now()
        if known is not None and abs(now - known.at) < _FUNDS_LAST:
            return
        try:
            funds = await desk.broker.funds()
        except BrokerError:
            self._funds.pop(desk.alias, None)  # what was true before says nothing about now
            return
        state = AccountState(desk.alias, funds.net_liq, funds.derivative_buying_power)
        self._funds[desk.alias] = _Funds(state, self._clock.now())

    # ---------------------------------------------------------------- markets

    async def _market(self, symbol: str, wanted: _Wanted, message: Message) -> Market | None:
        try:
            if any(alert.asset is Asset.FUTURE for _, alert in wanted.alerts):
                return await self._future(symbol, wanted.desk)
            return await self._shares_and_options(symbol, wanted, message)
        except BrokerError:
            return None

    async def _shares_and_options(self, symbol: str, wanted: _Wanted, message: Message) -> Market:
        desk, contracts = wanted.desk, wanted.desk.contracts
        today, is_future = market_date(self._clock.now()), symbol.startswith("/")
        base = await (contracts.future(symbol, today) if is_future else contracts.underlying(symbol, today))
        market = Market(symbol, None if base is None else await _quote_of(desk, base))
        if all(leg.asset is Asset.STOCK for _, alert in wanted.alerts for leg in alert.legs):
            return market
        chain = await contracts.chain(symbol, today)
        if chain is None:
            return market
        listed = self._listed(chain, base.symbol if is_future and base is not None else "")
        legs = _legs(wanted, replace(market, chain=tuple(listed)), message, today)
        kept = {option: listed[option] for leg in legs for option in _around(leg, listed)}
        exact = {contract.symbol: contract for option, contract in kept.items() if _is_one_of(option, legs)}
        quotes = await quotes_of(desk, tuple(exact.values()))
        options = [
            replace(option, quote=relied_on(quotes[contract.symbol]) if contract.symbol in quotes else None)
            for option, contract in kept.items()
        ]
        return replace(market, chain=tuple(options))

    def _listed(self, chain: Chain, month: str) -> dict[ListedOption, Contract]:
        """Return the options of a chain as decisions see them, made once a chain. month: whose alone count; ""."""
        key = chain.underlying, month
        known = self._listings.get(key)
        if known is None or known.chain is not chain:
            options = {
                ListedOption(contract.expiry, contract.strike, contract.right): contract
                for contract in chain.contracts
                if contract.expiry is not None and contract.strike is not None and contract.right is not None
                if not month or contract.underlying == month
            }
            known = self._listings[key] = _Listing(chain, options)
        return known.options

    async def _future(self, symbol: str, desk: AccountDesk) -> Market | None:
        contract = await desk.contracts.future(symbol, market_date(self._clock.now()))
        if contract is None:
            return None
        quote = await _quote_of(desk, contract)
        return Market(symbol, quote, margin=await self._margin(desk, contract, quote))

    async def _margin(self, desk: AccountDesk, contract: Contract, quote: Quote | None) -> Decimal | None:
        """Ask the broker what one contract takes; None when it does not say, or refuses to."""
        if quote is None or quote.ask is None:
            return None
        leg = OrderLeg(contract.symbol, InstrumentKind.FUTURE, Action.BUY_TO_OPEN, 1)
        asked = Order("margin", desk.broker.account, (leg,), OrderType.LIMIT, price=quote.ask, effect=PriceEffect.DEBIT)
        preflight = await desk.broker.dry_run(asked)
        change = preflight.margin_change or preflight.buying_power_change
        return None if change is None else abs(change)


def _opens(alert: Alert) -> bool:
    return alert.action.opens or any(leg.action.opens for leg in alert.legs)


async def quotes_of(desk: AccountDesk, contracts: Sequence[Contract]) -> Mapping[str, LiveQuote]:
    """Return the latest quotes of contracts, by their symbols; none where there is no feed."""
    return {} if desk.quotes is None else await desk.quotes.quotes(contracts)


async def _quote_of(desk: AccountDesk, contract: Contract) -> Quote | None:
    found = (await quotes_of(desk, (contract,))).get(contract.symbol)
    return None if found is None else relied_on(found)


def relied_on(found: LiveQuote) -> Quote | None:
    """Return a quote; None for one that is late, frozen or not there: a price nobody can trade at is no fact."""
    return None if set(found.flaws) - {QuoteFlaw.ONE_SIDED} else found.quote


def _legs(wanted: _Wanted, whole: Market, message: Message, today: date) -> frozenset[Leg]:
    """Return the option legs that may be meant, defaults filled in and a contract chosen for signals."""
    posted = market_date(message.at)
    legs: list[Leg] = []
    for live, said in wanted.alerts:
        defaults = live.playbook.defaults
        alert, _ = fill(said, defaults, posted)
        if is_signal(alert) and defaults.contract is not None:
            chosen = select(alert, defaults.contract, whole, today)
            alert = chosen if isinstance(chosen, Alert) else alert
        legs += [leg for leg in alert.legs if leg.asset is Asset.OPTION]
    return frozenset(legs)


def _around(leg: Leg, listed: Iterable[ListedOption]) -> tuple[ListedOption, ...]:
    """Return the option a leg names and its neighbours: a decision is logged with these, not with thousands."""
    same = [option for option in listed if option.right is leg.right and option.expiry == leg.expiry]
    same.sort(key=lambda option: abs(option.strike - leg.strike) if leg.strike is not None else option.strike)
    return tuple(same[: 2 * _NEIGHBOURS + 1])


def _is_one_of(option: ListedOption, legs: frozenset[Leg]) -> bool:
    return any((leg.expiry, leg.strike, leg.right) == (option.expiry, option.strike, option.right) for leg in legs)
