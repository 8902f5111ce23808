"""What an order would cost now, as one price whatever its legs: the market's side of collars, spreads and sizes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from engine.model.alert import Alert, Asset, Leg
from engine.model.decision import Size
from engine.model.instrument import OPTION_MULTIPLIER, point_value
from engine.model.market import Market, Quote


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """
    The market of one unit of an order, in the sense of its price: paid, or received when `receives`.

    natural: what trading at once pays or receives; mid: the middle; spread: bid to ask. Dollars per share; natural and
    mid may fall to zero or below for several legs.
    """

    natural: Decimal
    mid: Decimal
    spread: Decimal
    receives: bool = False

    def worse_by(self, price: Decimal, than: Decimal) -> Decimal:
        """Return by how many dollars per share a price is worse for us than another; negative when it is better."""
        return than - price if self.receives else price - than


class Part(NamedTuple):
    """One leg of one unit of an order. units: how often it counts in the price."""

    buys: bool
    units: Decimal
    quote: Quote | None


def order_quote(legs: Sequence[Leg], market: Market | None, *, receives: bool) -> OrderQuote | None:
    """
    Return the quote of an order of opening legs; None when that of any leg is not known.

    A quote that lacks its bid or its ask, offers for nothing, or bids more than it asks, says nothing of the market.
    """
    if market is None:
        return None
    return net_quote([Part(leg.action.buys, _units(leg, legs), _quote(leg, market)) for leg in legs], receives=receives)


def net_quote(parts: Iterable[Part], *, receives: bool) -> OrderQuote | None:
    """Return the quote of all parts together; None as `order_quote` does."""
    pay = take = Decimal(0)
    for buys, units, quote in parts:
        if quote is None or quote.bid is None or quote.ask is None or not 0 <= quote.bid <= quote.ask > 0:
            return None
        pay += units * (quote.ask if buys else -quote.bid)
        take += units * (quote.bid if buys else -quote.ask)
    mid = (pay + take) / 2
    if receives:
        return OrderQuote(-pay, -mid, pay - take, receives=True)
    return OrderQuote(pay, mid, pay - take)


def assumed_quote(alert: Alert, *, receives: bool) -> OrderQuote | None:
    """Return bid and ask at the alert's own price, as a replay assumes them; None when it names none."""
    price = order_price(alert, None, receives=receives)
    return None if price is None else OrderQuote(price, price, Decimal(0), receives)


def order_price(alert: Alert, quote: OrderQuote | None, *, receives: bool) -> Decimal | None:
    """Return the price of an opening: the worst the alert names, else the market's; None if there is none."""
    if alert.price is not None:
        return alert.price if alert.price_high is None or receives else max(alert.price, alert.price_high)
    return None if quote is None else quote.natural


def multiplier_of(legs: Sequence[Leg]) -> Decimal | None:
    """Return the dollars one point of one unit is worth; None for a future that is not known, or an option on one."""
    symbol = legs[0].symbol or "" if legs else ""
    if symbol.startswith("/"):
        return point_value(symbol)
    return Decimal(OPTION_MULTIPLIER) if any(leg.asset is Asset.OPTION for leg in legs) else Decimal(1)


def over_mid(size: Size, quote: OrderQuote, legs: Sequence[Leg]) -> Decimal:
    """Return the dollars an opening may pay beyond the mid; zero when it pays less than the mid."""
    if size.price is None:
        return Decimal(0)
    return max(Decimal(0), quote.worse_by(size.price, quote.mid)) * size.quantity * (multiplier_of(legs) or 0)


def _quote(leg: Leg, market: Market) -> Quote | None:
    if leg.asset is not Asset.OPTION:
        return market.quote
    wanted = (leg.expiry, leg.strike, leg.right)
    listed = (option for option in market.chain or () if (option.expiry, option.strike, option.right) == wanted)
    return next((option.quote for option in listed), None)


def _units(leg: Leg, legs: Sequence[Leg]) -> Decimal:
    """Shares beside options are priced per share of one option, like the whole order."""
    is_beside = leg.asset is Asset.STOCK and len(legs) > 1
    return Decimal(leg.ratio) / OPTION_MULTIPLIER if is_beside else Decimal(leg.ratio)
