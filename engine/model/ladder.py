"""How an order is worked: the path its price walks, and the exits that follow a fill."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.source import Span


class PricePoint(StrEnum):
    """A price the market or the alert gives. NATURAL is the far side: ask to buy, bid to sell."""

    MID = "mid"
    NATURAL = "natural"
    BID = "bid"
    ASK = "ask"
    LAST = "last"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class PercentRung:
    """
    A price so far along the ladder's path, held for so long.

    at: 0 is the path's start, 1 its end. hold: counts from the moment the order is live.
    """

    at: Decimal
    hold: timedelta
    repeat: int
    span: Span


@dataclass(frozen=True, slots=True)
class TickRung:
    """A price so many ticks towards the far side of the rung before (negative: back), held for so long."""

    ticks: int
    hold: timedelta
    repeat: int
    span: Span


Rung = PercentRung | TickRung


class Requote(StrEnum):
    """When the path is measured anew from fresh quotes."""

    EVERY_RUNG = "every rung"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Cap:
    """
    A bound no rung passes, on the paying side.

    origin: where it is measured from. Exactly one of dollars and share is set: a distance in dollars
    per share, or a share of the origin's price (0.1 is 10 %).
    """

    origin: PricePoint
    dollars: Decimal | None
    share: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class LadderBudget:
    """
    What one run of a ladder may use.

    time: the longest it runs. replaces: how many times the order's price is changed.
    slippage_per_day: dollars all runs of a day may pay beyond the first price; None: no limit.
    """

    time: timedelta
    replaces: int
    slippage_per_day: Decimal | None
    span: Span


class Adverse(StrEnum):
    """What a ladder does when the market runs away."""

    PAUSE = "pause"
    CANCEL = "cancel"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class AdverseMove:
    """After a move of so many ticks against the order, what the ladder does."""

    ticks: int
    do: Adverse
    span: Span


class Partial(StrEnum):
    """After a partial fill, which is kept either way: work the rest on, or cancel it."""

    KEEP = "keep"
    STOP = "stop"


class LadderEnd(StrEnum):
    """What a ladder does after its last rung."""

    CANCEL = "cancel"
    LEAVE = "leave"
    MARKETABLE_LIMIT = "marketable_limit"


@dataclass(frozen=True, slots=True)
class Finally:
    """
    The end of a ladder.

    leave: with LEAVE, how long the last order stays before it is cancelled; zero otherwise.
    """

    do: LadderEnd
    leave: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class Ladder:
    """
    How one order is worked, from its first price to its end.

    start, end: the path; 0 % is its start, 100 % its end.
    never_beyond: the tightest wins; empty: the path's end is the bound.
    too_good: an opening priced better than the alert by this share or more is refused; None: never.
    market_moves: None when no move of the market stops the ladder.
    allow_market: whether the last step may take the far side at once.
    """

    name: str
    span: Span
    start: PricePoint
    end: PricePoint
    rungs: tuple[Rung, ...]
    requote: Requote
    never_beyond: tuple[Cap, ...]
    too_good: Decimal | None
    budget: LadderBudget
    market_moves: AdverseMove | None
    partial: Partial
    final: Finally
    allow_market: bool


@dataclass(frozen=True, slots=True)
class AlertStop:
    """The stop the alert itself names, when it names one."""

    span: Span


@dataclass(frozen=True, slots=True)
class LossStop:
    """A stop at a loss of so much of the average fill (0.4 is 40 %)."""

    loss: Decimal
    span: Span


StopSource = AlertStop | LossStop


@dataclass(frozen=True, slots=True)
class Trigger:
    """What sets a stop off: this quote at or beyond the level for so long (zero: at once)."""

    quote: PricePoint
    held: timedelta


@dataclass(frozen=True, slots=True)
class StopRule:
    """
    Where the protective stop comes from: the first source that is present.

    is_required: an opening for which no source is present is refused.
    """

    sources: tuple[StopSource, ...]
    is_required: bool
    trigger: Trigger
    span: Span


@dataclass(frozen=True, slots=True)
class Target:
    """
    One profit target.

    gain: of the average fill (0.5 is 50 %). close: share of the position as opened; None: all that is left.
    trail: from the gain on, follow the price and sell when it falls back by this share; None: sell at the gain.
    """

    gain: Decimal
    close: Decimal | None
    trail: Decimal | None
    span: Span


class OneContract(StrEnum):
    """Which target a position too small to be split leaves at."""

    FIRST_TARGET = "first_target"
    LAST_TARGET = "last_target"


@dataclass(frozen=True, slots=True)
class Flatten:
    """Close what is left before the session ends; a person is paged when it is not flat by the deadline."""

    before_close: timedelta
    ladder: Ladder
    deadline: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class Exits:
    """
    What protects and closes a position without another alert.

    stop: None when the playbook sets none. flatten: None when positions may stay overnight.
    stop_after_first_target: where the stop goes then, as a share above the average fill (0 is
    breakeven, negative below); None: it stays.
    """

    span: Span
    stop: StopRule | None
    targets: tuple[Target, ...]
    stop_after_first_target: Decimal | None
    one_contract: OneContract
    flatten: Flatten | None
