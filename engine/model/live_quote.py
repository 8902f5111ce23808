"""A quote as it came, with what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.model.market import Quote


class QuoteFlaw(StrEnum):
    """
    Why a quote is not to be trusted.

    MISSING: there is none. ONE_SIDED: it lacks its bid or its ask. DELAYED: the feed lags more than allowed.
    FROZEN: the feed is silent, or gone. UNMEASURED: nothing yet shows how much the feed lags.
    """

    MISSING = "quote_missing"
    ONE_SIDED = "quote_one_sided"
    DELAYED = "quote_delayed"
    FROZEN = "quote_frozen"
    UNMEASURED = "quote_unmeasured"


@dataclass(frozen=True, slots=True)
class LiveQuote:
    """
    The latest that is known of one instrument's prices.

    symbol: as orders write it. quote: its `at` is the latest moment the feed is known to speak of; without any price
    when missing. received_at: when it came in, None when missing. lag: how late the feed is, None when not measured.
    flaws: () for a quote that can be relied on. is_halted: None when not said.
    """

    symbol: str
    quote: Quote
    received_at: datetime | None
    lag: timedelta | None
    flaws: tuple[QuoteFlaw, ...] = ()
    is_halted: bool | None = None
