"""The adapter and a local exchange, brought together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, production, sandbox
from engine.model.alert import Action
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect
from engine.paper.opening import ACCOUNTS, grants
from engine.paper.venue import Environment
from tests.contract.reach import World

QUICK = Pace(seconds=2.0)


def connection_of(
    world: World, environment: Environment = Environment.SANDBOX, pace: Pace = QUICK, grant: int = 0, secret: str = ""
) -> Connection:
    place = sandbox if environment is Environment.SANDBOX else production
    keys = grants(environment)[grant]
    return Connection(place(world.transport), Credentials(secret or keys.client_secret, keys.refresh_token), pace)


@asynccontextmanager
async def broker_of(
    world: World, environment: Environment = Environment.SANDBOX, pace: Pace = QUICK, **more: object
) -> AsyncIterator[TastytradeBroker]:
    async with connection_of(world, environment, pace, **more).opened() as connection:  # type: ignore[arg-type]
        yield TastytradeBroker(connection, ACCOUNTS[environment], world.clock)


def share_order(
    price: str | None = "900.00",
    client_id: str = "msg-1:0",
    action: Action = Action.BUY_TO_OPEN,
    quantity: int = 1,
    environment: Environment = Environment.SANDBOX,
) -> Order:
    leg = OrderLeg("SPY", InstrumentKind.EQUITY, action, quantity)
    effect = PriceEffect.DEBIT if action.buys else PriceEffect.CREDIT
    return Order(
        client_id,
        ACCOUNTS[environment],
        (leg,),
        OrderType.MARKET if price is None else OrderType.LIMIT,
        price=None if price is None else Decimal(price),
        effect=None if price is None else effect,
    )
