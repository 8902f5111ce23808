"""
One environment of the broker: a machine that moves only when it is told the time.

Every method takes `now`, aware UTC; a moment before one it was told already counts as that later one. Before a
request is answered, everything due until then happens, in order, and is kept for `advance` to tell. The same
setup, listing, quotes and requests at the same times give the same answers and the same events, however often
`advance` was called between them.
"""

from datetime import datetime
from decimal import Decimal

from engine.paper.answers import Happened, Placed, PlacedComplex, Rejected
from engine.paper.bonds import Bonds
from engine.paper.complex_requests import ComplexRequests
from engine.paper.conduct import Quirk, Setup
from engine.paper.desk import Desk
from engine.paper.endings import Endings
from engine.paper.flow import Flow
from engine.paper.holdings import Balance, Position, TradingStatus, Transaction
from engine.paper.listing import Listing
from engine.paper.margin import Tied
from engine.paper.orders import ComplexOrder, ComplexRequest, Order, OrderRequest, Terms
from engine.paper.quotes import QuoteSource
from engine.paper.requests import Requests
from engine.paper.words import Status


class Exchange:
    """Orders, positions and money of the accounts of one environment."""

    def __init__(self, setup: Setup, listing: Listing, quotes: QuoteSource, opened_at: datetime) -> None:
        self.listing = listing
        self.quotes = quotes
        self._desk = Desk(setup, listing, quotes, opened_at)
        self._flow = flow = Flow(self._desk)
        endings = Endings(self._desk, flow)
        self._requests = Requests(self._desk, flow, endings)
        self._complex = ComplexRequests(self._desk, self._requests, endings, Bonds(self._desk, flow))

    # ---------------------------------------------------------------- time

    def advance(self, now: datetime) -> tuple[Happened, ...]:
        """Let everything due until now happen; return it with what happened since the last call, in order."""
        self._desk.run(now)
        return self._desk.book.said()

    def quotes_changed(self, now: datetime) -> None:
        """Hold every working order against its quotes: they were changed from outside, not as foreseen."""
        at = self._desk.run(now)
        for account in self._desk.ledgers:
            for ticket in self._desk.book.pending(account):
                self._flow.look_again(ticket, at)

    @property
    def next_at(self) -> datetime | None:
        """When something is due next by itself: the time to call `advance`; None when nothing is."""
        return self._desk.agenda.next_at

    # ---------------------------------------------------------------- orders

    def place(self, account: str, request: OrderRequest, now: datetime) -> Placed | Rejected:
        """Take an order. Its status in the answer is Routed, or Received while its market is closed."""
        return self._requests.place(account, request, self._desk.run(now), is_dry=False)

    def dry_run(self, account: str, request: OrderRequest, now: datetime) -> Placed | Rejected:
        """Check an order as `place` would, and take nothing."""
        return self._requests.place(account, request, self._desk.run(now), is_dry=True)

    def cancel(self, account: str, order_id: int, now: datetime) -> Order | Rejected:
        """
        Ask for an order to be cancelled; the answer only says that this was asked.

        Rejected with `cannot_update_order` when it is final, or is being replaced.
        """
        return self._requests.cancel(account, order_id, self._desk.run(now))

    def replace(self, account: str, order_id: int, terms: Terms, now: datetime) -> Placed | Rejected:
        """
        Ask for an order to be replaced by one of the same legs; the answer holds the new order, Contingent.

        The new one has an id of its own and what is left of the old one's quantity. A fill of the old one
        before it is cancelled ends the new one.
        """
        return self._requests.replace(account, order_id, terms, self._desk.run(now), is_dry=False)

    def dry_run_replace(self, account: str, order_id: int, terms: Terms, now: datetime) -> Placed | Rejected:
        """Check a replacement as `replace` would, and change nothing."""
        return self._requests.replace(account, order_id, terms, self._desk.run(now), is_dry=True)

    def order(self, account: str, order_id: int, now: datetime) -> Order | None:
        """Return an order as it stands; None when the account has none of that id."""
        self._desk.run(now)
        ticket = self._desk.book.ticket(account, order_id)
        return None if ticket is None else ticket.order

    def live_orders(self, account: str, now: datetime) -> tuple[Order, ...]:
        """Return what works, and every order created or changed today, final ones too; the newest first."""
        return self._requests.live_orders(account, self._desk.run(now))

    def orders(self, account: str, now: datetime) -> tuple[Order, ...]:
        """Return every order there ever was, the newest first."""
        self._desk.run(now)
        return tuple(ticket.order for ticket in self._desk.book.of_account(account))

    # ---------------------------------------------------------------- complex orders

    def place_complex(self, account: str, request: ComplexRequest, now: datetime) -> PlacedComplex | Rejected:
        """Take an OCO, OTO or OTOCO."""
        return self._complex.place(account, request, self._desk.run(now), is_dry=False)

    def dry_run_complex(self, account: str, request: ComplexRequest, now: datetime) -> PlacedComplex | Rejected:
        """Check a complex order as `place_complex` would, and take nothing."""
        return self._complex.place(account, request, self._desk.run(now), is_dry=True)

    def cancel_complex(self, account: str, complex_id: int, now: datetime) -> ComplexOrder | Rejected:
        """Ask for every order of it that is not final to be cancelled."""
        return self._complex.cancel(account, complex_id, self._desk.run(now))

    def complex_order(self, account: str, complex_id: int, now: datetime) -> ComplexOrder | None:
        """Return a complex order as it stands; None when the account has none of that id."""
        self._desk.run(now)
        group = self._desk.book.group(account, complex_id)
        return None if group is None else self._desk.book.complex_order(group)

    def complex_orders(self, account: str, now: datetime) -> tuple[ComplexOrder, ...]:
        """Return every complex order there ever was, the newest first."""
        self._desk.run(now)
        return tuple(self._desk.book.complex_order(group) for group in self._desk.book.groups(account))

    # ---------------------------------------------------------------- accounts

    @property
    def accounts(self) -> tuple[str, ...]:
        """The numbers of its accounts."""
        return tuple(self._desk.ledgers)

    def positions(self, account: str, now: datetime) -> tuple[Position, ...]:
        """Return what is held as far as it is booked, with marks; what was closed today with a quantity of 0."""
        return self._desk.positions(account, self._desk.run(now))

    def balance(self, account: str, now: datetime) -> Balance:
        """Return the money of an account as far as it is booked."""
        return self._desk.balance(account, self._desk.run(now))

    def tied(self, account: str, underlying: str, now: datetime) -> Tied:
        """Return what the booked positions of an account in one underlying tie up."""
        return self._desk.tied(account, self._desk.run(now), underlying)

    def transactions(self, account: str, now: datetime) -> tuple[Transaction, ...]:
        """Return the rows of its history, the newest first."""
        self._desk.run(now)
        return tuple(reversed(self._desk.ledgers[account].transactions))

    def trading_status(self, account: str) -> TradingStatus:
        """Return what an account may do."""
        return self._desk.ledgers[account].status

    def set_trading_status(self, status: TradingStatus, now: datetime) -> None:
        """Change what an account may do, and say so."""
        at = self._desk.run(now)
        self._desk.ledgers[status.account].status = status
        self._desk.book.say(at, status.account, status)

    def deposit(self, account: str, dollars: Decimal, now: datetime) -> None:
        """Add money; negative to take some out."""
        at = self._desk.run(now)
        self._desk.ledgers[account].deposit(dollars, at)
        self._desk.say_balance(account, at)

    # ---------------------------------------------------------------- oddities

    def script(self, quirk: Quirk, *, identifier: str = "", times: int = 1) -> None:
        """
        Have the next orders go an odd way.

        identifier: only orders with this external identifier; "" for any. times: how many orders.
        """
        self._desk.script(quirk, identifier, times)

    @property
    def is_offline(self) -> bool:
        """Whether every order taken now is rejected on its way."""
        return self._desk.is_offline

    @is_offline.setter
    def is_offline(self, is_offline: bool) -> None:
        self._desk.is_offline = is_offline

    def reset(self, now: datetime) -> None:
        """Do what the sandbox does daily: remove working orders, forget positions, fund the accounts as at first."""
        at = self._desk.run(now)
        for account, ledger in self._desk.ledgers.items():
            for ticket in self._desk.book.pending(account):
                ticket.is_forgotten = True
                if not ticket.order.status.is_final:
                    self._desk.change(ticket, at, status=Status.REMOVED)
            for position in ledger.wipe(at):
                self._desk.book.say(at, account, position)
            self._desk.say_balance(account, at)
