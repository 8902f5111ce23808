"""One account at the broker, as `ports.Broker` wants it."""

from engine.adapters.tastytrade.connection import Ask
from engine.adapters.tastytrade.orders_read import placed_order
from engine.adapters.tastytrade.reader import TastytradeReader, id_in_path
from engine.adapters.tastytrade.sending import new_order, new_terms
from engine.adapters.tastytrade.values import Json, Unreadable
from engine.model.order import Order, PlacedOrder, Priority


class TastytradeBroker(TastytradeReader):
    """See ports.Broker; every request is made once, over the connection's session."""

    async def place(self, order: Order) -> PlacedOrder:
        """See ports.Broker."""
        self.own(order)
        ask = self._order_ask("POST", "", f"place {order.client_id}", order.priority, new_order(order))
        return self._connection.read(ask, await self._connection.ask(ask), _inner_order)

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        """See ports.Broker."""
        ask = self._order_ask("DELETE", f"/{id_in_path(order_id)}", f"cancel {order_id}", priority)
        return self._connection.read(ask, await self._connection.ask(ask), placed_order)

    async def replace(self, order_id: str, order: Order) -> PlacedOrder:
        """See ports.Broker."""
        self.own(order)
        what = f"replace {order_id} by {order.client_id}"
        ask = self._order_ask("PUT", f"/{id_in_path(order_id)}", what, order.priority, new_terms(order))
        return self._connection.read(ask, await self._connection.ask(ask), placed_order)

    def _order_ask(self, method: str, path: str, what: str, priority: Priority, body: str = "") -> Ask:
        path = f"/accounts/{self._account}/orders{path}"
        return Ask(method, path, what, self._account, priority, body=body, changes=True)


def _inner_order(data: Json) -> PlacedOrder:
    inner = data.get("order")
    if not isinstance(inner, dict):
        raise Unreadable("the answer has no order")
    return placed_order(inner)
