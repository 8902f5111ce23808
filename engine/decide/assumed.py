"""
The positions a replay assumes: every approved opening is filled at the alert's price.

Pure: positions in, positions out, one author under one playbook at a time. Without them no exit in an
archive could be understood; because of them every decision of a replay is marked as assumed.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.parse.calendar import market_date

Positions = tuple[Position, ...]

ALL: Final = Decimal(1)


def after(positions: Positions, alert: Alert, message: Message, playbook: Playbook) -> Positions:
    """
    Return the positions once an approved alert is carried out as written.

    alert: as decided: defaults filled in, an exit resolved to its position. What a roll closes goes
    first. An opening of a contract that is open adds to it. A stop move trades nothing.
    """
    closing = tuple(leg for leg in alert.legs if not leg.action.opens)
    opening = tuple(leg for leg in alert.legs if leg.action.opens)
    if closing:
        positions = _closed(positions, closing, alert, message)
    if opening:
        positions = _opened(positions, _position(opening, alert, message, playbook))
    return positions


def without_expired(positions: Positions, today: date) -> Positions:
    """
    Return what is left once all options that expired before a day are gone.

    today: the day in New York. An option lives to the end of its expiry.
    """
    return tuple(alive for position in positions if (alive := _alive(position, today)) is not None)


def _alive(position: Position, today: date) -> Position | None:
    legs = tuple(leg for leg in position.legs if _last_day(leg, position, today) >= today)
    if len(legs) == len(position.legs):
        return position
    return replace(position, legs=legs) if legs else None


def _last_day(leg: Leg, position: Position, today: date) -> date:
    if leg.asset is not Asset.OPTION:
        return today
    return leg.expiry or position.expires_by or today


def _position(legs: tuple[Leg, ...], alert: Alert, message: Message, playbook: Playbook) -> Position:
    contract = playbook.defaults.contract
    is_unchosen = any(leg.asset is Asset.OPTION and leg.expiry is None for leg in legs)
    expires_by = market_date(message.at) + timedelta(days=contract.max_days) if contract and is_unchosen else None
    return Position(
        playbook=playbook.name,
        author_id=message.author.id,
        opened_by=message.id,
        legs=legs,
        fraction=ALL,
        opened_at=message.at,
        price=alert.price,
        quantity=alert.quantity or None,
        structure=alert.structure if len(legs) > 1 else "",
        expires_by=expires_by,
    )


def _opened(positions: Positions, new: Position) -> Positions:
    """Add a position, to the one with the same legs when there is one."""
    held = next((position for position in positions if position.legs == new.legs), None)
    if held is None:
        return (*positions, new)
    total = _average(held, new)
    return tuple(total if position is held else position for position in positions)


def _average(held: Position, new: Position) -> Position:
    """Return both as one; what cannot be known of the sum is None. Averaging makes it whole again."""
    quantity = price = None
    if held.quantity is not None and new.quantity is not None:
        quantity = held.quantity + new.quantity
        if held.price is not None and new.price is not None:
            price = (held.price * held.quantity + new.price * new.quantity) / quantity
    return replace(
        held,
        fraction=ALL,
        quantity=quantity,
        price=price,
        followed_by=(*held.followed_by, new.opened_by),
        expires_by=new.expires_by or held.expires_by,
    )


def _closed(positions: Positions, closing: tuple[Leg, ...], alert: Alert, message: Message) -> Positions:
    kept = []
    for position in positions:
        if not _is_of(closing, position):
            kept.append(position)
            continue
        rest = _reduced(position, alert)
        if rest is not None:
            kept.append(replace(rest, followed_by=(*rest.followed_by, message.id)))
    return tuple(kept)


def _is_of(closing: tuple[Leg, ...], position: Position) -> bool:
    """Return whether closing legs, in order, are those of a position."""
    if len(closing) != len(position.legs):
        return False
    pairs = zip(closing, position.legs, strict=True)
    return all(replace(leg, action=held.action) == held for leg, held in pairs)


def _reduced(position: Position, alert: Alert) -> Position | None:
    """Return what is left of a position after an exit; None when nothing is."""
    if alert.action is Action.UPDATE:
        return position
    held = position.quantity
    if alert.quantity is not None and (held is not None or alert.fraction is None):
        return position if held is None else _less(position, held, min(held, alert.quantity))
    fraction = ALL if alert.fraction is None else alert.fraction
    if fraction >= ALL:
        return None
    left = position.fraction * (ALL - fraction)
    return replace(position, fraction=left, quantity=None if held is None else held - int(held * fraction))


def _less(position: Position, held: int, closed: int) -> Position | None:
    left = held - closed
    return replace(position, fraction=position.fraction * left / held, quantity=left) if left else None
