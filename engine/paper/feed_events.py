"""Events of the quote stream, field by field."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.paper.quotes import Greeks, Quote
from engine.paper.wire import Json, millis

NO_NUMBER: Final = "NaN"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Event(StrEnum):
    """Kinds of events there is something to say of."""

    QUOTE = "Quote"
    TRADE = "Trade"
    GREEKS = "Greeks"
    SUMMARY = "Summary"


_FIELDS: Final = {
    Event.QUOTE: """eventSymbol eventTime sequence timeNanoPart bidTime bidExchangeCode askTime askExchangeCode
        bidPrice askPrice bidSize askSize""",
    Event.TRADE: """eventSymbol eventTime time timeNanoPart sequence exchangeCode dayId tickDirection
        extendedTradingHours price change size dayVolume dayTurnover""",
    Event.GREEKS: """eventSymbol eventTime eventFlags index time sequence price volatility delta gamma theta rho
        vega""",
    Event.SUMMARY: """eventSymbol eventTime dayId dayClosePriceType prevDayId prevDayClosePriceType openInterest
        dayOpenPrice dayHighPrice dayLowPrice dayClosePrice prevDayClosePrice prevDayVolume""",
}
FIELDS: Final[dict[str, list[str]]] = {kind.value: names.split() for kind, names in _FIELDS.items()}


def event_row(kind: str, name: str, quote: Quote, greeks: Greeks | None, fields: Sequence[str]) -> list[object]:
    """
    Return the values of an event in the order of its fields; "NaN" for what is not known.

    Empty when there is nothing of that kind to say of it.
    """
    match kind:
        case Event.QUOTE:
            values = _quote(quote)
        case Event.TRADE if quote.last is not None:
            values = _trade(quote)
        case Event.SUMMARY:
            values = _summary(quote)
        case Event.GREEKS if greeks is not None:
            values = _greeks(quote, greeks)
        case _:
            return []
    values |= {"eventSymbol": name, "eventTime": 0}
    return [values.get(field, NO_NUMBER) for field in fields]


def _quote(quote: Quote) -> Json:
    """Times of a quote are 0, as they are in the broker's stream: only a trade says how late it is."""
    return {
        "sequence": 0,
        "timeNanoPart": 0,
        "bidTime": 0,
        "bidExchangeCode": "Q",
        "askTime": 0,
        "askExchangeCode": "Q",
        "bidPrice": _price(quote.bid),
        "askPrice": _price(quote.ask),
        "bidSize": float(quote.bid_size),
        "askSize": float(quote.ask_size),
    }


def _trade(quote: Quote) -> Json:
    return {
        "time": millis(quote.at),
        "timeNanoPart": 0,
        "sequence": 0,
        "exchangeCode": "Q",
        "dayId": _day(quote),
        "tickDirection": "ZERO_UP",
        "extendedTradingHours": False,
        "price": _price(quote.last),
        "change": 0.0,
        "size": 1.0,
    }


def _summary(quote: Quote) -> Json:
    last = _price(quote.last)
    return {
        "dayId": _day(quote),
        "dayClosePriceType": "REGULAR",
        "prevDayId": _day(quote) - 1,
        "prevDayClosePriceType": "REGULAR",
        "openInterest": 1000,
        "dayOpenPrice": last,
        "dayHighPrice": last,
        "dayLowPrice": last,
        "prevDayClosePrice": last,
    }


def _greeks(quote: Quote, greeks: Greeks) -> Json:
    return {
        "eventFlags": 0,
        "index": millis(quote.at),
        "time": millis(quote.at),
        "sequence": 0,
        "price": greeks.price,
        "volatility": greeks.volatility,
        "delta": greeks.delta,
        "gamma": greeks.gamma,
        "theta": greeks.theta,
        "rho": greeks.rho,
        "vega": greeks.vega,
    }


def _price(price: Decimal | None) -> float | str:
    return NO_NUMBER if price is None else float(price)


def _day(quote: Quote) -> int:
    return (quote.at - _EPOCH).days
