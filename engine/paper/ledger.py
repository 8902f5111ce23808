"""The books of one account: cash, positions, and the rows of its history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from engine.paper.conduct import AccountSetup
from engine.paper.fees import Fees, leg_fees
from engine.paper.holdings import ZERO, Position, TradingStatus, Transaction
from engine.paper.hours import trading_day
from engine.paper.instruments import Instrument
from engine.paper.margin import Stake, shifted
from engine.paper.orders import Fill, Leg, Order

NextId = Callable[[], int]


@dataclass(slots=True)
class _Holding:
    """One position with its instrument. realized: dollars gained on a day."""

    instrument: Instrument
    position: Position
    realized_on: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an expiry moves. quantity: signed. price: dollars per share. reason: as the broker calls it."""

    instrument: Instrument
    quantity: int
    price: Decimal
    reason: str


class Ledger:
    """One account's books; they know of a fill only once it is booked."""

    def __init__(self, setup: AccountSetup, opened_at: datetime, next_id: NextId) -> None:
        self.setup = setup
        self.cash = ZERO
        self.transactions: list[Transaction] = []
        self.status = TradingStatus(
            setup.number,
            opened_at,
            options_level=setup.options_level,
            is_margin=setup.is_margin,
            is_futures_enabled=setup.is_futures_enabled,
        )
        self._next_id = next_id
        self._holdings: dict[str, _Holding] = {}
        self.deposit(setup.cash, opened_at)

    def quantity(self, symbol: str) -> int:
        """Return what is held of a symbol; negative for short."""
        holding = self._holdings.get(symbol)
        return 0 if holding is None else holding.position.quantity

    def stakes(self) -> Iterator[Stake]:
        """Yield what is held as margin sees it."""
        for holding in self._holdings.values():
            if holding.position.quantity:
                position = holding.position
                yield Stake(holding.instrument, position.quantity, position.average_open_price)

    def positions(self, now: datetime) -> tuple[Position, ...]:
        """Return every position, those closed today with a quantity of 0; without marks."""
        today = trading_day(now)
        return tuple(
            holding.position if holding.realized_on == today else replace(holding.position, realized_today=ZERO)
            for holding in self._holdings.values()
            if holding.position.quantity or trading_day(holding.position.updated_at) == today
        )

    def held(self) -> tuple[tuple[Instrument, Position], ...]:
        """Return every open position with its instrument."""
        return tuple(
            (holding.instrument, holding.position) for holding in self._holdings.values() if holding.position.quantity
        )

    def deposit(self, amount: Decimal, at: datetime) -> None:
        """Add dollars from outside; negative for a withdrawal."""
        self.cash += amount
        name, today = "Deposit" if amount >= 0 else "Withdrawal", trading_day(at)
        self._write(Transaction(0, self.setup.number, "Money Movement", name, name, at, today, amount, amount))

    def book(self, order: Order, leg: Leg, fill: Fill, instrument: Instrument, at: datetime) -> Position:
        """Book one fill; return the position as it is now."""
        fees = fill_fees(leg, fill, instrument)
        value = self._move(instrument, leg.action.sign * fill.quantity, fill.price, at)
        self.cash += value - fees.total
        self._write(
            Transaction(
                id=0,
                account=self.setup.number,
                type="Trade",
                sub_type=leg.action.value,
                description=_description(leg, fill),
                executed_at=fill.at,
                transaction_date=trading_day(fill.at),
                value=value,
                net_value=value - fees.total,
                symbol=leg.symbol,
                underlying=instrument.underlying,
                instrument_type=leg.instrument_type,
                action=leg.action,
                quantity=fill.quantity,
                price=fill.price,
                order_id=order.id,
                leg_count=len(order.legs),
                fill_id=fill.id,
                fees=fees,
            )
        )
        return self._holdings[leg.symbol].position

    def settle(self, delivery: Delivery, at: datetime) -> Position:
        """Move a position without an order, because of an expiry."""
        instrument, quantity = delivery.instrument, delivery.quantity
        value = self._move(instrument, quantity, delivery.price, at)
        self.cash += value
        self._write(
            Transaction(
                id=0,
                account=self.setup.number,
                type="Receive Deliver",
                sub_type=delivery.reason,
                description=f"{delivery.reason} of {abs(quantity)} {instrument.symbol}",
                executed_at=at,
                transaction_date=trading_day(at),
                value=value,
                net_value=value,
                symbol=instrument.symbol,
                underlying=instrument.underlying,
                instrument_type=instrument.instrument_type,
                quantity=abs(quantity),
                price=delivery.price,
            )
        )
        return self._holdings[instrument.symbol].position

    def wipe(self, at: datetime) -> tuple[Position, ...]:
        """Forget every position and put the money back to what it was at first; return them, now at 0."""
        gone = tuple(
            replace(holding.position, quantity=0, realized_today=ZERO, updated_at=at)
            for holding in self._holdings.values()
            if holding.position.quantity
        )
        self._holdings.clear()
        self.cash = self.setup.cash
        return gone

    def _move(self, instrument: Instrument, quantity: int, price: Decimal, at: datetime) -> Decimal:
        """Change a position by a signed quantity; return the dollars that brings in, before fees."""
        holding = self._holdings.setdefault(instrument.symbol, self._empty(instrument, at))
        position = holding.position
        shift = shifted(Stake(instrument, position.quantity, position.average_open_price), quantity, price)
        today = trading_day(at)
        earlier = position.realized_today if holding.realized_on == today else ZERO
        holding.realized_on = today
        holding.position = replace(
            position,
            quantity=shift.after.quantity,
            average_open_price=shift.after.price,
            realized_today=earlier + shift.gain,
            created_at=at if position.quantity == 0 else position.created_at,
            updated_at=at,
        )
        return shift.cash

    def _empty(self, instrument: Instrument, at: datetime) -> _Holding:
        position = Position(
            account=self.setup.number,
            symbol=instrument.symbol,
            instrument_type=instrument.instrument_type,
            underlying=instrument.underlying,
            quantity=0,
            average_open_price=ZERO,
            multiplier=instrument.multiplier,
            created_at=at,
            updated_at=at,
            expires_at=getattr(instrument, "stops_trading_at", None),
        )
        return _Holding(instrument, position, trading_day(at))

    def _write(self, row: Transaction) -> None:
        self.transactions.append(replace(row, id=self._next_id()))


def fill_fees(leg: Leg, fill: Fill, instrument: Instrument) -> Fees:
    """Return what one fill of a leg costs: the fees of all filled so far, less those of what filled before."""
    before = sum(each.quantity for each in leg.fills[: _place(leg, fill)])
    root = getattr(instrument, "root", "")
    whole = leg_fees(leg.instrument_type, leg.action, before + fill.quantity, fill.price, root)
    return whole - leg_fees(leg.instrument_type, leg.action, before, fill.price, root) if before else whole


def _place(leg: Leg, fill: Fill) -> int:
    return next(place for place, each in enumerate(leg.fills) if each.id == fill.id)


def _description(leg: Leg, fill: Fill) -> str:
    verb = "Bought" if leg.action.is_buy else "Sold"
    return f"{verb} {fill.quantity} {leg.symbol} @ {fill.price}"
