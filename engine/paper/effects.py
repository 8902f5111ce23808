"""What an order would do to the money of an account."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.paper.answers import BuyingPowerEffect
from engine.paper.desk import Desk
from engine.paper.fees import Fees, leg_fees
from engine.paper.instruments import Equity, Instrument
from engine.paper.margin import Stake, Tied, shifted, tied_up
from engine.paper.matching import at_limit
from engine.paper.orders import Order


@dataclass(frozen=True, slots=True)
class Effects:
    """held: dollars each contract or share of the first leg holds back while the order works."""

    power: BuyingPowerEffect
    fees: Fees
    held: Decimal


def effects(desk: Desk, order: Order, instruments: tuple[Instrument, ...], at: datetime) -> Effects:
    """Return what an order does if all of it fills at its limit, or at the quotes when it has none."""
    ledger = desk.ledgers[order.account]
    quotes = {leg.symbol: desk.quotes.quote(leg.symbol, at) for leg in order.legs}
    prices = at_limit(order, {symbol: quote for symbol, quote in quotes.items() if quote is not None}).prices
    stakes = {stake.instrument.symbol: stake for stake in ledger.stakes()}
    alone: list[Stake] = []
    cash, fees = Decimal(0), Fees()
    for leg, instrument, price in zip(order.legs, instruments, prices, strict=True):
        change = leg.action.sign * leg.quantity
        shift = shifted(stakes.get(leg.symbol, Stake(instrument, 0, Decimal(0))), change, price)
        stakes[leg.symbol] = shift.after
        if not isinstance(instrument, Equity):  # recorded orders of shares have no margin by themselves
            alone.append(Stake(instrument, change, price))
        cash += shift.cash
        fees += leg_fees(leg.instrument_type, leg.action, leg.quantity, price, getattr(instrument, "root", ""))
    before = desk.tied(order.account, at)
    after = _tied(desk, order.account, stakes, at)
    current = ledger.cash - before.net - desk.held(order.account, but=order.replaces)
    change_of_power = cash - fees.total - after.net + before.net
    power = BuyingPowerEffect(
        margin_change=before.requirement - after.requirement,
        power_change=change_of_power,
        current_power=current,
        new_power=current + change_of_power,
        isolated=-_tied(desk, order.account, {stake.instrument.symbol: stake for stake in alone}, at).requirement,
        is_spread=len(order.legs) > 1,
    )
    return Effects(power, fees, max(Decimal(0), -change_of_power) / order.legs[0].quantity)


def _tied(desk: Desk, account: str, stakes: dict[str, Stake], at: datetime) -> Tied:
    held = (stake for stake in stakes.values() if stake.quantity)
    is_margin = desk.ledgers[account].status.is_margin
    return tied_up(held, lambda symbol: desk.spot(symbol, at), is_margin=is_margin)
