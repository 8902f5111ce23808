"""What a direct kill does in an account, however the broker behaves."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tastytrade.instruments import Equity
from tastytrade.order import LimitOrder, OrderAction, OTOCOOrder, StopOrder

from engine.app import kill_accounts, kill_direct
from engine.app.kill_direct import AccountFate, Fate, opens
from engine.app.settings import Settings
from engine.model.account import Holding
from engine.model.alert import Action
from engine.model.errors import BrokerError, CredentialsRefused, NothingSent, OrderRefused, OutcomeUnknown
from engine.model.order import (
    REMAINING_UNKNOWN,
    Fill,
    InstrumentKind,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PriceEffect,
    Priority,
    TimeInForce,
)
from engine.paper.venue import Environment
from tests.contract.adapting import broker_of
from tests.contract.reach import Way, World, tell

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
OPTION, FUTURE = InstrumentKind.EQUITY_OPTION, InstrumentKind.FUTURE


def leg(action: Action, kind: InstrumentKind = OPTION, symbol: str = "SPY   261218C00600000", quantity: int = 2):
    return OrderLeg(symbol, kind, action, quantity)


def placed(order_id: str, *legs: OrderLeg, status: OrderStatus = OrderStatus.LIVE, **more: object) -> PlacedOrder:
    first = PlacedOrder(
        order_id, f"ours-{order_id}", "5WT00001", legs, OrderType.LIMIT, TimeInForce.DAY, status, Decimal("1.25"),
        PriceEffect.DEBIT, 2,
    )  # fmt: skip
    return replace(first, **more)


BUY, CLOSE = leg(Action.BUY_TO_OPEN), leg(Action.SELL_TO_CLOSE)
FILL = Fill("f1", BUY.symbol, 1, Decimal("1.25"), NOON)


@dataclass
class Broker:
    """
    A broker in memory (see kill_direct.Canceller).

    on_cancel: what becomes of an order that is asked to be cancelled, one after another. fails: raised by looks.
    """

    orders: dict[str, PlacedOrder]
    on_cancel: dict[str, list[OrderStatus | BrokerError]] = field(default_factory=dict)
    fails: list[BrokerError] = field(default_factory=list)
    held: tuple[Holding, ...] | BrokerError = ()
    hides_final: bool = False
    late: list[PlacedOrder] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def live_orders(self) -> tuple[PlacedOrder, ...]:
        await anyio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        if self.late and self.asked:
            order = self.late.pop(0)
            self.orders[order.id] = order
        return tuple(each for each in self.orders.values() if not (self.hides_final and each.status.is_final))

    async def holdings(self) -> tuple[Holding, ...]:
        if isinstance(self.held, BrokerError):
            raise self.held
        return self.held

    async def order(self, order_id: str) -> PlacedOrder | None:
        return self.orders.get(order_id)

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        assert priority is Priority.KILL
        await anyio.sleep(0)
        self.asked.append(order_id)
        wanted = self.on_cancel.get(order_id) or [OrderStatus.CANCELLED]
        becomes = wanted.pop(0)
        if isinstance(becomes, BrokerError):
            raise becomes
        self.orders[order_id] = replace(self.orders[order_id], status=becomes)
        return replace(self.orders[order_id], status=OrderStatus.CANCEL_REQUESTED)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kill_direct, "_PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(kill_direct, "_LAST_PAUSE", 0.001)
    monkeypatch.setattr(kill_direct, "_LONGEST_WAIT", 0.001)
    monkeypatch.setattr(kill_direct, "_ASKED_AGAIN", 0.005)


def killed(broker: Broker, within: float = 2.0) -> AccountFate:
    [fate] = asyncio.run(kill_direct.kill_direct({"main": broker}, within))
    return fate


def broker_with(*orders: PlacedOrder, **more: object) -> Broker:
    return Broker({order.id: order for order in orders}, **more)  # type: ignore[arg-type]


def fates(fate: AccountFate) -> dict[str, Fate]:
    return {order.id: order.fate for order in fate.orders}


ROLL = placed("3", leg(Action.BUY_TO_CLOSE), leg(Action.SELL_TO_OPEN, symbol="SPY   261218C00610000"))
UNREADABLE = placed("4", status=OrderStatus.UNKNOWN, remaining=REMAINING_UNKNOWN)


def test_what_opens_is_cancelled_and_what_closes_is_kept():
    """S-888."""
    done = placed("5", BUY, status=OrderStatus.FILLED)
    broker = broker_with(placed("1", BUY), placed("2", CLOSE), ROLL, done)

    fate = killed(broker)

    assert fates(fate) == {"1": Fate.CANCELLED, "3": Fate.CANCELLED, "2": Fate.KEPT}
    assert fate.is_clear
    assert broker.orders["2"].status is OrderStatus.LIVE
    assert sorted(broker.asked) == ["1", "3"]


@pytest.mark.parametrize(
    ("becomes", "fate"),
    [
        pytest.param([OrderStatus.FILLED], Fate.FILLED, id="it fills first"),
        pytest.param([OrderRefused(("cannot_update_order",), "no"), OrderStatus.FILLED], Fate.FILLED, id="refused"),
        pytest.param([OutcomeUnknown("timeout"), OrderStatus.CANCELLED], Fate.CANCELLED, id="no answer"),
        pytest.param([NothingSent("broker_busy", "429", wait=60.0), OrderStatus.CANCELLED], Fate.CANCELLED, id="busy"),
        pytest.param([OrderStatus.CANCEL_REQUESTED, OrderStatus.CANCELLED], Fate.CANCELLED, id="asked again"),
        pytest.param([OrderStatus.REJECTED], Fate.ENDED, id="rejected"),
        pytest.param([OrderStatus.EXPIRED], Fate.ENDED, id="expired"),
    ],
)
@pytest.mark.parametrize("hides_final", [False, True])
def test_a_cancel_is_asked_for_until_the_order_is_over(
    becomes: list[OrderStatus | BrokerError], fate: Fate, *, hides_final: bool
):
    """S-888."""
    broker = broker_with(placed("1", BUY), on_cancel={"1": list(becomes)}, hides_final=hides_final)

    found = killed(broker)

    assert (fates(found), found.is_clear) == ({"1": fate}, True)
    assert len(broker.asked) == len(becomes)


def test_an_order_that_shows_up_late_is_cancelled_too():
    """S-888."""
    broker = broker_with(placed("1", BUY), late=[placed("6", BUY, status=OrderStatus.ROUTED)])

    assert fates(killed(broker)) == {"1": Fate.CANCELLED, "6": Fate.CANCELLED}


def test_what_a_part_of_had_filled_is_told():
    broker = broker_with(placed("1", BUY, fills=(FILL,)))

    [order] = killed(broker).orders

    assert (order.fate, order.detail, order.client_id) == (Fate.CANCELLED, "a part of it had filled", "ours-1")
    assert order.what == "BTO 2 SPY 600C 2026-12-18 limit @ 1.25"


def test_what_cannot_be_cancelled_in_time_is_named_with_the_reason():
    """S-889."""
    never = [OrderRefused(("no",), "could not cancel 1: the venue says no")] * 10_000
    broker = broker_with(placed("1", BUY), on_cancel={"1": never})

    fate = killed(broker, 0.1)

    assert not fate.is_clear
    assert [(order.fate, order.detail) for order in fate.orders] == [
        (Fate.WORKS, "could not cancel 1: the venue says no")
    ]


def test_what_cannot_be_read_is_left_alone_and_named():
    """S-889."""
    broker = broker_with(UNREADABLE)

    fate = killed(broker)

    assert (fates(fate), fate.is_clear, broker.asked) == ({"4": Fate.UNCLEAR}, False, [])


def test_a_broker_that_does_not_answer_is_asked_again():
    """S-888."""
    fails: list[BrokerError] = [NothingSent("broker_unanswered", "502"), NothingSent("broker_busy", "429", wait=60.0)]
    broker = broker_with(placed("1", BUY), fails=fails)

    assert fates(killed(broker)) == {"1": Fate.CANCELLED}


@pytest.mark.parametrize(
    ("fail", "problem"),
    [
        (NothingSent("broker_unreachable", "no network"), "broker_unreachable: no network"),
        (CredentialsRefused("credentials_refused", "not known"), "credentials_refused: not known"),
    ],
)
def test_an_account_that_cannot_be_asked_is_not_clear(fail: BrokerError, problem: str):
    """S-889."""
    fate = killed(broker_with(placed("1", BUY), fails=[fail] * 10_000), 0.1)

    assert (fate.problem, fate.is_clear, fate.orders) == (problem, False, ())


def test_one_account_does_not_hold_up_another():
    """S-888."""
    deaf = broker_with(fails=[NothingSent("broker_unreachable", "no network")] * 10_000)
    brokers = {"deaf": deaf, "main": broker_with(placed("1", BUY))}

    found = asyncio.run(kill_direct.kill_direct(brokers, 0.2))

    assert [(each.account, each.is_clear) for each in found] == [("deaf", False), ("main", True)]


def test_a_fault_in_one_account_does_not_hold_up_another():
    """S-888."""
    odd = broker_with(placed("1", BUY))
    odd.orders = None  # type: ignore[assignment]

    found = asyncio.run(kill_direct.kill_direct({"odd": odd, "main": broker_with(placed("1", BUY))}, 0.2))

    assert [(each.account, each.is_clear) for each in found] == [("odd", False), ("main", True)]
    assert found[0].problem.startswith("bug: AttributeError")


# ---------------------------------------------------------------- futures, of which the broker names the side only


def future(action: Action, quantity: int = 2) -> PlacedOrder:
    return placed("1", leg(action, FUTURE, "/ESZ6", quantity))


@pytest.mark.parametrize(
    ("order", "held", "expected"),
    [
        pytest.param(future(Action.SELL_TO_OPEN), 2, False, id="sells what is held"),
        pytest.param(future(Action.SELL_TO_OPEN), 1, True, id="sells more than is held"),
        pytest.param(replace(future(Action.SELL_TO_OPEN), remaining=1), 1, False, id="the rest of it is held"),
        pytest.param(future(Action.SELL_TO_OPEN), 0, True, id="sells what is not held"),
        pytest.param(future(Action.BUY_TO_OPEN), -2, False, id="buys back"),
        pytest.param(future(Action.BUY_TO_OPEN), 2, True, id="adds"),
        pytest.param(future(Action.SELL_TO_OPEN), None, True, id="positions are not known"),
    ],
)
def test_an_order_of_a_future_closes_when_it_is_held(order: PlacedOrder, held: int | None, *, expected: bool):
    """S-888."""
    assert opens(order, None if held is None else {"/ESZ6": Decimal(held)}) is expected


def test_a_stop_of_a_future_is_kept():
    """S-888."""
    held = Holding("5WT00001", "/ESZ6", FUTURE, "/ES", Decimal(2))
    kept = broker_with(future(Action.SELL_TO_OPEN), held=(held,))
    unknown = broker_with(future(Action.SELL_TO_OPEN), held=NothingSent("broker_unanswered", "502"))

    assert fates(killed(kept)) == {"1": Fate.KEPT}
    assert fates(killed(unknown)) == {"1": Fate.CANCELLED}


# ---------------------------------------------------------------- whatever the broker does

answers = st.lists(
    st.sampled_from(
        [
            OrderStatus.CANCELLED,
            OrderStatus.FILLED,
            OrderStatus.CANCEL_REQUESTED,
            OrderStatus.REPLACE_REQUESTED,
            OrderRefused(("no",), "no"),
            OutcomeUnknown("timeout"),
            NothingSent("broker_busy", "429"),
        ]
    ),
    max_size=3,
)
legs = st.lists(st.sampled_from([BUY, CLOSE, leg(Action.BUY_TO_CLOSE), leg(Action.SELL_TO_OPEN)]), max_size=3)
statuses = st.sampled_from(list(OrderStatus))


@settings(max_examples=60, deadline=None)
@given(found=st.lists(st.tuples(legs, statuses, answers), max_size=5), hides=st.booleans(), fails=st.integers(0, 2))
def test_no_opening_works_when_it_says_so_and_no_closing_order_is_ever_touched(
    found: list[tuple[list[OrderLeg], OrderStatus, list[OrderStatus | BrokerError]]], hides: bool, fails: int
):
    """S-888."""
    orders = [
        placed(str(number), *legs, status=status if legs else OrderStatus.UNKNOWN)
        for number, (legs, status, _) in enumerate(found)
    ]
    broker = broker_with(
        *orders,
        on_cancel={str(number): list(answers) for number, (_, _, answers) in enumerate(found)},
        fails=[NothingSent("broker_unanswered", "502")] * fails,
        hides_final=hides,
    )

    fate = killed(broker)

    for before in orders:
        now = broker.orders[before.id]
        if opens(before, None):
            assert now.status.is_final
        else:
            assert (now, before.id in broker.asked) == (before, False)
    assert fate.is_clear is all(each.legs for each in orders)


# ---------------------------------------------------------------- orders of orders, at the local exchange


def test_an_opening_that_waits_with_its_exits_is_cancelled_and_exits_of_a_position_are_kept(
    way: Way, monkeypatch: pytest.MonkeyPatch
):
    """S-888."""
    monkeypatch.undo()

    async def story(world: World) -> None:
        async with broker_of(world, Environment.PRODUCTION) as broker, world.session(Environment.PRODUCTION) as session:
            account, share = await world.account(session), await Equity.get(session, "SPY")
            buy = share.build_leg(1, OrderAction.BUY_TO_OPEN)
            sell = share.build_leg(1, OrderAction.SELL_TO_CLOSE)
            bracket = OTOCOOrder(
                trigger_order=LimitOrder(legs=[buy], price=Decimal("-1.00")),
                take_profit=LimitOrder(legs=[sell], price=Decimal(5000)),
                stop_loss=StopOrder(legs=[sell], stop_trigger=Decimal("0.50")),
            )
            await account.place_complex_order(session, bracket, dry_run=False)

            [fate] = await kill_direct.kill_direct({"main": broker}, 20.0)

            assert fate.is_clear, fate
            standing = {order.id: order.status for order in await broker.live_orders()}
            triggers = [each for each in fate.orders if each.what.startswith("BTO")]
            assert [(each.fate, standing[each.id]) for each in triggers] == [(Fate.CANCELLED, OrderStatus.CANCELLED)]

    tell(story, way)


@pytest.fixture(params=list(Way), ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


# ---------------------------------------------------------------- which accounts


@pytest.mark.parametrize(
    ("variables", "text", "stems"),
    [
        pytest.param(
            {"TASTYTRADE_MAIN_SECRET": "s" * 9, "TASTYTRADE_MAIN_REFRESH": "t" * 9}, "", ["TASTYTRADE_MAIN"],
            id="the broker's by its name",
        ),
        pytest.param(
            {"TASTYTRADE_CLIENT_SECRET": "s" * 9, "TASTYTRADE_REFRESH_TOKEN": "t" * 9}, "", ["TASTYTRADE"],
            id="written otherwise",
        ),
        pytest.param({"OUR_SECRET": "s" * 9, "OUR_TOKEN": "t" * 9}, "accounts: {x: [OUR_SECRET", ["OUR"],
                     id="named in a broken desk"),
        pytest.param({"AWS_SECRET": "s" * 9, "AWS_TOKEN": "t" * 9}, "", [], id="somebody else's is never sent"),
        pytest.param({"TASTYTRADE_MAIN_SECRET": "s" * 9}, "", [], id="one without the other"),
    ],
)  # fmt: skip
def test_credentials_are_found_without_a_desk(tmp_path: Path, variables: dict[str, str], text: str, stems: list[str]):
    """S-891."""
    (tmp_path / "desk.yaml").write_text(text)

    found = list(kill_accounts._pairs(Settings(tmp_path, variables).variables, tmp_path))

    assert [stem for stem, _ in found] == stems
    assert all((each.client_secret, each.refresh_token) == ("s" * 9, "t" * 9) for _, each in found)
