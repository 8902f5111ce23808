"""The broker's orders in our words. What cannot be read never hides the order itself."""

from collections.abc import Iterable
from decimal import Decimal
from math import ceil, gcd

from engine.adapters.tastytrade.values import Json, Unreadable, moment, number, rows, signed, text
from engine.adapters.tastytrade.words import ACTIONS, KINDS, STATUSES, TIMES, TYPES
from engine.model.order import (
    REMAINING_UNKNOWN,
    Fill,
    InstrumentKind,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    Preflight,
    PriceEffect,
    TimeInForce,
)


def placed_order(row: Json) -> PlacedOrder:
    """
    Read an order.

    A status that is not known, or legs or fills that cannot all be read, make the status UNKNOWN; in the latter case
    the legs are () and the remainder is not known.
    Raises: Unreadable, when it has no id.
    """
    order_id = text(row, "id")
    if order_id in ("", "0"):
        raise Unreadable("an order has no id")
    try:
        legs, fills, remaining = _legs(row)
    except Unreadable:
        legs, fills, remaining = (), (), REMAINING_UNKNOWN
    price = number(row, "price")
    return PlacedOrder(
        id=order_id,
        client_id=text(row, "external-identifier"),
        account=text(row, "account-number"),
        legs=legs,
        order_type=TYPES.get(text(row, "order-type"), OrderType.OTHER),
        time_in_force=TIMES.get(text(row, "time-in-force"), TimeInForce.OTHER),
        status=STATUSES.get(text(row, "status"), OrderStatus.UNKNOWN) if legs else OrderStatus.UNKNOWN,
        price=None if price is None else abs(price),
        effect=_effect(row),
        remaining=remaining,
        fills=fills,
        received_at=moment(row, "received-at"),
        updated_at=moment(row, "updated-at"),
        replaces=_link(row, "replaces-order-id"),
        replaced_by=_link(row, "replacing-order-id"),
        reject_reason=text(row, "reject-reason"),
    )


def preflight(data: Json) -> Preflight:
    """Read what a dry run says of an order."""
    effect = data.get("buying-power-effect")
    fees = data.get("fee-calculation")
    power: Json = effect if isinstance(effect, dict) else {}
    return Preflight(
        buying_power_change=signed(power, "change-in-buying-power"),
        margin_change=signed(power, "change-in-margin-requirement"),
        fees=signed(fees, "total-fees") if isinstance(fees, dict) else None,
        warnings=tuple(text(each, "code") for each in rows(data, "warnings")) if "warnings" in data else (),
    )


def _legs(row: Json) -> tuple[tuple[OrderLeg, ...], tuple[Fill, ...], int]:
    found = list(rows(row, "legs"))
    legs = tuple(_leg(each) for each in found)
    if not legs:
        raise Unreadable("an order has no legs")
    fills = tuple(fill for each in found for fill in _fills(each))
    return legs, fills, _remaining(legs, found)


def _leg(row: Json) -> OrderLeg:
    kind = KINDS.get(text(row, "instrument-type"), InstrumentKind.OTHER)
    action = ACTIONS.get(text(row, "action"))
    quantity = number(row, "quantity")
    symbol = text(row, "symbol")
    if action is None or quantity is None or quantity <= 0 or not symbol:
        raise Unreadable("a leg lacks what a leg must say")
    return OrderLeg(symbol, kind, action, _whole(quantity, kind))


def _whole(quantity: Decimal, kind: InstrumentKind) -> int:
    # Only others' orders have fractions (shares by value, crypto): of those at most is what counts.
    if kind in (InstrumentKind.OTHER, InstrumentKind.EQUITY) or quantity == int(quantity):
        return ceil(quantity)
    raise Unreadable(f"a quantity was {quantity}")


def _remaining(legs: tuple[OrderLeg, ...], found: Iterable[Json]) -> int:
    units = gcd(*(leg.quantity for leg in legs))
    left = 0
    for leg, row in zip(legs, found, strict=True):
        remaining = number(row, "remaining-quantity")
        if remaining is None or remaining < 0:
            return REMAINING_UNKNOWN
        left = max(left, ceil(remaining * units / leg.quantity))
    return left


def _fills(leg: Json) -> Iterable[Fill]:
    if leg.get("fills") is None:
        return
    for row in rows(leg, "fills"):
        fill_id, quantity, price = text(row, "fill-id"), number(row, "quantity"), number(row, "fill-price")
        at = moment(row, "filled-at")
        if not fill_id or quantity is None or price is None or at is None:
            raise Unreadable("a fill lacks what a fill must say")
        kind = KINDS.get(text(leg, "instrument-type"), InstrumentKind.OTHER)
        yield Fill(fill_id, text(leg, "symbol"), _whole(quantity, kind), price, at)


def _effect(row: Json) -> PriceEffect | None:
    word = text(row, "price-effect")
    return PriceEffect(word.lower()) if word in ("Debit", "Credit") else None


def _link(row: Json, key: str) -> str:
    order_id = text(row, key)
    return "" if order_id == "0" else order_id
