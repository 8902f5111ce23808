"""How values are spelled on the wire: money as text, times in milliseconds, amounts without a sign."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from engine.paper.answers import effect_of
from engine.paper.instruments import plain

Json = dict[str, object]


def number(value: Decimal) -> str:
    """
    Write a number as the broker does, with one decimal at least.

    >>> number(Decimal("1.0200")), number(Decimal("100")), number(Decimal("-2.5"))
    ('1.02', '100.0', '-2.5')
    """
    text = plain(value)
    return text if "." in text else f"{text}.0"


def moment(at: datetime) -> str:
    """Write an aware time, to the millisecond, with its offset."""
    return at.isoformat(timespec="milliseconds")


def millis(at: datetime) -> int:
    """Write an aware time as whole milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def with_effect(name: str, amount: Decimal) -> Json:
    """
    Write a signed amount as two keys: how much, and which way.

    >>> with_effect("value", Decimal("-3"))
    {'value': '3.0', 'value-effect': 'Debit'}
    """
    return {name: number(abs(amount)), f"{name}-effect": effect_of(amount).value}


def given(**values: object) -> Json:
    """
    Return the values that are not None, 0 or empty, with the names as the broker spells them.

    >>> given(reject_reason="", replaces_order_id=7)
    {'replaces-order-id': 7}
    """
    return {name.replace("_", "-"): value for name, value in values.items() if value}


def items(rows: Iterable[Json]) -> Json:
    """Return the body of a list."""
    return {"items": list(rows)}
