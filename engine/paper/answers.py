"""What the exchange answers, and what it says has happened."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.paper.fees import Fees
from engine.paper.holdings import Balance, Position, TradingStatus
from engine.paper.orders import ComplexOrder, Order
from engine.paper.words import Effect

PREFLIGHT_FAILED = "preflight_check_failure"
NOT_FOUND = "record_not_found"
CANNOT_UPDATE = "cannot_update_order"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing wrong, or worth a warning. preflight_id: the child of a complex order it is about, else None."""

    code: str
    message: str
    preflight_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """
    The request was refused and nothing was taken.

    code: `preflight_check_failure` with the single checks in problems; or the whole reason by itself:
    `record_not_found` (404), `cannot_update_order` and the rest (422), `not_permitted` (403).
    """

    code: str
    message: str
    problems: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class BuyingPowerEffect:
    """
    What an order would do to buying power, in dollars; signed: negative takes money away.

    margin_change: what more is held as margin, negative for more. isolated: the margin of the order by itself.
    """

    margin_change: Decimal
    power_change: Decimal
    current_power: Decimal
    new_power: Decimal
    isolated: Decimal
    is_spread: bool

    @property
    def is_too_much(self) -> bool:
        """Whether it takes more than there is."""
        return self.new_power < 0 and self.power_change < 0

    @property
    def effect(self) -> Effect:
        """Which way the change of buying power goes."""
        return effect_of(self.power_change)


def effect_of(amount: Decimal) -> Effect:
    """
    Return the word for the sign of an amount.

    >>> effect_of(Decimal("-1")).value, effect_of(Decimal("0.00")).value
    ('Debit', 'None')
    """
    if amount == 0:
        return Effect.NONE
    return Effect.CREDIT if amount > 0 else Effect.DEBIT


@dataclass(frozen=True, slots=True)
class Placed:
    """An order was taken; in a dry run it would be (its id is 0)."""

    order: Order
    power: BuyingPowerEffect
    fees: Fees
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedComplex:
    """A complex order was taken; in a dry run it would be (its id is 0)."""

    order: ComplexOrder
    power: BuyingPowerEffect
    fees: Fees
    warnings: tuple[Notice, ...] = ()


Subject = Order | ComplexOrder | Position | Balance | TradingStatus


@dataclass(frozen=True, slots=True)
class Happened:
    """
    One thing the account stream says, always the whole object.

    subject: as it stood at that moment; its class says which kind of message it is.
    """

    at: datetime
    account: str
    subject: Subject
