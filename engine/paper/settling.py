"""What becomes of positions in options and futures when they expire."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.instrument import Right
from engine.paper.desk import Desk
from engine.paper.instruments import Equity, EquityOption, Future, Instrument, OptionInstrument
from engine.paper.ledger import Delivery
from engine.paper.margin import Stake, intrinsic

_AFTER: Final = timedelta(hours=1)
_ZERO: Final = Decimal(0)


class Settling:
    """
    Settles positions an hour after their last trade, by the quote of the underlying at that trade.

    Options that are worth nothing disappear. Others on shares move the shares at the strike; on indexes and
    futures they pay what they are worth, as futures themselves do.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def expect(self, account: str, instrument: Instrument) -> None:
        """Have a position settled when its time comes; nothing for shares."""
        if isinstance(instrument, Equity):
            return
        self._desk.agenda.add(instrument.stops_trading_at + _AFTER, lambda now: self._settle(account, instrument, now))

    def _settle(self, account: str, instrument: Instrument, at: datetime) -> None:
        ledger = self._desk.ledgers[account]
        stake = next((stake for stake in ledger.stakes() if stake.instrument.symbol == instrument.symbol), None)
        if stake is None:
            return
        for delivery in self._deliveries(stake):
            self._desk.book.say(at, account, self._desk.marked(ledger.settle(delivery, at), at))
        self._desk.say_balance(account, at)

    def _deliveries(self, stake: Stake) -> Iterator[Delivery]:
        instrument, held = stake.instrument, stake.quantity
        if isinstance(instrument, Equity):
            return
        spot = self._desk.spot(instrument.underlying, instrument.stops_trading_at)
        if isinstance(instrument, Future):
            yield Delivery(instrument, -held, stake.price if spot is None else spot, "Cash Settled Future")
            return
        worth = _ZERO if spot is None else intrinsic(instrument, spot)
        if not worth:
            yield Delivery(instrument, -held, _ZERO, "Expiration")
            return
        word = "Exercise" if held > 0 else "Assignment"
        shares = self._shares(instrument)
        if shares is None:
            yield Delivery(instrument, -held, worth, f"Cash Settled {word}")
            return
        yield Delivery(instrument, -held, _ZERO, word)
        sign = 1 if instrument.right is Right.CALL else -1
        yield Delivery(shares, sign * held * int(instrument.multiplier), instrument.strike, word)

    def _shares(self, option: OptionInstrument) -> Equity | None:
        """Return the shares an option delivers; None when it pays in cash."""
        if not isinstance(option, EquityOption):
            return None
        shares = self._desk.listing.instrument(option.underlying, option.stops_trading_at)
        return shares if isinstance(shares, Equity) and not shares.is_index else None
