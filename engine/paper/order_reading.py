"""Orders as clients send them, read into requests; keys nobody knows are left alone, as the broker does."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

from engine.paper.orders import ComplexRequest, LegRequest, OrderRequest, Terms
from engine.paper.routing import bad_value
from engine.paper.words import Action, ComplexType, Effect, InstrumentType, OrderType, TimeInForce
from engine.parse.calendar import NEW_YORK

_MOST_DIGITS: Final = 12  # of whole dollars or contracts
_YEARS: Final = range(1900, 2200)
_Word = TypeVar("_Word", bound=StrEnum)
Body = Mapping[str, object]


def read_order(body: Body) -> OrderRequest:
    """
    Read an order.

    Raises: Refusal naming the key that is missing or cannot be read.
    """
    return OrderRequest(
        legs=tuple(_read_leg(leg) for leg in _rows(body, "legs")),
        terms=read_terms(body),
        external_identifier=str(body.get("external-identifier") or ""),
        source=str(body.get("source") or ""),
        is_strict=_is_strict(body.get("advanced-instructions")),
    )


def read_terms(body: Body) -> Terms:
    """
    Read all of an order but its legs.

    Raises: Refusal naming the key that is missing or cannot be read.
    """
    rules = body.get("rules")
    rules = rules if isinstance(rules, Mapping) else {}
    return Terms(
        order_type=_word(OrderType, body, "order-type"),
        time_in_force=_word(TimeInForce, body, "time-in-force"),
        price=_amount(body, "price"),
        effect=_effect(body, "price-effect"),
        stop_trigger=_amount(body, "stop-trigger"),
        gtc_date=_day(body, "gtc-date"),
        value=_amount(body, "value"),
        value_effect=_effect(body, "value-effect"),
        route_after=_rule_time(rules, "route-after"),
        cancel_at=_rule_time(rules, "cancel-at"),
        has_conditions=bool(rules.get("conditions")),
    )


def read_complex(body: Body) -> ComplexRequest:
    """
    Read a complex order.

    Raises: Refusal naming the key that is missing or cannot be read.
    """
    trigger = body.get("trigger-order")
    return ComplexRequest(
        type=_word(ComplexType, body, "type"),
        orders=tuple(read_order(each) for each in _rows(body, "orders")),
        trigger=read_order(trigger) if isinstance(trigger, Mapping) else None,
        source=str(body.get("source") or ""),
    )


def read_day(name: str, text: str) -> date | None:
    """
    Read a date of a query; None for "".

    Raises: Refusal when it is none.
    """
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_value(name) from None
    if day is not None and day.year not in _YEARS:
        raise bad_value(name)
    return day


def read_moment(name: str, text: str) -> datetime | None:
    """
    Read a time of a query; one without an offset is New York's, None for "".

    Raises: Refusal when it is none.
    """
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise bad_value(name) from None
    if moment is not None and moment.year not in _YEARS:
        raise bad_value(name)
    return moment.replace(tzinfo=NEW_YORK) if moment is not None and moment.tzinfo is None else moment


def _read_leg(body: Body) -> LegRequest:
    symbol = body.get("symbol")
    if not isinstance(symbol, str) or not symbol:
        raise bad_value("symbol", "is missing")
    return LegRequest(
        instrument_type=_word(InstrumentType, body, "instrument-type"),
        symbol=symbol,
        action=_word(Action, body, "action"),
        quantity=_amount(body, "quantity"),
    )


def _rows(body: Body, name: str) -> Sequence[Body]:
    rows = body.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise bad_value(name)
    return rows


def _word(kind: type[_Word], body: Body, name: str) -> _Word:
    if name not in body:
        raise bad_value(name, "is missing")
    try:
        return kind(str(body[name]))
    except ValueError:
        raise bad_value(name, "does not have a valid value") from None


def _effect(body: Body, name: str) -> Effect | None:
    return None if body.get(name) is None else _word(Effect, body, name)


def _amount(body: Body, name: str) -> Decimal | None:
    written = body.get(name)
    if written is None:
        return None
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        raise bad_value(name) from None
    if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
        raise bad_value(name)
    return amount


def _rule_time(rules: Body, name: str) -> datetime | None:
    return read_moment(f"rules.{name}", str(rules.get(name) or ""))


def _day(body: Body, name: str) -> date | None:
    return read_day(name, str(body.get(name) or ""))


def _is_strict(instructions: object) -> bool:
    return isinstance(instructions, Mapping) and instructions.get("strict-position-effect-validation") is True
