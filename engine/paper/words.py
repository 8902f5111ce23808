"""The broker's words, spelled as it spells them on the wire."""

from enum import StrEnum
from typing import Final


class InstrumentType(StrEnum):
    """What a leg trades."""

    EQUITY = "Equity"
    EQUITY_OPTION = "Equity Option"
    FUTURE = "Future"
    FUTURE_OPTION = "Future Option"

    @property
    def is_option(self) -> bool:
        """Whether it is an option, on shares or on a future."""
        return self in (InstrumentType.EQUITY_OPTION, InstrumentType.FUTURE_OPTION)

    @property
    def is_future(self) -> bool:
        """Whether it trades on Globex: a future, or an option on one."""
        return self in (InstrumentType.FUTURE, InstrumentType.FUTURE_OPTION)


class OrderType(StrEnum):
    """How an order is priced."""

    LIMIT = "Limit"
    MARKET = "Market"
    MARKETABLE_LIMIT = "Marketable Limit"
    STOP = "Stop"
    STOP_LIMIT = "Stop Limit"
    NOTIONAL_MARKET = "Notional Market"

    @property
    def has_limit(self) -> bool:
        """Whether it carries a price of its own."""
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def has_stop(self) -> bool:
        """Whether it sleeps until its trigger is reached."""
        return self in (OrderType.STOP, OrderType.STOP_LIMIT)


class TimeInForce(StrEnum):
    """How long an order works."""

    DAY = "Day"
    EXT = "Ext"
    EXT_OVERNIGHT = "Ext Overnight"
    GTC = "GTC"
    GTC_EXT = "GTC Ext"
    GTC_EXT_OVERNIGHT = "GTC Ext Overnight"
    GTD = "GTD"
    IOC = "IOC"

    @property
    def is_extended(self) -> bool:
        """Whether it also works before and after the regular session."""
        return self in _EXTENDED

    @property
    def ends_with_the_day(self) -> bool:
        """Whether the close of its first session ends it."""
        return self in (TimeInForce.DAY, TimeInForce.EXT, TimeInForce.EXT_OVERNIGHT, TimeInForce.IOC)


_EXTENDED: Final = frozenset(
    {TimeInForce.EXT, TimeInForce.EXT_OVERNIGHT, TimeInForce.GTC_EXT, TimeInForce.GTC_EXT_OVERNIGHT}
)


class Effect(StrEnum):
    """Which way money goes: DEBIT out of the account, CREDIT into it."""

    DEBIT = "Debit"
    CREDIT = "Credit"
    NONE = "None"


class Action(StrEnum):
    """What a leg does. BUY and SELL: outright futures only; the exchange turns them into the other four."""

    BUY_TO_OPEN = "Buy to Open"
    BUY_TO_CLOSE = "Buy to Close"
    SELL_TO_OPEN = "Sell to Open"
    SELL_TO_CLOSE = "Sell to Close"
    BUY = "Buy"
    SELL = "Sell"

    @property
    def is_buy(self) -> bool:
        """Whether it adds to the signed quantity held."""
        return self in (Action.BUY_TO_OPEN, Action.BUY_TO_CLOSE, Action.BUY)

    @property
    def is_close(self) -> bool:
        """Whether it says that it closes."""
        return self in (Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE)

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sale."""
        return 1 if self.is_buy else -1


class Status(StrEnum):
    """Where an order stands."""

    RECEIVED = "Received"
    ROUTED = "Routed"
    IN_FLIGHT = "In Flight"
    CONTINGENT = "Contingent"
    LIVE = "Live"
    CANCEL_REQUESTED = "Cancel Requested"
    REPLACE_REQUESTED = "Replace Requested"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    REJECTED = "Rejected"
    REMOVED = "Removed"
    PARTIALLY_REMOVED = "Partially Removed"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows, but for a fill that crossed a cancel."""
        return self in _FINAL


_FINAL: Final = frozenset(
    {
        Status.FILLED,
        Status.CANCELLED,
        Status.EXPIRED,
        Status.REJECTED,
        Status.REMOVED,
        Status.PARTIALLY_REMOVED,
    }
)


class ComplexType(StrEnum):
    """How the orders of a complex order hang together."""

    OCO = "OCO"
    OTO = "OTO"
    OTOCO = "OTOCO"
    PAIRS = "PAIRS"
    BLAST = "BLAST"
