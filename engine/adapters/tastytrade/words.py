"""The broker's words and ours for the same things."""

from collections.abc import Mapping
from typing import Final

from tastytrade.order import InstrumentType, OrderAction, OrderTimeInForce
from tastytrade.order import OrderStatus as WireStatus
from tastytrade.order import OrderType as WireType

from engine.model.alert import Action
from engine.model.order import InstrumentKind, OrderStatus, OrderType, TimeInForce

KINDS: Final[Mapping[str, InstrumentKind]] = {
    InstrumentType.EQUITY: InstrumentKind.EQUITY,
    InstrumentType.EQUITY_OPTION: InstrumentKind.EQUITY_OPTION,
    InstrumentType.FUTURE: InstrumentKind.FUTURE,
    InstrumentType.FUTURE_OPTION: InstrumentKind.FUTURE_OPTION,
}
ACTIONS: Final[Mapping[str, Action]] = {
    OrderAction.BUY_TO_OPEN: Action.BUY_TO_OPEN,
    OrderAction.SELL_TO_OPEN: Action.SELL_TO_OPEN,
    OrderAction.BUY_TO_CLOSE: Action.BUY_TO_CLOSE,
    OrderAction.SELL_TO_CLOSE: Action.SELL_TO_CLOSE,
    # Only of futures, where the broker works out whether it opens: what is known is the side.
    OrderAction.BUY: Action.BUY_TO_OPEN,
    OrderAction.SELL: Action.SELL_TO_OPEN,
}
TYPES: Final[Mapping[str, OrderType]] = {
    WireType.LIMIT: OrderType.LIMIT,
    WireType.MARKET: OrderType.MARKET,
    WireType.STOP: OrderType.STOP,
    WireType.STOP_LIMIT: OrderType.STOP_LIMIT,
}
TIMES: Final[Mapping[str, TimeInForce]] = {
    OrderTimeInForce.DAY: TimeInForce.DAY,
    OrderTimeInForce.GTC: TimeInForce.GTC,
    OrderTimeInForce.GTD: TimeInForce.GTD,
    OrderTimeInForce.EXT: TimeInForce.EXT,
    OrderTimeInForce.IOC: TimeInForce.IOC,
}
STATUSES: Final[Mapping[str, OrderStatus]] = {
    WireStatus.RECEIVED: OrderStatus.RECEIVED,
    WireStatus.ROUTED: OrderStatus.ROUTED,
    WireStatus.IN_FLIGHT: OrderStatus.IN_FLIGHT,
    WireStatus.CONTINGENT: OrderStatus.CONTINGENT,
    WireStatus.LIVE: OrderStatus.LIVE,
    WireStatus.CANCEL_REQUESTED: OrderStatus.CANCEL_REQUESTED,
    WireStatus.REPLACE_REQUESTED: OrderStatus.REPLACE_REQUESTED,
    WireStatus.FILLED: OrderStatus.FILLED,
    WireStatus.CANCELLED: OrderStatus.CANCELLED,
    WireStatus.EXPIRED: OrderStatus.EXPIRED,
    WireStatus.REJECTED: OrderStatus.REJECTED,
    WireStatus.REMOVED: OrderStatus.REMOVED,
    WireStatus.PARTIALLY_REMOVED: OrderStatus.PARTIALLY_REMOVED,
}
SENT_KINDS: Final = {ours: InstrumentType(theirs) for theirs, ours in KINDS.items()}
SENT_TIMES: Final = {ours: OrderTimeInForce(theirs) for theirs, ours in TIMES.items()}
_SIDES: Final = {
    Action.BUY_TO_OPEN: OrderAction.BUY_TO_OPEN,
    Action.SELL_TO_OPEN: OrderAction.SELL_TO_OPEN,
    Action.BUY_TO_CLOSE: OrderAction.BUY_TO_CLOSE,
    Action.SELL_TO_CLOSE: OrderAction.SELL_TO_CLOSE,
}


def sent_action(action: Action, kind: InstrumentKind) -> OrderAction:
    """Return how an action is sent: of a future only its side, the broker works out the rest."""
    if kind is InstrumentKind.FUTURE:
        return OrderAction.BUY if action.buys else OrderAction.SELL
    return _SIDES[action]
