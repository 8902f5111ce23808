"""
Recorded quotes, from CSV or Parquet.

Columns: `timestamp` (whole or broken seconds since 1970 in UTC, or ISO 8601 with an offset), `symbol` (also spelled
`occ_symbol`), and `bid` with `ask`, or `mark` alone, which then is both; also `bid_size`, `ask_size` (100 when not
given, never negative) and `last`. An empty cell is a price that is missing. Other columns are left alone.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from engine.model.errors import CodedError
from engine.paper.quotes import Greeks, Quote, QuoteSource

_SIZE: Final = 100
_MOST_DIGITS: Final = 12  # of whole dollars or contracts
_SYMBOLS: Final = ("symbol", "occ_symbol")
_PRICES: Final = ("bid", "ask", "mark")


class TapeError(CodedError):
    """A tape cannot be read."""


class Tape:
    """Quotes as they were recorded, or as they are added: each stands until the next of its symbol."""

    def __init__(self) -> None:
        self._quotes: dict[str, list[Quote]] = {}
        self._times: dict[str, list[datetime]] = {}

    def add(self, symbol: str, quote: Quote) -> None:
        """
        Add a quote, the times of one symbol in order; one of the same moment replaces the one before.

        An exchange that runs on this tape is told by its `quotes_changed`.
        """
        quotes, times = self._quotes.setdefault(symbol, []), self._times.setdefault(symbol, [])
        if times and quote.at < times[-1]:
            raise TapeError("tape_out_of_order", f"{symbol} has a quote of {quote.at} after one of {times[-1]}")
        if times and quote.at == times[-1]:
            quotes[-1] = quote
            return
        quotes.append(quote)
        times.append(quote.at)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols it has any quote of, at whatever time."""
        return tuple(self._quotes)

    def holds(self, symbol: str) -> bool:
        """Return whether it has any quote of a symbol, at whatever time."""
        return symbol in self._quotes

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        """Return the last quote up to a moment; None before the first."""
        place = bisect_right(self._times.get(symbol, ()), now)
        return self._quotes[symbol][place - 1] if place else None

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        """Return None: a tape has prices only."""
        return None

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        """Return when the first of the symbols has its next quote; None when none has."""
        upcoming = []
        for symbol in symbols:
            times = self._times.get(symbol, ())
            place = bisect_right(times, after)
            if place < len(times):
                upcoming.append(times[place])
        return min(upcoming, default=None)


class TapeOver:
    """
    A tape for the symbols it holds, and another source for all others and for the figures of options.

    A symbol the tape holds has no quote before its first there. Options the tape lacks are priced by the other
    source, which does not know what the tape says of their underlying.
    """

    def __init__(self, tape: Tape, rest: QuoteSource) -> None:
        self._tape = tape
        self._rest = rest

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        """Return the quote that stands at a moment; None when the symbol has none."""
        return self._of(symbol).quote(symbol, now)

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        """Return the other source's figures for an option."""
        return self._rest.greeks(symbol, now)

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        """Return the first moment after another at which one of the quotes may change; None when none will."""
        changes = (self._of(symbol).next_change([symbol], after) for symbol in symbols)
        return min((change for change in changes if change is not None), default=None)

    def _of(self, symbol: str) -> QuoteSource:
        return self._tape if self._tape.holds(symbol) else self._rest


def read_tape(path: Path) -> Tape:
    """
    Read a tape; its rows may be in any order.

    Raises: TapeError `tape_unreadable` when it holds no row, or a cell cannot be read or a column is missing, naming
    the row.
    """
    try:
        rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    except (OSError, ValueError, csv.Error) as error:  # also of bytes that are neither UTF-8 nor Parquet
        raise TapeError("tape_unreadable", f"{path.name} cannot be read: {error}") from error
    if not rows:
        raise TapeError("tape_unreadable", f"{path.name} cannot be read: it has no row below its columns")
    quotes = [_read_row(path, number, row) for number, row in enumerate(rows, start=1)]
    tape = Tape()
    for symbol, quote in sorted(quotes, key=_moment):
        tape.add(symbol, quote)
    return tape


def _moment(row: tuple[str, Quote]) -> datetime:
    return row[1].at


def _csv_rows(path: Path) -> list[Mapping[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _parquet_rows(path: Path) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = pq.read_table(path).to_pylist()
    return rows


def _read_row(path: Path, number: int, row: Mapping[str, object]) -> tuple[str, Quote]:
    try:
        _check_columns(row)
        mark = _price(row.get("mark"))
        quote = Quote(
            at=_time(row["timestamp"]),
            bid=_price(row.get("bid")) if "bid" in row else mark,
            ask=_price(row.get("ask")) if "ask" in row else mark,
            bid_size=_size(row.get("bid_size")),
            ask_size=_size(row.get("ask_size")),
            last=_price(row.get("last")) or mark,
        )
        symbol = next((str(row[name]) for name in _SYMBOLS if row.get(name)), "")
        if not symbol:
            raise ValueError("it names no symbol")
    except (ValueError, OverflowError) as error:
        raise TapeError("tape_unreadable", f"row {number} of {path.name} cannot be read: {error}") from error
    return symbol, quote


def _check_columns(row: Mapping[str, object]) -> None:
    for names in (("timestamp",), _SYMBOLS, _PRICES):
        if not any(name in row for name in names):
            raise ValueError(f"it has no column {' or '.join(names)}, but {', '.join(map(str, row))}")


def _time(cell: object) -> datetime:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC) if cell.tzinfo else cell.replace(tzinfo=UTC)
    text = str(cell)
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return moment.astimezone(UTC)


def _price(cell: object) -> Decimal | None:
    return None if cell is None or cell == "" else _amount(cell)


def _size(cell: object) -> int:
    return _SIZE if cell is None or cell == "" else int(_amount(cell))


def _amount(cell: object) -> Decimal:
    try:
        amount = Decimal(str(cell))
    except InvalidOperation as error:
        raise ValueError(f"{cell} is no price or size") from error
    if not amount.is_finite() or amount < 0 or amount.adjusted() > _MOST_DIGITS:
        raise ValueError(f"{cell} is no price or size")
    return amount
