"""Whatever is asked of the exchange and whatever odd ways it goes: nothing is made from nothing, nothing is lost."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.paper.answers import Happened, Placed, PlacedComplex
from engine.paper.conduct import AccountSetup, Conduct, Quirk, Setup
from engine.paper.exchange import Exchange
from engine.paper.matching import net_paid, signed_price
from engine.paper.orders import ComplexRequest, Order, OrderRequest, Terms
from engine.paper.words import Action, ComplexType, Effect, OrderType, Status, TimeInForce
from tests.unit.paper.known import ACCOUNT, CALL, HIGHER, LISTING, OPEN, leg, quote, request, seconds, selling, tape

CHANCES = {quirk: 0.15 for quirk in Quirk}
KINDS = ("limit", "market", "stop", "spread", "oco", "otoco", "cancel", "replace", "cancel_complex", "wait")


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    cents: int
    quantity: int
    place: int
    is_sale: bool
    force: TimeInForce


steps = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    cents=st.integers(80, 125),
    quantity=st.integers(1, 6),
    place=st.integers(0, 5),
    is_sale=st.booleans(),
    force=st.sampled_from((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)),
)
moves = st.lists(st.tuples(st.integers(70, 130), st.integers(0, 10), st.integers(0, 8)), min_size=5, max_size=40)


@dataclass
class Driven:
    """An exchange after a number of steps, with all it said."""

    made: Exchange
    now: datetime = OPEN
    events: list[Happened] = field(default_factory=list)
    pairs: list[tuple[int, ...]] = field(default_factory=list)

    def orders(self) -> tuple[Order, ...]:
        return self.made.orders(ACCOUNT, self.now)

    def take(self, step: Step) -> None:
        price = Decimal(step.cents) / 100
        match step.kind:
            case "limit":
                self.made.place(ACCOUNT, single(step, price), self.now)
            case "market":
                self.made.place(ACCOUNT, request(leg(quantity=step.quantity), terms=Terms(OrderType.MARKET)), self.now)
            case "stop":
                terms = Terms(OrderType.STOP, stop_trigger=price)
                asked = request(leg(action=Action.SELL_TO_CLOSE, quantity=step.quantity), terms=terms, is_strict=True)
                self.made.place(ACCOUNT, asked, self.now)
            case "spread":
                self.made.place(ACCOUNT, spread(step, price), self.now)
            case "oco" | "otoco":
                self.take_complex(step, price)
            case "wait":
                self.now += seconds(step.place + step.cents / 100)
            case _:
                self.change(step, price)
        self.events += self.made.advance(self.now)

    def take_complex(self, step: Step, price: Decimal) -> None:
        stop = Terms(OrderType.STOP, stop_trigger=Decimal("0.80"))
        children = (
            selling(step.quantity, str(price + Decimal("0.1"))),
            request(leg(action=Action.SELL_TO_CLOSE, quantity=step.quantity), terms=stop),
        )
        if step.kind == "oco":
            asked = ComplexRequest(ComplexType.OCO, children)
        else:
            asked = ComplexRequest(ComplexType.OTOCO, children, single(step, price))
        answer = self.made.place_complex(ACCOUNT, asked, self.now)
        if isinstance(answer, PlacedComplex):
            self.pairs.append(tuple(order.id for order in answer.order.orders))

    def change(self, step: Step, price: Decimal) -> None:
        orders = self.orders()
        if not orders:
            return
        order = orders[step.place % len(orders)]
        if step.kind == "cancel":
            self.made.cancel(ACCOUNT, order.id, self.now)
        elif step.kind == "replace" and order.terms.order_type is OrderType.LIMIT:
            self.made.replace(
                ACCOUNT, order.id, Terms(OrderType.LIMIT, TimeInForce.DAY, price, order.terms.effect), self.now
            )
        elif order.complex_id:
            self.made.cancel_complex(ACCOUNT, order.complex_id, self.now)

    def settle(self) -> None:
        self.now += timedelta(minutes=30)
        self.events += self.made.advance(self.now)


def single(step: Step, price: Decimal) -> OrderRequest:
    action = Action.SELL_TO_CLOSE if step.is_sale else Action.BUY_TO_OPEN
    effect = Effect.CREDIT if step.is_sale else Effect.DEBIT
    return request(leg(action=action, quantity=step.quantity), terms=Terms(OrderType.LIMIT, step.force, price, effect))


def spread(step: Step, price: Decimal) -> OrderRequest:
    legs = (leg(quantity=step.quantity), leg(HIGHER, Action.SELL_TO_OPEN, step.quantity))
    return request(*legs, terms=Terms(OrderType.LIMIT, step.force, price - Decimal("0.4"), Effect.DEBIT))


def driven(taken: list[Step], moved: list[tuple[int, int, int]], seed: int, chances: dict[Quirk, float]) -> Driven:
    market = tape()
    for count, (bid, width, size) in enumerate(moved):
        at = OPEN + seconds(count * 1.5)
        market.add(CALL, quote(str(Decimal(bid) / 100), str(Decimal(bid + width) / 100), at, size))
    market.add(CALL, quote("1.00", "1.05", OPEN + timedelta(minutes=5)))
    conduct = Conduct(pace=0.3, chances=chances)
    setup = Setup((AccountSetup(ACCOUNT, Decimal(20_000)),), seed=seed, conduct=conduct)
    run = Driven(Exchange(setup, LISTING, market, OPEN))
    for step in taken:
        run.take(step)
    run.settle()
    return run


def filled(order: Order) -> int:
    return order.legs[0].filled


def check_fills(run: Driven) -> None:
    ids = Counter(fill.id for order in run.orders() for each in order.legs for fill in each.fills)
    assert set(ids.values()) <= {1}
    for order in run.orders():
        units = {each.filled // order.ratio(each) for each in order.legs}
        assert len(units) == 1
        assert all(each.filled + each.remaining == each.quantity and each.remaining >= 0 for each in order.legs)
        assert (order.remaining == 0) == (order.status is Status.FILLED)
    rows = Counter(row.fill_id for row in run.made.transactions(ACCOUNT, run.now) if row.fill_id)
    assert rows == ids


def check_prices(run: Driven) -> None:
    for order in run.orders():
        limit = signed_price(order)
        for fills in zip(*(each.fills for each in order.legs), strict=True):
            assert len({(fill.at, fill.group_id) for fill in fills}) == 1
            assert limit is None or net_paid(order, tuple(fill.price for fill in fills)) <= limit


def check_books(run: Driven) -> None:
    held: dict[str, int] = defaultdict(int)
    for order in run.orders():
        for each in order.legs:
            held[each.symbol] += each.action.sign * each.filled
    booked = {each.symbol: each.quantity for each in run.made.positions(ACCOUNT, run.now)}
    assert {symbol: count for symbol, count in held.items() if count} == {
        symbol: count for symbol, count in booked.items() if count
    }
    rows = run.made.transactions(ACCOUNT, run.now)
    assert run.made.balance(ACCOUNT, run.now).cash == sum(row.net_value for row in rows)
    assert all(row.value - row.fees.total == row.net_value for row in rows)


def check_slots(run: Driven) -> None:
    orders = {order.id: order for order in run.orders()}
    for first in orders.values():
        if first.replaces:
            continue
        chain = [first, *successors(first, orders)]
        working = sum(order.remaining for order in chain if not order.status.is_final)
        assert sum(map(filled, chain)) + working <= first.legs[0].quantity


def successors(first: Order, orders: dict[int, Order]) -> Iterator[Order]:
    for order in orders.values():
        if order.replaces == first.id:
            yield order
            yield from successors(order, orders)


def check_said(run: Driven, *, may_fill_after_cancel: bool) -> None:
    ended: dict[int, Status] = {}
    counts: dict[int, int] = defaultdict(int)
    assert [event.at for event in run.events] == sorted(event.at for event in run.events)
    for event in run.events:
        order = event.subject
        if not isinstance(order, Order):
            continue
        before = ended.get(order.id)
        is_late_fill = may_fill_after_cancel and before is Status.CANCELLED and order.status is Status.FILLED
        assert before is None or before is order.status or is_late_fill
        assert filled(order) >= counts[order.id]
        counts[order.id] = filled(order)
        if order.status.is_final:
            ended[order.id] = order.status
    final = {order.id: order for order in run.orders()}
    assert {order_id: final[order_id].status for order_id in ended} == ended
    assert {order.id for order in run.orders() if order.status.is_final} == set(ended)


@settings(max_examples=60, deadline=None)
@given(taken=st.lists(steps, min_size=5, max_size=30), moved=moves, seed=st.integers(0, 99))
def test_everything_adds_up_at_a_hostile_exchange(taken: list[Step], moved: list[tuple[int, int, int]], seed: int):
    run = driven(taken, moved, seed, CHANCES)

    check_fills(run)
    check_prices(run)
    check_books(run)
    check_said(run, may_fill_after_cancel=True)


@settings(max_examples=60, deadline=None)
@given(taken=st.lists(steps, min_size=5, max_size=30), moved=moves, seed=st.integers(0, 99))
def test_slots_and_pairs_hold_unless_a_late_fill_is_scripted(
    taken: list[Step], moved: list[tuple[int, int, int]], seed: int
):
    chances = {quirk: chance for quirk, chance in CHANCES.items() if quirk is not Quirk.FILL_AFTER_CANCEL}
    run = driven(taken, moved, seed, chances)

    check_slots(run)
    check_said(run, may_fill_after_cancel=False)
    orders = {order.id: order for order in run.orders()}
    for pair in run.pairs:
        assert sum(filled(orders[order_id]) > 0 for order_id in pair) <= 1


@settings(max_examples=30, deadline=None)
@given(taken=st.lists(steps, min_size=5, max_size=20), moved=moves, seed=st.integers(0, 99))
def test_the_same_steps_give_the_same_events(taken: list[Step], moved: list[tuple[int, int, int]], seed: int):
    assert driven(taken, moved, seed, CHANCES).events == driven(taken, moved, seed, CHANCES).events


buys = st.tuples(st.integers(1, 40), st.integers(50, 300), st.integers(0, 20))


@settings(max_examples=60, deadline=None)
@given(st.lists(buys, max_size=25))
def test_limits_to_buy_never_spend_money_that_is_not_there(asked: list[tuple[int, int, int]]):
    market = tape()
    setup = Setup((AccountSetup(ACCOUNT, Decimal(5_000)),), conduct=Conduct(pace=0.5))
    made, now = Exchange(setup, LISTING, market, OPEN), OPEN
    taken = 0
    for quantity, cents, wait in asked:
        now += seconds(wait)
        terms = Terms(OrderType.LIMIT, price=Decimal(cents) / 100, effect=Effect.DEBIT)
        taken += isinstance(made.place(ACCOUNT, request(leg(quantity=quantity), terms=terms), now), Placed)
        balance = made.balance(ACCOUNT, now)
        assert balance.cash >= 0
        assert balance.derivative_buying_power >= 0
    assert taken <= len(asked)
