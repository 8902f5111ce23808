"""Orders through the adapter: what is sent, what comes back, what is known when nothing usable does."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from engine.adapters.tastytrade.connection import Pace
from engine.model.alert import Action
from engine.model.contract import Contract
from engine.model.errors import CredentialsRefused, NothingSent, OrderRefused, OutcomeUnknown
from engine.model.instrument import Right
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderStatus, OrderType, PriceEffect, Priority
from engine.paper.conduct import Quirk
from engine.paper.faults import Trouble
from engine.paper.opening import ACCOUNTS
from engine.paper.venue import Environment
from tests.contract.adapting import broker_of, share_order
from tests.contract.reach import OPEN_HOURS, Way, World, tell


def test_an_order_is_checked_placed_filled_and_found_again(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            order = share_order()
            checked = await broker.dry_run(order)
            placed = await broker.place(order)
            world.pass_time(5)
            found = await broker.order(placed.id)

            assert checked.warnings == ()
            assert checked.buying_power_change is not None
            assert checked.buying_power_change < 0
            assert (placed.status, placed.client_id, placed.remaining) == (OrderStatus.ROUTED, "msg-1:0", 1)
            assert (placed.price, placed.effect) == (Decimal("900.0"), PriceEffect.DEBIT)
            assert placed.legs == order.legs
            assert found is not None
            assert (found.status, found.remaining) == (OrderStatus.FILLED, 0)
            assert [(fill.symbol, fill.quantity) for fill in found.fills] == [("SPY", 1)]
            assert [each.id for each in await broker.live_orders()] == [placed.id]
            assert [each.id for each in await broker.orders_since(OPEN_HOURS.date())] == [placed.id]
            held = await broker.holdings()
            assert [(each.symbol, each.quantity) for each in held] == [("SPY", Decimal(1))]
            booked = [each for each in await broker.bookings_since(OPEN_HOURS.date()) if each.kind == "Trade"]
            assert [(each.order_id, each.quantity) for each in booked] == [(placed.id, Decimal(1))]

    tell(story, way)


def test_an_account_says_what_it_has_and_may(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            funds, standing = await broker.funds(), await broker.standing()

            assert (funds.account, funds.net_liq) == (ACCOUNTS[Environment.SANDBOX], Decimal(100_000))
            assert (standing.options_level, standing.is_closing_only) == ("No Restrictions", False)

    tell(story, way)


def test_a_replacement_is_a_new_order_and_a_cancel_only_asks(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            old = await broker.place(share_order("1.00"))
            world.pass_time(1)
            new = await broker.replace(old.id, share_order("2.00"))
            world.pass_time(2)
            asked = await broker.cancel(new.id)
            world.pass_time(2)

            assert new.id != old.id
            assert (new.replaces, new.client_id, new.price) == (old.id, "msg-1:0", Decimal(2))
            assert asked.status in (OrderStatus.CANCEL_REQUESTED, OrderStatus.LIVE)
            ends = {each.id: each.status for each in await broker.live_orders()}
            assert ends == {old.id: OrderStatus.CANCELLED, new.id: OrderStatus.CANCELLED}
            with pytest.raises(OrderRefused) as refused:
                await broker.cancel(new.id)
            assert refused.value.codes == ("cannot_update_order",)

    tell(story, way)


def test_a_refusal_names_its_reasons(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            order = share_order("900.00", quantity=100_000)
            for send in (broker.dry_run, broker.place):
                with pytest.raises(OrderRefused) as refused:
                    await send(order)
                assert "margin_check_failed" in refused.value.codes
            assert await broker.live_orders() == ()

    tell(story, way)


def test_a_close_without_a_position_is_refused_instead_of_turned_round(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            with pytest.raises(OrderRefused):
                await broker.place(share_order("1.00", action=Action.SELL_TO_CLOSE))

    tell(story, way)


def test_an_order_that_is_not_there_is_none(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            assert await broker.order("1") is None
            with pytest.raises(OrderRefused):
                await broker.cancel("1")

    tell(story, way)


UNKNOWN = [
    Trouble.LOST_BEFORE,
    Trouble.LOST_AFTER,
    Trouble.ERROR_AFTER,
    Trouble.SERVER_ERROR,
    Trouble.BAD_GATEWAY,
    Trouble.CUT,
    Trouble.EMPTY,
]


@pytest.mark.parametrize("trouble", UNKNOWN, ids=str)
def test_an_order_without_a_usable_answer_is_of_unknown_outcome_and_sent_once(way: Way, trouble: Trouble):
    async def story(world: World):
        async with broker_of(world, pace=Pace(seconds=0.3)) as broker:
            world.sandbox.faults.script(trouble, "place_order")
            with pytest.raises(OutcomeUnknown):
                await broker.place(share_order())

            assert world.sandbox.journey.count("place_order") == 1

    tell(story, way)


@pytest.mark.parametrize("trouble", UNKNOWN, ids=str)
def test_a_dry_run_without_a_usable_answer_has_sent_nothing(way: Way, trouble: Trouble):
    async def story(world: World):
        async with broker_of(world, pace=Pace(seconds=0.3)) as broker:
            world.sandbox.faults.script(trouble, "dry_run_order")
            with pytest.raises(NothingSent):
                await broker.dry_run(share_order())

    tell(story, way)


@pytest.mark.parametrize("trouble", [Trouble.ODD_STATUS, Trouble.MISSING_KEY], ids=str)
def test_an_answer_with_oddities_still_names_the_order(way: Way, trouble: Trouble):
    async def story(world: World):
        async with broker_of(world) as broker:
            world.sandbox.faults.script(trouble, "place_order")
            placed = await broker.place(share_order("1.00"))

            assert placed.status is OrderStatus.UNKNOWN
            assert placed.remaining >= 1
            assert (await broker.live_orders())[0].id == placed.id

    tell(story, way)


def test_an_expired_token_is_renewed_once_and_the_order_taken_once(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            await broker.funds()
            world.sandbox.faults.script(Trouble.UNAUTHORIZED, "place_order")
            placed = await broker.place(share_order("1.00"))

            assert world.sandbox.journey.count("place_order") == 2
            assert world.sandbox.journey.count("token") == 2
            assert [each.id for each in await broker.live_orders()] == [placed.id]

    tell(story, way)


def test_a_token_that_is_always_refused_ends_it(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            world.sandbox.faults.script(Trouble.UNAUTHORIZED, "balance", times=100)
            for expected in (NothingSent, NothingSent, CredentialsRefused, CredentialsRefused):
                with pytest.raises(expected):
                    await broker.funds()

    tell(story, way)


def test_a_token_refused_to_several_at_once_counts_once(way: Way):
    """S-969."""

    async def story(world: World):
        async with broker_of(world) as broker:
            await broker.funds()
            world.sandbox.faults.script(Trouble.UNAUTHORIZED, "balance", times=8)
            codes = []

            async def ask() -> None:
                with pytest.raises(NothingSent) as refused:
                    await broker.funds()
                codes.append(refused.value.code)

            async with anyio.create_task_group() as group:
                for _ in range(4):
                    group.start_soon(ask)

            assert codes == ["sign_in_refused"] * 4
            assert (await broker.funds()).account == broker.account

    tell(story, way)


def test_wrong_credentials_are_tried_three_times_and_never_again(way: Way):
    async def story(world: World):
        async with broker_of(world, secret="wrong") as broker:
            codes = []
            for _ in range(6):
                with pytest.raises(NothingSent) as refused:
                    await broker.place(share_order())
                codes.append(refused.value.code)

            assert codes == ["sign_in_refused"] * 2 + ["credentials_refused"] * 4
            assert world.sandbox.journey.count("token") == 3
            assert world.sandbox.journey.count("place_order") == 0

    tell(story, way)


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.BAD_GATEWAY, Trouble.CUT, Trouble.EMPTY], ids=str)
def test_an_outage_of_the_sign_in_is_not_held_against_the_credentials(way: Way, trouble: Trouble):
    async def story(world: World):
        async with broker_of(world) as broker:
            world.sandbox.faults.script(trouble, "token", times=4)
            for _ in range(4):
                with pytest.raises(NothingSent) as unanswered:
                    await broker.place(share_order("1.00"))
                assert unanswered.value.code == "broker_unanswered"

            assert (await broker.place(share_order("1.00"))).client_id == "msg-1:0"

    tell(story, way)


def test_a_read_only_grant_trades_nothing(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION, grant=1) as broker:
            assert (await broker.funds()).net_liq == Decimal(100_000)
            with pytest.raises(OrderRefused) as refused:
                await broker.place(share_order(environment=Environment.PRODUCTION))
            assert refused.value.codes == ("not_permitted",)

    tell(story, way)


def test_too_many_requests_are_nothing_sent(way: Way):
    async def story(world: World):
        world.sandbox.manners = replace(world.sandbox.manners, requests_a_minute=3)
        async with broker_of(world) as broker:
            await broker.funds()  # the second request, after the sign-in
            await broker.place(share_order("1.00"))
            with pytest.raises(NothingSent) as busy:
                await broker.place(share_order("1.00"))
            assert busy.value.code == "broker_busy"

    tell(story, way)


def test_entries_run_out_of_messages_before_cancels_do(way: Way):
    async def story(world: World):
        async with broker_of(world, pace=Pace(per_minute=10)) as broker:
            placed = [await broker.place(share_order("1.00", f"msg-{n}:0")) for n in range(6)]
            with pytest.raises(NothingSent) as spent:
                await broker.place(share_order("1.00", "msg-9:0"))
            for each in placed[:3]:
                await broker.cancel(each.id)
            with pytest.raises(NothingSent):
                await broker.cancel(placed[3].id)
            await broker.cancel(placed[3].id, Priority.KILL)

            assert spent.value.code == "budget_spent"
            assert 0 < spent.value.wait <= 60
            assert world.sandbox.journey.count("place_order") == 6

    tell(story, way)


def test_nothing_of_an_order_crosses_to_the_other_environment(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            await broker.place(share_order("1.00"))

            assert list(world.production.journey.asked) == []

    tell(story, way)


def option_leg(contract: Contract, action: Action, quantity: int = 1) -> OrderLeg:
    return OrderLeg(contract.symbol, contract.kind, action, quantity)


def net_order(legs: list[OrderLeg], price: str, effect: PriceEffect, client_id: str = "msg-2:0") -> Order:
    account = ACCOUNTS[Environment.PRODUCTION]
    return Order(client_id, account, tuple(legs), OrderType.LIMIT, price=Decimal(price), effect=effect)


def test_spreads_are_placed_as_nets_with_their_effect(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION) as broker:
            chain = await broker.chain("SPY")
            assert chain is not None
            expiry = sorted({each.expiry for each in chain.contracts if each.expiry})[3]
            calls = [each for each in chain.contracts if each.expiry == expiry and each.right is Right.CALL]
            low, high = calls[len(calls) // 2], calls[len(calls) // 2 + 5]
            bought, sold = option_leg(low, Action.BUY_TO_OPEN, 4), option_leg(high, Action.SELL_TO_OPEN, 4)
            debit = await broker.place(net_order([bought, sold], "0.05", PriceEffect.DEBIT))
            credit_legs = [option_leg(high, Action.BUY_TO_OPEN), option_leg(low, Action.SELL_TO_OPEN)]
            credit = await broker.dry_run(net_order(credit_legs, "4.90", PriceEffect.CREDIT, "msg-3:0"))

            assert (debit.price, debit.effect, debit.remaining) == (Decimal("0.05"), PriceEffect.DEBIT, 4)
            assert credit.margin_change is not None

    tell(story, way)


def test_futures_and_their_options_are_found_and_traded(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION) as broker:
            month = next(each for each in await broker.futures("ES") if each.is_active_month)
            chain = await broker.chain("/ES")
            assert chain is not None
            option = await broker.contract(chain.contracts[0].symbol)
            account = ACCOUNTS[Environment.PRODUCTION]
            leg = OrderLeg(month.symbol, InstrumentKind.FUTURE, Action.BUY_TO_OPEN, 1)
            order = Order("msg-4:0", account, (leg,), OrderType.LIMIT, price=Decimal(1000), effect=PriceEffect.DEBIT)
            placed = await broker.place(order)

            assert (month.kind, month.multiplier) == (InstrumentKind.FUTURE, Decimal(50))
            assert option is not None
            assert (option.kind, option.multiplier) == (InstrumentKind.FUTURE_OPTION, Decimal(50))
            assert placed.legs[0].symbol == month.symbol
            assert placed.remaining == 1

    tell(story, way)


def test_what_is_listed_says_its_ticks_and_its_name_in_the_stream(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION) as broker:
            chain = await broker.chain("SPY")
            assert chain is not None
            listed = chain.contracts[0]
            found = await broker.contract(listed.symbol)

            assert found is not None
            assert (found.streamer_symbol, found.expiry, found.strike) == (
                listed.streamer_symbol,
                listed.expiry,
                listed.strike,
            )
            assert found.ticks == listed.ticks != ()
            assert (found.multiplier, found.is_standard) == (Decimal(100), True)
            assert await broker.contract("SPY   260101C00001000") is None
            assert (await broker.contract("SPY")) is not None
            assert await broker.chain("NOSUCH") is None

    tell(story, way)


def test_an_order_rejected_on_its_way_says_why(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            world.sandbox.exchange.script(Quirk.SESSION_OFFLINE)
            placed = await broker.place(share_order())
            world.pass_time(2)
            found = await broker.order(placed.id)

            assert found is not None
            assert (found.status, found.reject_reason) == (OrderStatus.REJECTED, "Session offline")

    tell(story, way)


def test_orders_since_a_day_come_in_full_over_pages(way: Way, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.adapters.tastytrade.reader._ORDERS_PER_PAGE", 2)

    async def story(world: World):
        async with broker_of(world) as broker:
            placed = [await broker.place(share_order("1.00", f"msg-{n}:0")) for n in range(5)]
            day = OPEN_HOURS.date() - timedelta(days=1)

            assert {each.id for each in await broker.orders_since(day)} == {each.id for each in placed}

    tell(story, way)
