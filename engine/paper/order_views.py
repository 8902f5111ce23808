"""Orders as the broker writes them."""

from decimal import Decimal
from hashlib import blake2b
from typing import Final

from engine.paper.answers import BuyingPowerEffect, Notice, Placed, PlacedComplex, effect_of
from engine.paper.fees import Fees
from engine.paper.orders import ComplexOrder, Fill, Leg, Order, Terms
from engine.paper.wire import Json, given, millis, moment, number, with_effect

_OWNER: Final = {"user-id": "99", "username": "paper"}


def order_json(order: Order) -> Json:
    """Write an order; one of a dry run has no id and no times."""
    is_dry = order.id == 0
    written: Json = {} if is_dry else {"id": order.id}
    written |= {
        "account-number": order.account,
        "cancellable": order.is_editable,
        "editable": order.is_editable,
        "edited": order.is_edited,
        "global-request-id": order.global_request_id or "0=order-api=0",
    }
    written |= _terms_json(order.terms)
    written |= {
        "size": order.size,
        "status": order.status.value,
        "underlying-instrument-type": order.underlying_type.value,
        "underlying-symbol": order.underlying,
        "updated-at": 0 if is_dry else millis(order.updated_at),
        "legs": [_leg_json(leg) for leg in order.legs],
    }
    written |= _origin_json(order)
    return written if is_dry else written | _times_json(order)


def streamed_order(order: Order) -> Json:
    """Write an order as the account stream does, which says who owns it and what the venue calls it."""
    digest = blake2b(str(order.id).encode(), digest_size=6).hexdigest()
    names = {"ext-exchange-order-number": str(int(digest, 16)), "ext-global-order-number": order.id % 100_000}
    return order_json(order) | _OWNER | (names if order.in_flight_at else {}) | {"leg-count": len(order.legs)}


def _terms_json(terms: Terms) -> Json:
    written: Json = {"order-type": terms.order_type.value, "time-in-force": terms.time_in_force.value}
    if terms.price is not None:
        written |= {"price": number(terms.price), "price-effect": (terms.effect or effect_of(Decimal(0))).value}
    if terms.value is not None:
        written |= {"value": number(terms.value), "value-effect": (terms.value_effect or effect_of(Decimal(0))).value}
    if terms.stop_trigger is not None:
        written["stop-trigger"] = number(terms.stop_trigger)
    if terms.gtc_date is not None:
        written["gtc-date"] = terms.gtc_date.isoformat()
    return written


def _origin_json(order: Order) -> Json:
    written = given(
        external_identifier=order.external_identifier,
        source=order.source,
        ext_client_order_id=order.venue_order_id,
        replaces_order_id=order.replaces,
        replacing_order_id=order.replaced_by,
        complex_order_id=order.complex_id,
        complex_order_tag=order.complex_tag,
        contingent_status=order.contingent_status,
        reject_reason=order.reject_reason,
    )
    if order.terms.route_after is not None or order.terms.cancel_at is not None:
        written["order-rule"] = _rule_json(order)
    if order.preflight_id is not None:
        written["preflight-id"] = order.preflight_id
    return written


def _rule_json(order: Order) -> Json:
    """Write when an order is sent and cancelled by itself; what has not happened yet is left out."""
    cancelled_at = order.cancelled_at if order.cancelled_at == order.terms.cancel_at else None
    times = {
        "route-after": order.terms.route_after,
        "routed-at": order.in_flight_at if order.terms.route_after is not None else None,
        "cancel-at": order.terms.cancel_at,
        "cancelled-at": cancelled_at,
    }
    return {name: moment(at) for name, at in times.items() if at is not None} | {"order-conditions": []}


def _times_json(order: Order) -> Json:
    times = {
        "received-at": order.received_at,
        "in-flight-at": order.in_flight_at,
        "live-at": order.live_at,
        "cancelled-at": order.cancelled_at,
        "terminal-at": order.terminal_at,
    }
    return {name: moment(at) for name, at in times.items() if at is not None}


