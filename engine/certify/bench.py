"""
What probes work with.

Two kinds of bench: one that only reads and asks for checks, and one of a sandbox that also places. The first has no
way to the second's orders, whatever a probe does with it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol, TypeVar

import anyio

from engine.model.alert import Action
from engine.model.complex_order import ComplexOrder
from engine.model.desk import AccountKind
from engine.model.environment import Environment
from engine.model.errors import InvariantBroken, NothingSent, OrderRefused
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PlacedOrder, PriceEffect
from engine.model.wire_answer import Heartbeat, WireAnswer
from engine.ports import Broker, BrokerReader, Clock, Quotes

SHARE: Final = "SPY"
FAR: Final = Decimal("5.00")
"""What is bid for one share: far below its price, and not below the $3 under which sandboxes once filled anything."""

_PATIENCE: Final = 5
Answered = TypeVar("Answered")
Wait = Callable[[float], Awaitable[None]]


class Probing(Protocol):
    """What the engine itself never asks; it changes nothing either. Errors are those of `ports.BrokerReader`."""

    async def get(self, path: str, headers: Mapping[str, str]) -> WireAnswer:
        """Return the answer to a path of the account, whatever it says; a path with a slash first is of the broker."""
        ...

    async def dry_run_complex(self, order: ComplexOrder) -> tuple[str, ...]:
        """Have orders that hang on each other checked; return the codes of the warnings."""
        ...

    async def heartbeat(self) -> Heartbeat:
        """Have one heartbeat of the account stream answered."""
        ...


class StreamedQuotes(Quotes, Protocol):
    """Prices that come in a stream, of which one can tell whether it is there."""

    @property
    def is_connected(self) -> bool:
        """Whether the stream is there."""
        ...


class ComplexOrders(Protocol):
    """Orders that hang on each other. Errors are those of `ports.Broker`."""

    async def place_complex(self, order: ComplexOrder) -> str:
        """Send them and return the id of the whole."""
        ...

    async def cancel_complex(self, complex_id: str) -> None:
        """Ask for all of them that are not final to be cancelled."""
        ...


@dataclass(slots=True)
class Record:
    """The answers that came so far, each with the probe it came to."""

    probe: str = ""
    answers: list[tuple[str, WireAnswer]] = field(default_factory=list)

    def take(self, answer: WireAnswer) -> None:
        """Note an answer."""
        self.answers.append((self.probe, answer))

    @property
    def last(self) -> WireAnswer:
        """The latest answer."""
        return self.answers[-1][1]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when probes run. wait: lets so many seconds pass. record: of the answers."""

    environment: Environment
    clock: Clock
    record: Record
    wait: Wait = anyio.sleep


class ReadBench:
    """Everything there is where nothing may be changed."""

    def __init__(self, setting: Setting, reader: BrokerReader, probing: Probing, quotes: StreamedQuotes) -> None:
        self.setting = setting
        self.reader = reader
        self.probing = probing
        self.quotes = quotes
        self.stem = f"certify-{setting.clock.now():%Y%m%dT%H%M%S}"
        """What the identifiers of all its orders begin with."""

    async def patiently(self, ask: Callable[[], Awaitable[Answered]]) -> Answered:
        """Ask; where nothing was sent and it is known how long to wait, wait and ask again."""
        for _ in range(_PATIENCE):
            try:
                return await ask()
            except NothingSent as error:
                if not error.wait:
                    raise
                await self.setting.wait(error.wait)
        return await ask()

    def share(self, name: str, action: Action = Action.BUY_TO_OPEN, price: Decimal = FAR) -> Order:
        """Return a limit order for one share."""
        effect = PriceEffect.DEBIT if action.buys else PriceEffect.CREDIT
        leg = OrderLeg(SHARE, InstrumentKind.EQUITY, action, 1)
        client_id = f"{self.stem}-{name}"
        return Order(client_id, self.reader.account, (leg,), OrderType.LIMIT, price=price, effect=effect)


class TradeBench(ReadBench):
    """
    A bench of a sandbox, on which one share far from the market can be bid for.

    Every order is remembered, and `clear` cancels them all.
    """

    def __init__(self, bench: ReadBench, orders: Broker, complex_orders: ComplexOrders) -> None:
        if bench.setting.environment.kind is not AccountKind.SANDBOX:
            raise InvariantBroken("probes place orders in a sandbox only")
        super().__init__(bench.setting, bench.reader, bench.probing, bench.quotes)
        self.stem = bench.stem
        self._orders = orders
        self._complex = complex_orders
        self._complex_ids: set[str] = set()
        self._unanswered = 0

    async def place(self, order: Order) -> PlacedOrder:
        """Place an order for one share far from the market."""
        _harmless(order)
        return await self._sent(lambda: self._orders.place(order))

    async def replace(self, order_id: str, order: Order) -> PlacedOrder:
        """Replace an order by another one that is as far from the market."""
        _harmless(order)
        return await self._sent(lambda: self._orders.replace(order_id, order))

    async def cancel(self, order_id: str) -> PlacedOrder:
        """Ask for an order to be cancelled."""
        return await self.patiently(lambda: self._orders.cancel(order_id))

    async def place_complex(self, order: ComplexOrder) -> str:
        """Place orders of which the one that works first bids for one share far from the market."""
        if order.trigger is None:
            raise InvariantBroken("without an order that comes first the others would work at once")
        _harmless(order.trigger)
        complex_id = await self._sent(lambda: self._complex.place_complex(order))
        self._complex_ids.add(complex_id)
        return complex_id

    async def cancel_complex(self, complex_id: str) -> None:
        """Ask for orders that hang on each other to be cancelled."""
        await self.patiently(lambda: self._complex.cancel_complex(complex_id))

    async def mine(self) -> tuple[PlacedOrder, ...]:
        """Return the orders of this run, whatever became of them."""
        live = await self.patiently(self.reader.live_orders)
        return tuple(order for order in live if order.client_id.startswith(self.stem))

    @property
    def has_unanswered(self) -> bool:
        """Whether anything was sent of which no answer tells what became of it."""
        return self._unanswered > 0

    @property
    def complex_ids(self) -> frozenset[str]:
        """The ids of the orders that hang on each other."""
        return frozenset(self._complex_ids)

    async def _sent(self, send: Callable[[], Awaitable[Answered]]) -> Answered:
        self._unanswered += 1
        try:
            answer = await self.patiently(send)
        except (NothingSent, OrderRefused):
            self._unanswered -= 1
            raise
        self._unanswered -= 1
        return answer


def _harmless(order: Order) -> None:
    is_one_share = [(leg.symbol, leg.action, leg.quantity) for leg in order.legs] == [(SHARE, Action.BUY_TO_OPEN, 1)]
    is_far = order.order_type is OrderType.LIMIT and order.price is not None and order.price <= 2 * FAR
    if not is_one_share or not is_far:
        raise InvariantBroken(f"order {order.client_id} is not one share far from the market")
