"""One account at the broker, to look at and to ask about: the half of `ports.Broker` that changes nothing."""

from collections.abc import Callable, Mapping
from datetime import date

from engine.adapters.tastytrade.account_stream import AccountStream
from engine.adapters.tastytrade.accounts_read import booking, funds, holding, standing
from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.listings import Listings
from engine.adapters.tastytrade.orders_read import placed_order, preflight
from engine.adapters.tastytrade.refusals import codes_of
from engine.adapters.tastytrade.sending import new_order
from engine.adapters.tastytrade.values import rows
from engine.model.account import Booking, Funds, Holding, Standing
from engine.model.account_event import AccountEvent
from engine.model.contract import Chain, Contract
from engine.model.errors import InvariantBroken, OrderRefused
from engine.model.order import Order, PlacedOrder, Preflight
from engine.ports import Clock

_ORDERS_PER_PAGE = 200
_BOOKINGS_PER_PAGE = 250


class TastytradeReader:
    """Everything of ports.Broker that changes nothing: there is no way to send an order."""

    def __init__(self, connection: Connection, account: str, clock: Clock) -> None:
        self._connection = connection
        self._account = account
        self._listings = Listings(connection)
        self._stream = AccountStream(connection, account, clock)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._connection!r}, {self._account})"

    @property
    def account(self) -> str:
        """The number of the account."""
        return self._account

    # ---------------------------------------------------------------- orders

    async def dry_run(self, order: Order) -> Preflight:
        """See ports.Broker."""
        self.own(order)
        path = f"/accounts/{self._account}/orders/dry-run"
        what = f"check {order.client_id}"
        ask = Ask("POST", path, what, self._account, order.priority, body=new_order(order))
        data = await self._connection.ask(ask)
        problems = codes_of(data.get("errors"))
        if problems:
            raise OrderRefused(problems, f"could not {what}: {', '.join(problems)}")
        return self._connection.read(ask, data, preflight)

    async def order(self, order_id: str) -> PlacedOrder | None:
        """See ports.Broker."""
        ask = self._look(f"orders/{id_in_path(order_id)}", f"look up order {order_id}")
        data = await self._connection.look_up(ask)
        return None if data is None else self._connection.read(ask, data, placed_order)

    async def live_orders(self) -> tuple[PlacedOrder, ...]:
        """See ports.Broker."""
        ask = self._look("orders/live", "list the live orders")
        data = await self._connection.ask(ask)
        return self._connection.read(ask, data, lambda found: tuple(placed_order(row) for row in rows(found)))

    async def orders_since(self, day: date) -> tuple[PlacedOrder, ...]:
        """See ports.Broker."""
        query = {"start-date": day.isoformat(), "sort": "Desc"}
        ask = self._look("orders", f"list the orders since {day}", query)
        found = await self._connection.every(ask, _ORDERS_PER_PAGE)
        read = (self._connection.read(ask, row, placed_order) for row in found)
        return tuple({each.id: each for each in read}.values())  # a new order shifts the pages: one can come twice

    # ---------------------------------------------------------------- the account

    async def holdings(self) -> tuple[Holding, ...]:
        """See ports.Broker."""
        ask = self._look("positions", "list the positions")
        data = await self._connection.ask(ask)
        return self._connection.read(ask, data, lambda found: tuple(holding(row) for row in rows(found)))

    async def funds(self) -> Funds:
        """See ports.Broker."""
        ask = self._look("balances/USD", "look up the balance")
        return self._connection.read(ask, await self._connection.ask(ask), funds)

    async def standing(self) -> Standing:
        """See ports.Broker."""
        ask = self._look("trading-status", "look up the trading status")
        return self._connection.read(ask, await self._connection.ask(ask), standing)

    async def bookings_since(self, day: date) -> tuple[Booking, ...]:
        """See ports.Broker."""
        query = {"start-date": day.isoformat(), "sort": "Desc"}
        ask = self._look("transactions", f"list the transactions since {day}", query)
        found = await self._connection.every(ask, _BOOKINGS_PER_PAGE)
        read = (self._connection.read(ask, row, booking) for row in found)
        return tuple({each.id: each for each in read}.values())

    # ---------------------------------------------------------------- what is listed

    async def contract(self, symbol: str) -> Contract | None:
        """See ports.Broker."""
        return await self._listings.contract(symbol)

    async def futures(self, root: str) -> tuple[Contract, ...]:
        """See ports.Broker."""
        return await self._listings.futures(root)

    async def chain(self, underlying: str) -> Chain | None:
        """See ports.Broker."""
        return await self._listings.chain(underlying)

    # ---------------------------------------------------------------- what happens

    async def listen(self, hear: Callable[[AccountEvent], None]) -> None:
        """See ports.Broker."""
        await self._stream.listen(hear)

    # ---------------------------------------------------------------- requests

    def own(self, order: Order) -> None:
        """Refuse an order of another account."""
        if order.account != self._account:
            raise InvariantBroken(f"order {order.client_id} is for account {order.account}, not {self._account}")

    def _look(self, path: str, what: str, query: Mapping[str, str] | None = None) -> Ask:
        return Ask("GET", f"/accounts/{self._account}/{path}", what, self._account, query=dict(query or {}))


def id_in_path(order_id: str) -> str:
    """Return an order's id as it stands in addresses; what is none never gets there."""
    if not order_id.isascii() or not order_id.isdigit():
        raise InvariantBroken(f"{order_id!r} is no id of an order")
    return order_id
