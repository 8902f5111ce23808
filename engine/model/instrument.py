"""What is traded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

OPTION_MULTIPLIER: Final = 100  # shares of one listed option that was never adjusted

# Dollars one point of one contract is worth. Source: the contract specifications CME Group publishes.
_POINT_VALUES: Final[Mapping[str, Decimal]] = {
    root: Decimal(value)
    for root, value in {
        **{"ES": "50", "MES": "5", "NQ": "20", "MNQ": "2", "RTY": "50", "M2K": "5", "YM": "5", "MYM": "0.5"},
        **{"CL": "1000", "MCL": "100", "QM": "500", "NG": "10000", "QG": "2500", "RB": "42000", "HO": "42000"},
        **{"GC": "100", "MGC": "10", "SI": "5000", "SIL": "1000", "HG": "25000", "MHG": "2500", "PL": "50"},
        **{"ZB": "1000", "UB": "1000", "ZN": "1000", "ZF": "1000", "ZT": "2000"},
        **{"6E": "125000", "M6E": "12500", "6B": "62500", "6A": "100000", "6C": "100000", "6J": "12500000"},
        **{"BTC": "5", "MBT": "0.1", "ETH": "50", "MET": "0.1"},
    }.items()
}
_FUTURE: Final = re.compile(r"/?(?P<root>[A-Z0-9]{1,3}?)(?:[FGHJKMNQUVXZ]\d{1,2})?")


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


def point_value(symbol: str) -> Decimal | None:
    """
    Return the dollars one point of a future is worth; None for one that is not known here.

    symbol: with or without its slash, its month and its year.

    >>> point_value("/MES"), point_value("/ESZ6"), point_value("/XYZ")
    (Decimal('5'), Decimal('50'), None)
    """
    match = _FUTURE.fullmatch(symbol)
    return _POINT_VALUES.get(match["root"]) if match else None
