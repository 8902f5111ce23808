"""What the shell must give the engine: one small protocol each, in our own words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from engine.decide.record import Record
from engine.model.account import Booking, Funds, Holding, Standing
from engine.model.account_event import AccountEvent
from engine.model.activity import Restriction
from engine.model.alert import Alert
from engine.model.chatter import ChatterBatch
from engine.model.contract import Chain, Contract
from engine.model.live_quote import LiveQuote
from engine.model.market import AccountState, Market
from engine.model.message import Message
from engine.model.order import Order, PlacedOrder, Preflight, Priority
from engine.model.position import Closed
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart
from engine.plan.entries import TradeBody, TradeEntry


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class MessageClock(Protocol):
    """The time a message is judged at: the clock's live, its own and a latency in a replay."""

    def judged_at(self, message: Message) -> datetime:
        """Return the time, aware, in UTC."""
        ...


class Accounts(Protocol):
    """What accounts hold."""

    def state(self, account: str, at: datetime) -> AccountState | None:
        """Return what an account, named by its alias, holds at a time; None when that is not known."""
        ...


class Markets(Protocol):
    """Quotes and chains."""

    def market(self, alert: Alert, at: datetime) -> Market | None:
        """Return what is known of an alert's underlying at a time; None when nothing is."""
        ...


class Restrictions(Protocol):
    """Trading states other than active."""

    def in_force(self, at: datetime) -> tuple[Restriction, ...] | None:
        """Return every restriction in force at a time; None when that is not known."""
        ...


class RunWriter(Protocol):
    """
    The log of one replay while it is being written.

    Rows are kept in batches, in the order they are given; every method may raise StoreError, after
    which nothing more can be written.
    """

    @property
    def run_id(self) -> int:
        """The number of this run in its file, from 1."""
        ...

    def write(self, records: Iterable[Record]) -> None:
        """Add decisions with the messages and facts they rest on; chatter among them is kept without its text."""
        ...

    def write_chatter(self, batch: ChatterBatch) -> None:
        """Add messages of one channel that say nothing to one playbook, as columns."""
        ...

    def write_authors(self, names: Mapping[str, str]) -> None:
        """Add the names of authors, by id; one that is known already is left out."""
        ...

    def write_closed(self, closed: Iterable[Closed]) -> None:
        """Add positions, or parts of them, that came to their end."""
        ...

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        """Add messages that could not be read."""
        ...

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        """Add how often each pattern matched; also those that never did, with 0."""
        ...

    def finish(self, counts: RunCounts) -> None:
        """Make everything durable and mark the run as finished; the last call."""
        ...


class Store(Protocol):
    """The queryable log of replay runs."""

    def run(self, start: RunStart) -> AbstractContextManager[RunWriter]:
        """
        Begin a run.

        A block that ends without `finish` leaves a run marked failed or interrupted, which no
        query takes for a whole one; a process that dies leaves one marked unfinished.

        Raises: StoreError.
        """
        ...


class BrokerReader(Protocol):
    """
    One account at one broker, to look at and to ask about: nothing here changes anything.

    Every method may raise NothingSent (also its kind CredentialsRefused, after which every further call does) and
    OrderRefused.
    """

    @property
    def account(self) -> str:
        """The number of the account."""
        ...

    async def dry_run(self, order: Order) -> Preflight:
        """
        Have the broker check an order and take nothing.

        Raises: OrderRefused, with its reasons; never OutcomeUnknown.
        """
        ...

    async def order(self, order_id: str) -> PlacedOrder | None:
        """Return an order as it stands; None when the account has none of that id."""
        ...

    async def live_orders(self) -> tuple[PlacedOrder, ...]:
        """Return every order that works and every order created or changed today, whoever placed it."""
        ...

    async def orders_since(self, day: date) -> tuple[PlacedOrder, ...]:
        """Return every order since a day, whoever placed it, in full: NothingSent when a page of it is missing."""
        ...

    async def holdings(self) -> tuple[Holding, ...]:
        """Return every position as far as it is booked, which lags fills by seconds."""
        ...

    async def funds(self) -> Funds:
        """Return the money of the account."""
        ...

    async def standing(self) -> Standing:
        """Return what the account may do."""
        ...

    async def bookings_since(self, day: date) -> tuple[Booking, ...]:
        """Return every row of the account's history since a day, in full: NothingSent when a page of it is missing."""
        ...

    async def contract(self, symbol: str) -> Contract | None:
        """Return an instrument by the symbol orders write; None when the broker does not list it."""
        ...

    async def futures(self, root: str) -> tuple[Contract, ...]:
        """Return the futures listed of a root without its slash ("ES")."""
        ...

    async def chain(self, underlying: str) -> Chain | None:
        """Return the options listed on an underlying ("SPY"; "/ES" for every month of it); None when there are none."""
        ...

    async def listen(self, hear: Callable[[AccountEvent], None]) -> None:
        """
        Tell what happens in the account until cancelled; connections that are lost are made anew.

        hear: called in the order of the messages; must not block. After each Reconnected what was missed must be
        looked up. Messages can come late, twice, out of order, or never.
        Raises: CredentialsRefused, and nothing else.
        """
        ...


class Broker(BrokerReader, Protocol):
    """
    One account at one broker, in its sandbox or in production.

    Nothing is ever sent twice but after an answer that says it was not taken (an expired sign-in). Every method may
    raise NothingSent (also its kind CredentialsRefused, after which every further call does) and OrderRefused; those
    that change something may raise OutcomeUnknown, and are of unknown outcome too when their task is cancelled.
    """

    async def place(self, order: Order) -> PlacedOrder:
        """
        Send an order and return it as it was taken, which is long before it works or fills.

        A leg that closes is refused by the broker when there is nothing to close. The client id is passed on and
        comes back with the order; the broker does not deduplicate by it.
        """
        ...

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        """
        Ask for an order to be cancelled and return it as it stands: asked, not cancelled; it can still fill.

        Raises: OrderRefused, when it is final already or there is none of that id.
        """
        ...

    async def replace(self, order_id: str, order: Order) -> PlacedOrder:
        """
        Ask for an order to be replaced by one of the same legs and quantities; return the new order, with its own id.

        Not atomic: the old one can fill meanwhile, which ends the new one.
        """
        ...


class Quotes(Protocol):
    """Prices as they are now."""

    async def run(self) -> None:
        """
        Keep the feed connected until cancelled; `quotes` is of use only meanwhile.

        Raises: CredentialsRefused, and nothing else.
        """
        ...

    async def quotes(self, contracts: Sequence[Contract]) -> Mapping[str, LiveQuote]:
        """
        Return the latest quote of each contract, by its symbol, waiting a little for those that are new.

        Never raises for want of data: what is missing, late or one-sided says so itself.
        """
        ...


class TradeLog(Protocol):
    """The journal, as far as trading writes into it and rebuilds itself from it."""

    @property
    def can_open(self) -> bool:
        """Whether there is room for what openings write; False after a full disk or a failed sync."""
        ...

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        """
        Add a fact; it is on disk after the next `sync`, not before.

        urgent: whatever is not about an opening: it may use the reserve when the disk is full.
        Raises: JournalError, with nothing added.
        """
        ...

    def sync(self) -> None:
        """Return when everything written is on disk. Raises: JournalError; nothing may be sent any more then."""
        ...