def _leg_json(leg: Leg) -> Json:
    return {
        "action": leg.action.value,
        "instrument-type": leg.instrument_type.value,
        "quantity": leg.quantity,
        "remaining-quantity": leg.remaining,
        "symbol": leg.symbol,
        "fills": [_fill_json(fill) for fill in leg.fills],
    }


def _fill_json(fill: Fill) -> Json:
    return {
        "destination-venue": fill.venue,
        "ext-exec-id": fill.exec_id,
        "ext-group-fill-id": fill.group_id,
        "fill-id": fill.id,
        "fill-price": number(fill.price),
        "filled-at": moment(fill.at),
        "quantity": fill.quantity,
    }


def complex_json(order: ComplexOrder) -> Json:
    """Write a complex order with all its orders."""
    written: Json = {} if order.id == 0 else {"id": order.id}
    written |= {"account-number": order.account, "type": order.type.value}
    written["orders"] = [order_json(each) for each in order.orders]
    if order.trigger is not None:
        written["trigger-order"] = order_json(order.trigger)
    ends = [each.terminal_at for each in order.children()]
    if order.id and None not in ends:
        written["terminal-at"] = moment(max(at for at in ends if at is not None))
    return written


def placed_json(placed: Placed) -> Json:
    """Write the answer to an order that was taken, or would be."""
    return _answer_json(placed) | {"order": order_json(placed.order)}


def placed_complex_json(placed: PlacedComplex) -> Json:
    """Write the answer to a complex order that was taken, or would be."""
    return _answer_json(placed) | {"complex-order": complex_json(placed.order)}


def notice_json(notice: Notice) -> Json:
    """Write one thing that is wrong or worth a warning; `preflight-id` as text, as clients read it."""
    written: Json = {"code": notice.code, "message": notice.message}
    return written if notice.preflight_id is None else written | {"preflight-id": str(notice.preflight_id)}


def _answer_json(placed: Placed | PlacedComplex) -> Json:
    return {
        "buying-power-effect": _power_json(placed.power),
        "fee-calculation": _fees_json(placed.fees),
        "warnings": [notice_json(notice) for notice in placed.warnings],
        "notes": [],
    }


def _power_json(power: BuyingPowerEffect) -> Json:
    return {
        **with_effect("change-in-margin-requirement", power.margin_change),
        **with_effect("change-in-buying-power", power.power_change),
        **with_effect("current-buying-power", power.current_power),
        **with_effect("new-buying-power", power.new_power),
        **with_effect("isolated-order-margin-requirement", power.isolated),
        "is-spread": power.is_spread,
        "impact": number(abs(power.power_change)),
        "effect": power.effect.value,
    }


def _fees_json(fees: Fees) -> Json:
    regulatory = {
        "exchange": fees.exchange,
        "nfa": fees.nfa,
        "orf": fees.orf,
        "sec": fees.sec,
        "taf": fees.taf,
    }
    return {
        **_fee_json("regulatory-fees", "regulatory-fees", regulatory),
        **_fee_json("clearing-fees", "clearing-fees", {"clearing": fees.clearing}),
        **_fee_json("commission", "commission", {"brokerage": fees.commission}),
        **_fee_json("proprietary-index-option-fees", "proprietary-fees", {"proprietary": fees.proprietary}),
        **with_effect("total-fees", -fees.total),
        **_fee_json("rebates", "rebates", {"rebate": Decimal(0)}),
        "per-quantity": False,
    }


def _fee_json(name: str, breakdown: str, parts: dict[str, Decimal]) -> Json:
    rows = [{"name": part, "value": number(cost), "effect": effect_of(-cost).value} for part, cost in parts.items()]
    return {**with_effect(name, -sum(parts.values(), Decimal(0))), f"{breakdown}-breakdown": rows}
