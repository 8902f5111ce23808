"""The price of the one limit order an intent is sent as, worked out from the alert's price and the market now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from engine.decide.pricing import OrderQuote, Part, net_quote
from engine.lifecycle.counting import units_of
from engine.model.contract import Contract, Tick, tick_at
from engine.model.instrument import OPTION_MULTIPLIER
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.model.market import Quote
from engine.model.order import InstrumentKind, OrderLeg, PriceEffect

_CENT: Final = Decimal("0.01")
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Priced:
    """A limit price. price: net dollars per share of one unit, on the tick, never negative. how: one phrase."""

    price: Decimal
    effect: PriceEffect
    how: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What prices rest on: what is listed and its latest quote, both by the symbol of orders."""

    contracts: Mapping[str, Contract]
    quotes: Mapping[str, LiveQuote]


def price_now(intent: Intent, prices: Prices) -> Priced | None:
    """
    Return the price an intent is to be sent at now; None when there is none.

    An opening never pays more, or receives less, than the intent's price; it takes the market's where that is better.
    A close takes what the market gives at once, else the intent's price. Its effect may have turned since: what was
    to be sold for a credit may have to be paid for.
    """
    if intent.price is None or intent.effect is None:
        return None
    if intent.is_opening:
        return opening_price(intent.legs, intent.price, intent.effect, prices)
    return closing_price(intent.legs, intent.alert_price or intent.price, intent.effect, prices)


def opening_price(
    legs: Sequence[OrderLeg], limit: Decimal | None, effect: PriceEffect, prices: Prices
) -> Priced | None:
    """
    Return the price of an opening, rounded to the patient side: what is bought down, what is sold up.

    limit: what it may cost, or must bring, at worst; None for the middle of the market. Where the market is better
    than the limit, it is the market's price. None where there is neither, or nothing would be paid.
    """
    receives = effect is PriceEffect.CREDIT
    quote = quote_of(legs, prices, receives=receives)
    price, how = limit, "the alert's price"
    if quote is not None and limit is None:
        price, how = quote.mid, "the mid"
    elif quote is not None and limit is not None and quote.worse_by(quote.natural, limit) < 0:
        price, how = quote.natural, "the market, better than the alert"
    rounded = None if price is None else on_tick(price, tick_tables(legs, prices), up=receives)
    return Priced(rounded, effect, how) if rounded is not None and rounded > 0 else None


def closing_price(
    legs: Sequence[OrderLeg], limit: Decimal | None, effect: PriceEffect, prices: Prices
) -> Priced | None:
    """
    Return the price of a close, rounded to the side that fills: what is bought up, what is sold down.

    limit: the alert's price, which is all there is without a market. A market that bids nothing is asked for one tick;
    a doubtful quote is better than none where the alert has no price either.
    """
    tables, quote = tick_tables(legs, prices), quote_of(legs, prices, receives=False)
    if quote is not None:
        cost, how = quote.natural, "the market, so that it fills"
    elif limit is not None:
        cost, how = -limit if effect is PriceEffect.CREDIT else limit, "the alert's price, without a market"
    else:
        doubtful = _doubtful(legs, prices)
        if doubtful is None:
            return None
        cost, how = doubtful, "a market in doubt"
    pays = cost >= 0 if len(legs) > 1 else legs[0].action.buys
    rounded = on_tick(abs(cost), tables, up=pays)
    if rounded:
        return Priced(rounded, PriceEffect.DEBIT if pays else PriceEffect.CREDIT, how)
    # A single leg that brings nothing is offered at a tick; several that come out even are paid a tick for.
    sells = len(legs) == 1 and not pays
    return Priced(step_at(_ZERO, tables) or _CENT, PriceEffect.CREDIT if sells else PriceEffect.DEBIT, how)


def quote_of(legs: Sequence[OrderLeg], prices: Prices, *, receives: bool) -> OrderQuote | None:
    """Return the market of one unit of an order; None unless the quote of every leg can be relied on."""
    parts = [Part(leg.action.buys, units, _sound(leg, prices)) for leg, units in _counted(legs)]
    return net_quote(parts, receives=receives)


def on_tick(price: Decimal, tables: Sequence[tuple[Tick, ...]], *, up: bool) -> Decimal:
    """
    Return a price rounded to the smallest step that any of some tables of ticks has there; to cents without any.

    >>> on_tick(Decimal("3.07"), [(Tick(Decimal("0.05")),)], up=False)
    Decimal('3.05')
    """
    rounded = _rounded(price, step_at(price, tables) or _CENT, up=up)
    return _rounded(rounded, step_at(rounded, tables) or _CENT, up=up)  # the next step may be wider


def step_at(price: Decimal, tables: Sequence[tuple[Tick, ...]]) -> Decimal | None:
    """
    Return the step of an order's price; None when it is not known of every leg.

    Of several legs the smallest counts: the broker's pages give no other rule for nets.
    """
    steps = [tick_at(price, table) for table in tables]
    return min((step for step in steps if step), default=None) if all(steps) else None


def tick_tables(legs: Sequence[OrderLeg], prices: Prices) -> list[tuple[Tick, ...]]:
    """Return the ticks of each leg, () where they are not known."""
    found = (prices.contracts.get(leg.symbol) for leg in legs)
    return [() if contract is None else contract.ticks for contract in found]


def _rounded(price: Decimal, step: Decimal, *, up: bool) -> Decimal:
    return (price / step).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * step


def _doubtful(legs: Sequence[OrderLeg], prices: Prices) -> Decimal | None:
    """Return what the sides that matter say, whatever is wrong with the quotes; negative when it brings something."""
    cost = _ZERO
    for leg, units in _counted(legs):
        found = prices.quotes.get(leg.symbol)
        side = None if found is None else found.quote.ask if leg.action.buys else found.quote.bid
        if side is None or side <= 0:
            return None
        cost += units * (side if leg.action.buys else -side)
    return cost


def _sound(leg: OrderLeg, prices: Prices) -> Quote | None:
    found = prices.quotes.get(leg.symbol)
    return None if found is None or found.flaws else found.quote


def _counted(legs: Sequence[OrderLeg]) -> Iterator[tuple[OrderLeg, Decimal]]:
    """Yield each leg and how often it counts in the price of one unit; shares beside options count by the hundred."""
    units = max(1, units_of(legs))
    for leg in legs:
        is_beside = leg.kind is InstrumentKind.EQUITY and len(legs) > 1
        yield leg, Decimal(leg.quantity // units) / (OPTION_MULTIPLIER if is_beside else 1)
