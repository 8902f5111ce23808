"""Whether an order fills at a quote, how much of it, and at which prices: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.paper.orders import Leg, Order
from engine.paper.quotes import Quote
from engine.paper.words import Effect, OrderType

Quotes = Mapping[str, Quote]
_LEGACY_PRICE = Decimal(1)
_LEGACY_LIMIT = Decimal(3)


@dataclass(frozen=True, slots=True)
class Match:
    """What fills now. units: of the order's ratio. prices: of each leg in turn, dollars per share."""

    units: int
    prices: tuple[Decimal, ...]


def match(order: Order, quotes: Quotes, *, is_triggered: bool) -> Match | None:
    """
    Return what of an order the quotes fill, at the natural price: buys at the ask, sales at the bid.

    A leg without that side of its quote, or with nothing on offer there, fills nothing of the order.
    is_triggered: whether its stop was reached; such an order is a market or a limit order from then on.
    """
    if order.terms.order_type.has_stop and not is_triggered:
        return None
    sides = [_side(leg, quotes.get(leg.symbol)) for leg in order.legs]
    offered = [side for side in sides if side is not None]
    if len(offered) < len(sides):
        return None
    prices = tuple(price for price, _ in offered)
    if not _is_good_enough(order, prices):
        return None
    on_offer = min(size // order.ratio(leg) for leg, (_, size) in zip(order.legs, offered, strict=True))
    units = min(order.remaining, on_offer)
    return Match(units, prices) if units > 0 else None


def triggers(order: Order, quotes: Quotes) -> bool:
    """Return whether the quotes reach the order's stop: the mark at or above it for a buy, at or below for a sale."""
    trigger = order.terms.stop_trigger
    quote = quotes.get(order.legs[0].symbol)
    mark = None if quote is None else quote.mark
    if trigger is None or mark is None:
        return False
    return mark >= trigger if order.legs[0].action.is_buy else mark <= trigger


def legacy_match(order: Order) -> Match | None:
    """Return what the sandbox's old fixed rule fills: whatever the market."""
    terms = order.terms
    if terms.order_type is OrderType.MARKET:
        return Match(order.remaining, tuple(_LEGACY_PRICE for _ in order.legs))
    if terms.order_type is not OrderType.LIMIT or terms.price is None or terms.price >= _LEGACY_LIMIT:
        return None
    return Match(order.remaining, _splitting(order, terms.price))


def at_limit(order: Order, quotes: Quotes) -> Match:
    """
    Return a fill of all that is left, at the order's own limit whatever the market says.

    Legs take their natural prices, one of them what is missing to the limit. Without a limit all do, or the
    mark, or the stop where there is no quote.
    """
    guesses = [_guess(leg, quotes.get(leg.symbol)) for leg in order.legs]
    fallback = order.terms.stop_trigger or Decimal(0)
    prices = [fallback if guess is None else guess for guess in guesses]
    limit = signed_price(order)
    if limit is None:
        return Match(order.remaining, tuple(prices))
    for place, leg in enumerate(order.legs):
        missing = limit - net_paid(order, tuple(prices))
        price = prices[place] + leg.action.sign * missing / order.ratio(leg)
        if price >= 0:
            return Match(order.remaining, (*prices[:place], price, *prices[place + 1 :]))
    return Match(order.remaining, _splitting(order, abs(limit)))


def signed_price(order: Order) -> Decimal | None:
    """Return the order's limit per unit as what is paid: positive for a debit; None when it has none."""
    price = order.terms.price
    if price is None:
        return None
    return -price if order.terms.effect is Effect.CREDIT else price


def net_paid(order: Order, prices: tuple[Decimal, ...]) -> Decimal:
    """Return what one unit costs at prices of its legs, per share; negative when it brings money in."""
    return sum(
        (leg.action.sign * order.ratio(leg) * price for leg, price in zip(order.legs, prices, strict=True)), Decimal(0)
    )


def _is_good_enough(order: Order, prices: tuple[Decimal, ...]) -> bool:
    if not order.terms.order_type.has_limit:
        return True
    limit = signed_price(order)
    return limit is not None and net_paid(order, prices) <= limit


def _side(leg: Leg, quote: Quote | None) -> tuple[Decimal, int] | None:
    if quote is None:
        return None
    price, size = (quote.ask, quote.ask_size) if leg.action.is_buy else (quote.bid, quote.bid_size)
    return None if price is None else (price, size)


def _guess(leg: Leg, quote: Quote | None) -> Decimal | None:
    if quote is None:
        return None
    side = quote.ask if leg.action.is_buy else quote.bid
    return quote.mark if side is None else side


def _splitting(order: Order, price: Decimal) -> tuple[Decimal, ...]:
    """Return prices of the legs that make up a net price: the first leg that goes its way carries it all."""
    is_bought = order.terms.effect is not Effect.CREDIT
    carrier = next((leg for leg in order.legs if leg.action.is_buy == is_bought), order.legs[0])
    return tuple(price / order.ratio(leg) if leg is carrier else Decimal(0) for leg in order.legs)
