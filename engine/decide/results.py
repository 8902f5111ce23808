"""What closed positions brought."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, NamedTuple

from engine.decide.pricing import multiplier_of
from engine.model.alert import Alert
from engine.model.message import Message
from engine.model.position import Closed, Position
from engine.parse.calendar import NEW_YORK
from engine.parse.exits import describe

_WORTHLESS: Final = Decimal(0)
_CLOSE: Final = time(16)


class Result(NamedTuple):
    """What was closed, of which position; is_whole: nothing of it is left."""

    closed: Closed
    position: Position
    is_whole: bool


def closed_by(
    message: Message, alert: Alert, before: Iterable[Position], after: Iterable[Position]
) -> Iterator[Result]:
    """
    Yield what an exit closed of positions, as they stood before and after it.

    alert: its price is the one received or paid; that of a roll is of two things and so says nothing of either.
    """
    price = None if any(leg.action.opens for leg in alert.legs) else alert.price
    yield from closed_at(price, (message.id, message.at), before, after)


def closed_at(
    price: Decimal | None, by: tuple[str, datetime], before: Iterable[Position], after: Iterable[Position]
) -> Iterator[Result]:
    """
    Yield what was closed of positions at a price, as they stood before and after it.

    price: received or paid; None when not known. by: id of the message that said so, and when it was closed.
    """
    left = {(position.opened_by, position.legs): position for position in after}
    for position in before:
        rest = left.get((position.opened_by, position.legs))
        if rest is None or rest.fraction < position.fraction:
            quantity = position.quantity if rest is None else _difference(position.quantity, rest.quantity)
            yield Result(_closed(position, quantity, price, *by), position, rest is None)


def price_of(position: Position, cost: Decimal | None, *, opens: bool) -> Decimal | None:
    """
    Return what a fill cost as a price in the sense of its position: paid or received, negative when it went against it.

    A debit spread that had to be paid for to be closed was closed at less than nothing. cost: see Book.filled.
    """
    if cost is None or position.is_credit is None:
        return None if cost is None else abs(cost)
    return cost if opens is not position.is_credit else -cost


def expired(position: Position, day: date, *, is_worthless: bool) -> Closed:
    """Return what a position came to that expired on a day: nothing, when that is what is assumed, else not known."""
    at = datetime.combine(day, _CLOSE, NEW_YORK).astimezone(UTC)
    return _closed(position, position.quantity, _WORTHLESS if is_worthless else None, "", at)


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else before - after


def _closed(position: Position, quantity: int | None, price: Decimal | None, by: str, at: datetime) -> Closed:
    return Closed(
        playbook=position.playbook,
        author_id=position.author_id,
        symbol=position.symbol or "",
        contract=describe(position.legs),
        opened_by=position.opened_by,
        opened_at=position.opened_at,
        closed_by=by,
        closed_at=at,
        quantity=quantity,
        open_price=position.price,
        close_price=price,
        profit=_profit(position, quantity, price),
        is_expired=not by,
        is_assumed=position.is_assumed,
    )


def _profit(position: Position, quantity: int | None, price: Decimal | None) -> Decimal | None:
    multiplier = multiplier_of(position.legs)
    is_known = quantity is not None and position.is_credit is not None and multiplier is not None
    if not is_known or price is None or position.price is None:
        return None
    gained = position.price - price if position.is_credit else price - position.price
    return gained * (quantity or 0) * (multiplier or 0)
