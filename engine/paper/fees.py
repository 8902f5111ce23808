"""What a trade costs, by the schedule read from recorded trades and dry runs."""

from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from engine.paper.words import Action, InstrumentType

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fees:
    """Dollars a trade costs, never negative. exchange, nfa, orf, sec, taf: what the regulators and venues take."""

    commission: Decimal = _ZERO
    clearing: Decimal = _ZERO
    exchange: Decimal = _ZERO
    nfa: Decimal = _ZERO
    orf: Decimal = _ZERO
    sec: Decimal = _ZERO
    taf: Decimal = _ZERO
    proprietary: Decimal = _ZERO

    @property
    def regulatory(self) -> Decimal:
        """Dollars of all that is not the broker's, the clearing house's or an index owner's."""
        return self.exchange + self.nfa + self.orf + self.sec + self.taf

    @property
    def total(self) -> Decimal:
        """Dollars in all."""
        return self.commission + self.clearing + self.regulatory + self.proprietary

    def __add__(self, other: "Fees") -> "Fees":
        """Add two, part by part."""
        return Fees(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    def __sub__(self, other: "Fees") -> "Fees":
        """Subtract one from another, part by part."""
        return Fees(*(getattr(self, part.name) - getattr(other, part.name) for part in fields(self)))


NO_FEES: Final = Fees()

# Sources: a recorded option fill (1.00 commission, 0.10 clearing, 0.02 regulatory a contract to open), a recorded
# dry run of a two-leg spread, recorded share trades (0.001 clearing, 0.000166 on a sale). Futures and index options
# are the broker's published schedule as of 2026 and were not seen in a recording.
_OPTION_COMMISSION: Final = Decimal("1.00")
_OPTION_COMMISSION_CAP: Final = Decimal("10.00")
_FUTURE_COMMISSION: Final = Decimal("1.25")
_FUTURE_OPTION_COMMISSION: Final = Decimal("2.50")
_PROPRIETARY: Final = {"SPX": "0.65", "SPXW": "0.65", "VIX": "0.65", "VIXW": "0.65", "NDX": "0.18", "RUT": "0.18"}


def leg_fees(kind: InstrumentType, action: Action, quantity: int, price: Decimal, root: str = "") -> Fees:
    """
    Return what so much of one leg costs.

    price: dollars per share. root: of an index option, for the fee its owner takes.

    >>> f'{leg_fees(InstrumentType.EQUITY_OPTION, Action.BUY_TO_OPEN, 1, Decimal("0.75")).total:.2f}'
    '1.12'
    """
    if kind is InstrumentType.EQUITY:
        return _share_fees(action, quantity, price)
    if kind is InstrumentType.EQUITY_OPTION:
        return _option_fees(action, quantity, price, root)
    commission = _FUTURE_COMMISSION if kind is InstrumentType.FUTURE else _FUTURE_OPTION_COMMISSION
    if kind is InstrumentType.FUTURE_OPTION and action.is_close:
        commission = _ZERO
    return Fees(
        commission=commission * quantity,
        clearing=Decimal("0.30") * quantity,
        exchange=Decimal("1.38") * quantity,
        nfa=Decimal("0.02") * quantity,
    )


def _share_fees(action: Action, quantity: int, price: Decimal) -> Fees:
    sold = 0 if action.is_buy else quantity
    return Fees(
        clearing=_rounded(max(Decimal("0.0008") * quantity, Decimal("0.001"))),
        sec=_rounded(Decimal("0.0000206") * sold * price) if sold * price > 100 else _ZERO,
        taf=Decimal("0.000166") * sold,
    )


def _option_fees(action: Action, quantity: int, price: Decimal, root: str) -> Fees:
    sold = 0 if action.is_buy else quantity
    return Fees(
        commission=_ZERO if action.is_close else min(_OPTION_COMMISSION * quantity, _OPTION_COMMISSION_CAP),
        clearing=Decimal("0.10") * quantity,
        orf=Decimal("0.02") * quantity,
        sec=_rounded(Decimal("0.0000206") * sold * price * 100),
        taf=Decimal("0.00279") * sold,
        proprietary=Decimal(_PROPRIETARY.get(root, "0")) * quantity,
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.001"), ROUND_HALF_UP)
