"""What is traded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Right(StrEnum):
    """The right an option gives."""

    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class Option:
    """A listed option. underlying: the root in capitals ("SPX"); strike in dollars."""

    underlying: str
    expiry: date
    right: Right
    strike: Decimal

    @property
    def occ(self) -> str:
        """
        The 21-character OCC symbol.

        Shape: root padded to 6, expiry as yymmdd, C or P, strike in thousandths of a dollar
        padded to 8.
        Raises: ValueError when the root is longer than 6 or the strike does not fit.
        Source: OCC 2010 symbology.

        >>> Option("SPY", date(2026, 1, 16), Right.CALL, Decimal("602.5")).occ
        'SPY   260116C00602500'
        """
        thousandths = self.strike * 1000
        if len(self.underlying) > 6 or thousandths != int(thousandths) or not 0 < thousandths < 10**8:
            raise ValueError(f"{self.underlying} {self.strike} has no OCC symbol")
        return f"{self.underlying:<6}{self.expiry:%y%m%d}{self.right[0].upper()}{int(thousandths):08d}"
