"""Probes that bid for one share in a sandbox and take the bid back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import anyio

from engine.certify.bench import FAR, TradeBench
from engine.certify.findings import CouldNotRun, Said
from engine.certify.probe import TradeProbe
from engine.certify.read_probes import bracket
from engine.model.errors import OrderRefused
from engine.model.order import Order, OrderStatus, PlacedOrder

VISIBLE_WITHIN: Final = 60.0
"""As long as the engine looks for an order nobody answered for before it may take it for never placed."""

_PAUSE: Final = 0.5
_MONTH: Final = timedelta(days=30)
_DEAD: Final = (OrderStatus.REJECTED,)


async def identifier_echo(bench: TradeBench) -> Said:
    """Place an order and look for its identifier wherever it is shown."""
    order = bench.share("echo")
    placed = await bench.place(order)
    found = await bench.patiently(lambda: bench.reader.order(placed.id))
    live = await _seen(bench, placed.id)
    rows = (
        ("in the answer", _same(placed.client_id, order.client_id)),
        ("in the order looked up", _same(None if found is None else found.client_id, order.client_id)),
        ("in the list of live orders", _same(None if live is None else live[1].client_id, order.client_id)),
    )
    return Said({came for _, came in rows} == {"the same"}, "; ".join(map(": ".join, rows)), rows)


async def visible_after(bench: TradeBench) -> Said:
    """Place an order and look for it in the list of live orders until it is there."""
    placed = await bench.place(bench.share("visible"))
    seen = await _seen(bench, placed.id)
    if seen is None:
        return Said(holds=False, came=f"not within {VISIBLE_WITHIN:g} s")
    seconds, order = seen
    rows = (("after its answer", f"{seconds:.2f} s"), ("as", order.status.value), ("answered as", placed.status.value))
    return Said(seconds < VISIBLE_WITHIN, f"visible after {seconds:.2f} s", rows)


async def replacing(bench: TradeBench) -> Said:
    """Replace an order by one of another price, and look at both; then once more under another identifier."""
    order = bench.share("replace")
    old = await _working(bench, order)
    new = await bench.replace(old.id, replace(order, price=FAR + 1))
    await _until(bench, old.id, lambda each: each.status.is_final)
    after, found = await _looked_up(bench, old.id), await _looked_up(bench, new.id)
    rows = (
        ("the new order's id", "another" if new.id != old.id else "the same"),
        ("its identifier in the answer", _same(new.client_id, order.client_id)),
        ("its identifier later", _same(found.client_id, order.client_id)),
        ("the one it says it replaces", _same(new.replaces, old.id)),
        ("the one that replaces it", _same(after.replaced_by, new.id)),
        ("the old one's end", after.status.value),
        ("asked for another identifier", await _renamed(bench, new.id)),
    )
    holds = [came for _, came in rows[:-1]] == ["another", *["the same"] * 4, OrderStatus.CANCELLED.value]
    return Said(holds, "; ".join(map(": ".join, rows)), rows)


async def _renamed(bench: TradeBench, order_id: str) -> str:
    await _until(bench, order_id, lambda each: each.status in _AT_REST or each.status.is_final)
    order = bench.share("renamed", price=FAR + 2)
    try:
        again = await bench.replace(order_id, order)
    except OrderRefused as refused:
        return ", ".join(refused.codes)
    return "it is taken" if again.client_id == order.client_id else "the first one stays"


async def cancelling(bench: TradeBench) -> Said:
    """Cancel an order, look at the answer, and wait for the end."""
    placed = await _working(bench, bench.share("cancel"))
    asked = await bench.cancel(placed.id)
    answer = bench.setting.record.last
    started = anyio.current_time()
    final = await _until(bench, placed.id, lambda each: each.status.is_final)
    rows = (
        ("status of the answer", str(answer.status)),
        ("keys of its data", ", ".join(_keys(answer.body)) or "none"),
        ("the order in it", asked.status.value),
        ("the end", "none within a minute" if final is None else final.status.value),
        ("after", f"{anyio.current_time() - started:.2f} s"),
        ("a second cancel", await _codes_of_cancel(bench, placed.id)),
    )
    holds = asked.id == placed.id and final is not None and final.status is OrderStatus.CANCELLED
    return Said(holds and rows[-1][1] == "cannot_update_order", "; ".join(map(": ".join, rows)), rows)


async def complex_placed(bench: TradeBench) -> Said:
    """Place an OTOCO, look for its orders, and cancel it."""
    complex_id = await bench.place_complex(bracket(bench, bench.share("trigger")))
    names = {f"{bench.stem}-{part}" for part in ("trigger", "profit", "stop")}
    listed = await bench.mine()
    rows = [("listed with their identifiers", f"{len(names & {each.client_id for each in listed})} of 3")]
    await bench.cancel_complex(complex_id)
    ended = await _ended(bench, names)
    rows.append(("at their end", f"{ended} of 3"))
    return Said(all(came == "3 of 3" for _, came in rows), "; ".join(map(": ".join, rows)), tuple(rows))


async def partial_replaced(bench: TradeBench) -> Said:
    """Look for an order that was replaced after a part of it had filled; one share has no parts."""
    since = bench.setting.clock.now().date() - _MONTH
    orders = {each.id: each for each in await bench.patiently(lambda: bench.reader.orders_since(since))}
    for old in orders.values():
        new = orders.get(old.replaced_by)
        if new is not None and old.fills:
            units = sum(fill.quantity for fill in old.fills)
            rest = sum(leg.quantity for leg in old.legs) - units
            came = f"{units} had filled, and the new order is for {sum(leg.quantity for leg in new.legs)}"
            return Said(sum(leg.quantity for leg in new.legs) == rest, came, (("old", old.id), ("new", new.id)))
    raise CouldNotRun("one share cannot fill in part, and no order of the last 30 days was replaced after a part")


async def _working(bench: TradeBench, order: Order) -> PlacedOrder:
    placed = await bench.place(order)
    found = await _until(bench, placed.id, lambda each: each.status in _AT_REST or each.status.is_final)
    if found is None or found.status in _DEAD:
        why = "it did not work within a minute" if found is None else found.reject_reason or "no reason given"
        raise CouldNotRun(f"the sandbox did not keep the order: {why}")
    return found


_AT_REST: Final = (OrderStatus.LIVE, OrderStatus.RECEIVED)


async def _until(bench: TradeBench, order_id: str, is_so: Callable[[PlacedOrder], bool]) -> PlacedOrder | None:
    """Look at an order until something is so of it, for a minute; None when it never is."""
    for _ in range(int(VISIBLE_WITHIN / _PAUSE)):
        found = await bench.patiently(lambda: bench.reader.order(order_id))
        if found is not None and is_so(found):
            return found
        await bench.setting.wait(_PAUSE)
    return None


async def _looked_up(bench: TradeBench, order_id: str) -> PlacedOrder:
    found = await bench.patiently(lambda: bench.reader.order(order_id))
    if found is None:
        raise CouldNotRun(f"order {order_id} is gone")
    return found


async def _seen(bench: TradeBench, order_id: str) -> tuple[float, PlacedOrder] | None:
    started = anyio.current_time()
    for _ in range(int(VISIBLE_WITHIN / _PAUSE)):
        live = {each.id: each for each in await bench.patiently(bench.reader.live_orders)}
        if order_id in live:
            return anyio.current_time() - started, live[order_id]
        await bench.setting.wait(_PAUSE)
    return None


async def _ended(bench: TradeBench, names: set[str]) -> int:
    found = 0
    for _ in range(int(VISIBLE_WITHIN / _PAUSE)):
        found = sum(each.client_id in names and each.status.is_final for each in await bench.mine())
        if found == len(names):
            break
        await bench.setting.wait(_PAUSE)
    return found


async def _codes_of_cancel(bench: TradeBench, order_id: str) -> str:
    try:
        await bench.cancel(order_id)
    except OrderRefused as refused:
        return ", ".join(refused.codes)
    return "taken"


def _same(came: str | None, wanted: str) -> str:
    return "the same" if came == wanted else f"{came or 'nothing'}"


def _keys(body: str) -> list[str]:
    try:
        data = json.loads(body).get("data")
    except (ValueError, AttributeError):
        return []
    return sorted(data) if isinstance(data, dict) else []


TRADE_PROBES: Final = (
    TradeProbe(
        "identifier-echo", "an order carries our identifier wherever it is shown", identifier_echo, is_vital=True
    ),
    TradeProbe(
        "visible-after",
        f"an order is in the list of live orders within {VISIBLE_WITHIN:g} s",
        visible_after,
        is_vital=True,
    ),
    TradeProbe(
        "replacing",
        "a replacement is a new order under the same identifier, the old one ends cancelled, and each names the other",
        replacing,
        is_vital=True,
    ),
    TradeProbe(
        "cancelling",
        "a cancel answers with the order, which ends cancelled; a second one is refused with cannot_update_order",
        cancelling,
        is_vital=True,
    ),
    TradeProbe("complex-placed", "an OTOCO is taken, listed and cancelled as a whole", complex_placed),
    TradeProbe(
        "partial-replaced", "the successor of an order that filled in part is for the rest only", partial_replaced
    ),
)
