"""The parts of an exchange together: its clock, its orders, its accounts and their money."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.paper.agenda import Agenda
from engine.paper.conduct import Draws, Quirk, Setup
from engine.paper.holdings import ZERO, Balance, Position
from engine.paper.instruments import Equity, Future, FutureOption, Instrument
from engine.paper.ledger import Ledger
from engine.paper.listing import Listing
from engine.paper.margin import Tied, tied_up
from engine.paper.orders import Order
from engine.paper.quotes import QuoteSource
from engine.paper.tickets import Book, Ticket
from engine.paper.words import Status

_FIRST_TRANSACTION = 1000


class Desk:
    """What the steps of an exchange share."""

    def __init__(self, setup: Setup, listing: Listing, quotes: QuoteSource, opened_at: datetime) -> None:
        self.setup = setup
        self.listing = listing
        self.quotes = quotes
        self.agenda = Agenda()
        self.book = Book(setup.first_id)
        self.draws = Draws(setup.seed, setup.conduct)
        self.now = opened_at
        self.is_offline = False
        self._last_transaction = setup.first_id + _FIRST_TRANSACTION
        self._scripted: dict[tuple[Quirk, str], int] = defaultdict(int)
        self.ledgers = {each.number: Ledger(each, opened_at, self._next_transaction) for each in setup.accounts}

    def run(self, now: datetime) -> datetime:
        """Let everything due until a moment happen; return the moment it is then."""
        self.now = max(self.now, now)
        self.agenda.run(self.now)
        return self.now

    def script(self, quirk: Quirk, identifier: str, times: int) -> None:
        """Have the next orders of an identifier, "" for any, go an odd way."""
        self._scripted[quirk, identifier] += times

    def quirks_of(self, order: Order) -> set[Quirk]:
        """
        Return the odd ways a new order will go: those scripted, which are used up by it, and those drawn.

        While the exchange is offline every order is rejected.
        """
        struck = {quirk for quirk in Quirk if self._is_scripted(quirk, order) or self.draws.strikes(quirk, order.id)}
        return struck | {Quirk.SESSION_OFFLINE} if self.is_offline else struck

    def _is_scripted(self, quirk: Quirk, order: Order) -> bool:
        for identifier in (order.external_identifier, ""):
            if self._scripted.get((quirk, identifier)):
                self._scripted[quirk, identifier] -= 1
                return True
        return False

    def _next_transaction(self) -> int:
        self._last_transaction += 1
        return self._last_transaction

    def spot(self, underlying: str, at: datetime) -> Decimal | None:
        """Return the price of an underlying at a moment; None when it has no quote."""
        quote = self.quotes.quote(underlying, at)
        return None if quote is None else quote.mark

    def positions(self, account: str, at: datetime) -> tuple[Position, ...]:
        """Return the booked positions of an account with their marks."""
        return tuple(self.marked(position, at) for position in self.ledgers[account].positions(at))

    def marked(self, position: Position, at: datetime) -> Position:
        """Return a position with the mark of a moment."""
        return replace(position, mark=self.spot(position.symbol, at))

    def tied(self, account: str, at: datetime, underlying: str = "") -> Tied:
        """Return what the booked positions of an account tie up; those in one underlying when it is named."""
        ledger = self.ledgers[account]
        stakes = [each for each in ledger.stakes() if underlying in ("", each.instrument.underlying)]
        return tied_up(stakes, lambda symbol: self.spot(symbol, at), is_margin=ledger.status.is_margin)

    def held(self, account: str, *, but: int = 0) -> Decimal:
        """Return the dollars working orders hold back; but: an order that is left out."""
        return sum(
            (
                ticket.held * ticket.unbooked
                for ticket in self.book.pending(account)
                if ticket.order.id != but and ticket.order.status is not Status.CONTINGENT
            ),
            ZERO,
        )

    def balance(self, account: str, at: datetime) -> Balance:
        """Return the money of an account as booked."""
        ledger = self.ledgers[account]
        tied = self.tied(account, at)
        held = self.held(account)
        values = _Values()
        for instrument, position in ledger.held():
            values.add(instrument, self.marked(position, at))
        power = ledger.cash - tied.net - held
        return Balance(
            account=account,
            at=at,
            cash=ledger.cash,
            long_equity=values.long["equity"],
            short_equity=values.short["equity"],
            long_derivative=values.long["derivative"],
            short_derivative=values.short["derivative"],
            long_futures_derivative=values.long["futures_derivative"],
            short_futures_derivative=values.short["futures_derivative"],
            open_futures_profit=values.futures_profit,
            net_liquidating_value=ledger.cash + values.total,
            equity_buying_power=power * 2 if ledger.status.is_margin else power,
            derivative_buying_power=power,
            requirement=tied.requirement,
            futures_requirement=tied.futures,
            held_by_orders=held,
        )

    def take(self, ticket: Ticket) -> None:
        """Take an order in, and say so and what money there is then, as the broker does with every change."""
        self.book.add(ticket)
        self.say_balance(ticket.order.account, ticket.order.received_at)

    def change(self, ticket: Ticket, at: datetime, **changes: object) -> None:
        """Change an order, and say how it stands and what money there is then."""
        self.book.change(ticket, at, **changes)
        self.say_balance(ticket.order.account, at)

    def say_balance(self, account: str, at: datetime) -> None:
        """Put the balance of an account on its stream."""
        self.book.say(at, account, self.balance(account, at))


class _Values:
    """What positions are worth by kind, while they are added up."""

    def __init__(self) -> None:
        self.long: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.short: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.futures_profit = ZERO
        self.total = ZERO

    def add(self, instrument: Instrument, position: Position) -> None:
        if isinstance(instrument, Future):
            self.futures_profit += position.value - position.cost
            self.total += position.value - position.cost
            return
        kind = "futures_derivative" if isinstance(instrument, FutureOption) else "derivative"
        side = self.long if position.quantity > 0 else self.short
        side["equity" if isinstance(instrument, Equity) else kind] += abs(position.value)
        self.total += position.value
