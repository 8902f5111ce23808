"""What a message was understood to say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.model.instrument import Right
from engine.model.source import Place


class Action(StrEnum):
    """What an alert asks for. UPDATE moves a stop or a target and trades nothing by itself."""

    BUY_TO_OPEN = "buy_to_open"
    SELL_TO_OPEN = "sell_to_open"
    BUY_TO_CLOSE = "buy_to_close"
    SELL_TO_CLOSE = "sell_to_close"
    UPDATE = "update"

    @property
    def opens(self) -> bool:
        """Whether it adds to a position."""
        return self in (Action.BUY_TO_OPEN, Action.SELL_TO_OPEN)

    @property
    def closes(self) -> bool:
        """Whether it takes from a position."""
        return self in (Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE)

    @property
    def buys(self) -> bool:
        """Whether it buys."""
        return self in (Action.BUY_TO_OPEN, Action.BUY_TO_CLOSE)


class Asset(StrEnum):
    """The class an alert's instrument belongs to."""

    OPTION = "option"
    STOCK = "stock"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Leg:
    """
    One leg of an alert.

    strike, right, expiry: None when the text does not say (and for stock and futures always).
    ratio: how many of this leg make one unit of the whole order; 100 shares beside an option are 100.
    """

    action: Action
    symbol: str | None
    asset: Asset = Asset.OPTION
    strike: Decimal | None = None
    right: Right | None = None
    expiry: date | None = None
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class Level:
    """
    A price an author names for a stop or a target.

    Exactly one of price, percent, words is stated: a price in dollars per share; percent of the
    entry (30 is 30 %); words for what needs a position to be a price ("breakeven").
    trail: percent the stop trails by once the level is reached; None when it does not trail.
    """

    price: Decimal | None = None
    percent: Decimal | None = None
    words: str = ""
    trail: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the text says that cannot stand ("expired": the expiry lies before the message)."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where one field was read, and the raw words it was read from."""

    field: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One thing a message says to do. What the text does not say is None, never guessed.

    symbol: the underlying in capitals, without "$"; futures with their slash; None when an exit names none.
    price: limit in dollars per share (an order of several legs: the net); None for market or unsaid.
    is_market: the text says "at market".
    is_credit: for several legs, whether the net is received; None when unsaid.
    quantity: contracts or shares as written. fraction: of the current position, 0 < f ≤ 1; 1 is all out.
    is_part: says "trim" or the like without saying how much.
    size_tags: canonical tags of the vocabulary ("lotto").
    legs: one for a single contract, more for a spread; never empty on an opening.
    structure: name of the multi-leg structure; "" for a single leg.
    pattern: name of the pattern that read it. found: where each field stands in the raw text.
    """

    action: Action
    symbol: str | None
    asset: Asset | None
    legs: tuple[Leg, ...] = ()
    price: Decimal | None = None
    price_high: Decimal | None = None
    is_market: bool = False
    is_credit: bool | None = None
    quantity: int | None = None
    fraction: Decimal | None = None
    is_part: bool = False
    stop: Level | None = None
    targets: tuple[Level, ...] = ()
    size_tags: tuple[str, ...] = ()
    structure: str = ""
    pattern: str = ""
    problems: tuple[Problem, ...] = ()
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why nothing was read, when something might have been meant.

    code: stable, listed in docs/reasons.md. reason: one sentence.
    place: the text that caused it. nearest: the pattern that came nearest; "".
    is_order_shaped: an action word with a contract, or a contract with a price.
    """

    code: str
    reason: str
    place: Place | None = None
    nearest: str = ""
    is_order_shaped: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one message says: alerts, or why not. Chatter has neither."""

    alerts: tuple[Alert, ...] = ()
    refusal: Refusal | None = None
