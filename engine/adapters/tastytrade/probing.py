"""What certification asks of the broker beyond `ports.Broker`: answers as they come, heartbeats, complex orders."""

from collections.abc import Mapping

from engine.adapters.tastytrade.account_stream import one_heartbeat
from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.reader import id_in_path
from engine.adapters.tastytrade.refusals import codes_of
from engine.adapters.tastytrade.sending import new_complex_order
from engine.adapters.tastytrade.values import Json, Unreadable, text
from engine.model.complex_order import ComplexOrder
from engine.model.errors import OrderRefused
from engine.model.order import Priority
from engine.model.wire_answer import Heartbeat, WireAnswer
from engine.ports import Clock


class TastytradeProbing:
    """Questions that change nothing, about one account."""

    def __init__(self, connection: Connection, account: str, clock: Clock) -> None:
        self._connection = connection
        self._account = account
        self._clock = clock

    async def get(self, path: str, headers: Mapping[str, str]) -> WireAnswer:
        """
        Ask for a path, "" for the account's own and else below it, and return the answer whatever it says.

        Raises: NothingSent, when there is none.
        """
        whole = path if path.startswith("/") else f"/accounts/{self._account}/{path}"
        return await self._connection.raw(Ask("GET", whole, f"look at {path}", self._account, headers=headers))

    async def dry_run_complex(self, order: ComplexOrder) -> tuple[str, ...]:
        """
        Have the broker check orders that hang on each other; return the codes of its warnings.

        Raises: OrderRefused, NothingSent.
        """
        path = f"/accounts/{self._account}/complex-orders/dry-run"
        what = f"check {order.take_profit.client_id}"
        data = await self._connection.ask(Ask("POST", path, what, self._account, body=new_complex_order(order)))
        problems = codes_of(data.get("errors"))
        if problems:
            raise OrderRefused(problems, f"could not {what}: {', '.join(problems)}")
        return codes_of(data.get("warnings"))

    async def heartbeat(self) -> Heartbeat:
        """
        Have one heartbeat of the account stream answered.

        Raises: NothingSent, when none is.
        """
        return await one_heartbeat(self._connection, self._account, self._clock)


class TastytradeComplexOrders:
    """Orders that hang on each other, of one account."""

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account

    async def place_complex(self, order: ComplexOrder) -> str:
        """
        Send orders that hang on each other and return the id of the whole.

        Raises: OrderRefused, NothingSent, OutcomeUnknown.
        """
        ask = self._ask("POST", "", f"place {order.take_profit.client_id}", Priority.ENTRY, new_complex_order(order))
        return self._connection.read(ask, await self._connection.ask(ask), _complex_id)

    async def cancel_complex(self, complex_id: str) -> None:
        """
        Ask for every order of the whole that is not final to be cancelled.

        Raises: OrderRefused, NothingSent, OutcomeUnknown.
        """
        ask = self._ask("DELETE", f"/{id_in_path(complex_id)}", f"cancel {complex_id}", Priority.CANCEL)
        await self._connection.ask(ask)

    def _ask(self, method: str, path: str, what: str, priority: Priority, body: str = "") -> Ask:
        path = f"/accounts/{self._account}/complex-orders{path}"
        return Ask(method, path, what, self._account, priority, body=body, changes=True)


def _complex_id(data: Json) -> str:
    whole = data.get("complex-order")
    found = text(whole, "id") if isinstance(whole, dict) else ""
    if not found:
        raise Unreadable("the answer has no complex order")
    return found
