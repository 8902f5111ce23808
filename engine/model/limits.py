"""What may be traded and how much of it: allowed strategies, size, risk."""

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.source import Span


class Strategy(StrEnum):
    """A kind of position an alert may open. STOCK is long stock; STRADDLE and STRANGLE are bought ones."""

    LONG_OPTION = "long_option"
    STOCK = "stock"
    FUTURE = "future"
    DEBIT_VERTICAL = "debit_vertical"
    CREDIT_VERTICAL = "credit_vertical"
    BUTTERFLY = "butterfly"
    CONDOR = "condor"
    IRON_BUTTERFLY = "iron_butterfly"
    IRON_CONDOR = "iron_condor"
    STRADDLE = "straddle"
    STRANGLE = "strangle"
    CALENDAR = "calendar"
    DIAGONAL = "diagonal"
    RATIO = "ratio"
    COVERED_CALL = "covered_call"
    CASH_SECURED_PUT = "cash_secured_put"
    COLLAR = "collar"
    SHORT_OPTION = "short_option"
    SHORT_STRADDLE = "short_straddle"
    SHORT_STRANGLE = "short_strangle"
    SHORT_STOCK = "short_stock"


class UndefinedRisk(StrEnum):
    """Whether positions whose loss has no bound may be opened."""

    NEVER = "never"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Allow:
    """The strategies a playbook may open; everything else is refused."""

    kinds: frozenset[Strategy]
    undefined_risk: UndefinedRisk
    span: Span


class SizeBase(StrEnum):
    """The figure of the production account a size is a share of."""

    NET_LIQ = "net_liq"
    BUYING_POWER = "buying_power"


class SizeBasis(StrEnum):
    """
    What one contract counts as.

    MAX_LOSS: the most it can lose: the premium, or width less credit; the broker's margin otherwise.
    BUYING_POWER: always the broker's figure.
    """

    MAX_LOSS = "max_loss"
    BUYING_POWER = "buying_power"


class AlertQuantity(StrEnum):
    """What a quantity in the alert does: bounds the size, is the size, or nothing."""

    AT_MOST = "at_most"
    EXACT = "exact"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """
    How much one opening may use: the smallest of everything that applies, rounded down.

    percent: share of `of` (0.02 is 2 %); None: no share limits it.
    of: an account figure, or a fixed amount in dollars.
    tags: size tag → share of the usual size. by_symbol: symbol → share of `of` instead of percent.
    most_contracts: None: no such limit. most_cost: dollars; None: no such limit.
    """

    span: Span
    percent: Decimal | None
    of: SizeBase | Decimal
    basis: SizeBasis
    tags: tuple[tuple[str, Decimal], ...]
    by_symbol: tuple[tuple[str, Decimal], ...]
    alert_quantity: AlertQuantity
    most_contracts: int | None
    most_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class CountLimit:
    """At most so many."""

    most: int
    span: Span


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """At most so many dollars, or such a share (0.2 is 20 %), as the rule that holds it says."""

    most: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class SymbolRule:
    """allow: None when every symbol not denied is allowed. Symbols in capitals, without "$"."""

    allow: frozenset[str] | None
    deny: frozenset[str]
    span: Span


class Hours(StrEnum):
    """The trading hours orders may be sent in."""

    REGULAR = "regular"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class SessionRule:
    """
    When openings may be sent: in these hours, not in the first and last stretch of them.

    starts, ends: times of day in the desk's time zone; None: the hours alone decide.
    """

    hours: Hours
    starts: time | None
    ends: time | None
    not_before_open: timedelta
    stop_before_close: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """Days to expiry an opening may have, both ends included. max_days: None: no limit."""

    min_days: int
    max_days: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class PriceCollar:
    """How far an order's price may lie from the alert's and from the mid, as shares; None: any distance."""

    from_alert: Decimal | None
    from_mid: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """The same contract and side again within the window is a duplicate."""

    window: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class Cooldown:
    """After so many losses in a row, no openings for so long."""

    after_losses: int
    pause: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class Counts:
    """Limits of one symbol, or of one author, each by itself; None: no such limit. max_daily_loss: dollars."""

    max_open_positions: int | None
    max_orders_per_day: int | None
    max_daily_loss: Decimal | None
    span: Span

    @property
    def is_set(self) -> bool:
        """Whether there is any such limit."""
        return (self.max_open_positions, self.max_orders_per_day, self.max_daily_loss) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Risk:
    """
    The limits of one playbook; they guard openings and never block a close.

    None: the playbook sets no such limit (the desk's still hold).
    max_daily_loss: dollars. max_spread: share of the mid.
    """

    span: Span
    symbols: SymbolRule
    session: SessionRule
    expiry: ExpiryRule
    max_open_positions: CountLimit | None
    max_orders_per_day: CountLimit | None
    max_daily_loss: AmountLimit | None
    per_symbol: Counts
    per_author: Counts
    price_collar: PriceCollar | None
    max_spread: AmountLimit | None
    duplicates: DuplicateRule
    cooldown: Cooldown | None
