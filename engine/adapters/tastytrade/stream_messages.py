"""Messages of the account stream in our words; one that cannot be read is an event too."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from engine.adapters.tastytrade.accounts_read import funds, holding, standing
from engine.adapters.tastytrade.orders_read import placed_order
from engine.adapters.tastytrade.values import Json, Unreadable, rows, text
from engine.model.account_event import AccountEvent, Anomaly, FundsSeen, HoldingSeen, OrderSeen, StandingSeen

_UNUSED: Final = frozenset(
    {"ExternalTransaction", "OrderChain", "PublicWatchlists", "QuoteAlert", "UnderlyingYearGainSummary", "UserMessage"}
)


def events_of(message: Json, at: datetime) -> tuple[AccountEvent, ...]:
    """Return what a notification tells; () when nothing the engine uses."""
    kind = text(message, "type")
    data = message.get("data")
    if kind in _UNUSED:
        return ()
    if not isinstance(data, dict):
        return (Anomaly(at, kind, "the message has no data"),)
    try:
        return tuple(_read(kind, data, at))
    except Unreadable as error:
        return (Anomaly(at, kind, str(error)),)


def _read(kind: str, data: Json, at: datetime) -> Iterator[AccountEvent]:
    match kind:
        case "Order":
            yield OrderSeen(at, placed_order(data))
        case "ComplexOrder":
            trigger = data.get("trigger-order")
            for row in (*((trigger,) if isinstance(trigger, dict) else ()), *rows(data, "orders")):
                yield OrderSeen(at, placed_order(row))
        case "CurrentPosition":
            yield HoldingSeen(at, holding(data))
        case "AccountBalance":
            yield FundsSeen(at, funds(data))
        case "TradingStatus":
            yield StandingSeen(at, standing(data))
        case _:
            raise Unreadable("a kind of message this version does not know")
