"""What positions and an order tie up, as the broker writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.paper.answers import Placed
from engine.paper.holdings import Position
from engine.paper.margin import Tied
from engine.paper.orders import Leg, Order
from engine.paper.wire import Json, moment, number, with_effect
from engine.paper.words import InstrumentType

DRY_RUN_ID: Final = "dry-run-0"
_ZERO: Final = Decimal(0)
_SIZES: Final = {
    "equity-option-order-size": 10_000,
    "equity-order-size": 100_000,
    "future-option-order-size": 1_000,
    "future-order-size": 1_000,
    "underlying-opening-order-limit": 1_000,
    "equity-option-position-size": 50_000,
    "equity-position-size": 1_000_000,
    "future-option-position-size": 5_000,
    "future-position-size": 5_000,
}


@dataclass(frozen=True, slots=True)
class Report:
    """
    What an account has in one underlying.

    price: of the underlying in dollars, None when it has no quote. positions: in it and its options.
    """

    underlying: str
    tied: Tied
    price: Decimal | None
    positions: tuple[Position, ...]
    at: datetime


def position_limit_json(account: str) -> Json:
    """Write the sizes an account may order and hold; nothing here enforces them."""
    return {"id": int("".join(filter(str.isdigit, account)) or 0), "account-number": account, **_SIZES}


def margin_dry_run_json(placed: Placed, before: Report, working: Sequence[Order]) -> Json:
    """
    Write what an order would tie up.

    before: of its underlying without it. working: the orders of that underlying there are. Groups are told of shares
    only.
    """
    power = placed.power
    result = _result_json(before, [str(order.id) for order in working])
    alone = _result_json(before, [])
    wanted = before.tied.requirement - power.margin_change
    return {
        "orders": [_order_json(placed.order)],
        "last-results": result,
        "base-results": alone,
        "new-order-results": alone | with_effect("margin-requirement", -wanted),
        **with_effect("change-in-margin-requirement", power.margin_change),
        **with_effect("change-in-buying-power", power.power_change),
        **with_effect("current-buying-power", power.current_power),
        **with_effect("new-buying-power", power.new_power),
        **with_effect("isolated-order-margin-requirement", power.isolated),
        **with_effect("isolated-order-buying-power-effect", power.power_change),
        "is-spread": power.is_spread,
        "order-ids": [DRY_RUN_ID],
    }


def _order_json(order: Order) -> Json:
    terms = order.terms
    return {
        "id": DRY_RUN_ID,
        "account-number": order.account,
        "time-in-force": terms.time_in_force.value,
        "order-type": terms.order_type.value,
        "size": str(order.size),
        "price": number(terms.price or _ZERO),
        "price-effect": terms.effect.value if terms.effect else "None",
        **with_effect("value", _ZERO),
        "cancellable": False,
        "editable": False,
        "underlying-symbol": order.underlying,
        "legs": [_leg_json(leg) for leg in order.legs],
    }


def _leg_json(leg: Leg) -> Json:
    return {
        "symbol": leg.symbol,
        "instrument-type": leg.instrument_type.value,
        "quantity": str(leg.quantity),
        "remaining-quantity": str(leg.remaining),
        "action": leg.action.value,
    }


def _result_json(report: Report, order_ids: Sequence[str]) -> Json:
    requirement = -report.tied.requirement
    mark = {} if report.price is None else {report.underlying: number(report.price)}
    values = _values(report.positions)
    return {
        "code": report.underlying,
        "description": report.underlying,
        "entity-count": len(report.positions) + len(order_ids),
        "underlying-symbol": report.underlying,
        "underlying-type": "Future" if report.underlying.startswith("/") else "Equity",
        "underlying-price": number(report.price or _ZERO),
        **with_effect("margin-requirement", requirement),
        **with_effect("maintenance-requirement", requirement),
        **with_effect("buying-power-impact", -report.tied.net),
        **with_effect("base-margin-requirement", requirement),
        "margin-calculation-type": "Reg T",
        **with_effect("cash-adjustment", _ZERO),
        **with_effect("working-margin", _ZERO),
        **with_effect("position-margin", requirement),
        **with_effect("position-equity-adjustment", report.tied.collateral),
        **with_effect("cash-settlement-value", _ZERO),
        **with_effect("long-equity-value", values["long-equity-value"]),
        **with_effect("short-equity-value", values["short-equity-value"]),
        **{name: number(value) for name, value in values.items() if "equity" not in name},
        "group-results": [_group_json(each, report) for each in report.positions if _is_share(each)],
        "order-ids": list(order_ids),
        "calculated-at": moment(report.at),
        "marks": mark,
    }


def _group_json(position: Position, report: Report) -> Json:
    requirement = -report.tied.requirement
    return {
        "group": {
            "margin-strategy": "LONG_UNDERLYING" if position.quantity > 0 else "SHORT_UNDERLYING",
            "underlying-entry": {
                "instrument-symbol": position.symbol,
                "instrument-type": position.instrument_type.value,
                "quantity": number(Decimal(abs(position.quantity))),
                "close-price": number(position.close_price),
                "fixing-price": "NaN",
            },
        },
        "margin": number(-requirement),
        **with_effect("maintenance-requirement", requirement),
        "net-liq-result": {name: number(value) for name, value in _values((position,)).items()},
    }


def _values(positions: Sequence[Position]) -> Mapping[str, Decimal]:
    found = {f"{side}-{kind}-value": _ZERO for kind in ("equity", "derivative") for side in ("long", "short")}
    for position in positions:
        side = "long" if position.quantity > 0 else "short"
        found[f"{side}-{'equity' if _is_share(position) else 'derivative'}-value"] += abs(position.value)
    return found | {f"{side}-cryptocurrency-value": _ZERO for side in ("long", "short")}


def _is_share(position: Position) -> bool:
    return position.instrument_type is InstrumentType.EQUITY
