"""
The positions approved decisions make, every one taken as filled at the price and size that were decided.

Pure: positions in, positions out. Without them no exit in an archive could be understood; because of
them every decision of a replay is marked as assumed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.strategies import chosen_strategy, receives, strategies_of
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import Outcome, Verdict
from engine.model.message import Message
from engine.model.position import Position
from engine.parse.calendar import market_date

Positions = tuple[Position, ...]

ALL: Final = Decimal(1)


def after(positions: Positions, outcome: Outcome, message: Message, terms: Terms) -> Positions:
    """
    Return the positions once an outcome is carried out; one that is not approved changes nothing.

    outcome: its alert as decided: defaults filled in, an exit resolved to its position. What a roll closes goes
    first. An opening of a contract that is open adds to it. A stop move trades nothing.
    """
    alert = outcome.alert
    if outcome.verdict is not Verdict.APPROVED or alert is None:
        return positions
    closing = tuple([leg for leg in alert.legs if not leg.action.opens])
    if closing:
        positions = _closed(positions, closing, outcome, message)
    if len(closing) < len(alert.legs):
        positions = opened(positions, position_of(alert, outcome, message, terms))
    return positions


def without_expired(positions: Positions, today: date) -> Positions:
    """
    Return what is left once all options that expired before a day are gone.

    today: the day in New York. An option lives to the end of its expiry.
    """
    return tuple([alive for position in positions if (alive := unexpired(position, today)) is not None])


def unexpired(position: Position, today: date) -> Position | None:
    """Return what is left of a position on a day in New York; None when nothing is."""
    legs = tuple([leg for leg in position.legs if _last_day(leg, position, today) >= today])
    if len(legs) == len(position.legs):
        return position
    return replace(position, legs=legs) if legs else None


def first_expiry(position: Position) -> date | None:
    """Return the last day of the first of its options to expire; None when nothing of it expires."""
    options = [leg for leg in position.legs if leg.asset is Asset.OPTION]
    days = [leg.expiry or position.expires_by for leg in options]
    return min((day for day in days if day is not None), default=None)


def is_closed_by(closing: Sequence[Leg], position: Position) -> bool:
    """Return whether closing legs, in order, are those of a position; a stop move has no side of its own."""
    return len(closing) == len(position.legs) and all(map(_closes, closing, position.legs))


def _closes(closing: Leg, held: Leg) -> bool:
    if closing.action.closes and closing.action.buys is held.action.buys:
        return False
    return closing == held or replace(closing, action=held.action) == held


def _last_day(leg: Leg, position: Position, today: date) -> date:
    if leg.asset is not Asset.OPTION:
        return today
    return leg.expiry or position.expires_by or today


def position_of(alert: Alert, outcome: Outcome, message: Message, terms: Terms) -> Position:
    """Return the position that the opening legs of an outcome make, all of it filled at the price it was sized at."""
    contract, size = terms.playbook.defaults.contract, outcome.size
    legs = tuple([leg for leg in alert.legs if leg.action.opens])
    is_roll = len(legs) < len(alert.legs)  # its price is the difference of two
    is_unchosen = any(leg.asset is Asset.OPTION and leg.expiry is None for leg in legs)
    expires_by = market_date(message.at) + timedelta(days=contract.max_days) if contract and is_unchosen else None
    kind = chosen_strategy(strategies_of(legs), terms.playbook.allow.kinds)
    return Position(
        playbook=terms.playbook.name,
        author_id=message.author.id,
        opened_by=message.id,
        legs=legs,
        fraction=ALL,
        opened_at=message.at,
        price=None if is_roll else alert.price if size is None else size.price,
        quantity=(alert.quantity or None) if size is None else size.quantity,
        structure=alert.structure if len(legs) > 1 else "",
        expires_by=expires_by,
        is_credit=None if kind is None else receives(kind, alert),
        account=terms.account,
    )


def opened(positions: Positions, new: Position) -> Positions:
    """Return positions with a new one, added to the one with the same legs when there is one."""
    held = next((position for position in positions if position.legs == new.legs), None)
    if held is None:
        return (*positions, new)
    total = _average(held, new)
    return tuple([total if position is held else position for position in positions])


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


def _closed(positions: Positions, closing: tuple[Leg, ...], outcome: Outcome, message: Message) -> Positions:
    kept = []
    for position in positions:
        if not is_closed_by(closing, position):
            kept.append(position)
            continue
        rest = _reduced(position, outcome)
        if rest is not None:
            kept.append(replace(rest, followed_by=(*rest.followed_by, message.id)))
    return tuple(kept)


def _reduced(position: Position, outcome: Outcome) -> Position | None:
    """Return what is left of a position after an exit; None when nothing is."""
    alert, held = outcome.alert, position.quantity
    if alert is None or alert.action is Action.UPDATE:
        return position
    if held is not None and outcome.size is not None:
        return less(position, held, min(held, outcome.size.quantity))
    if alert.quantity is not None and (held is not None or alert.fraction is None):
        return position if held is None else less(position, held, min(held, alert.quantity))
    fraction = ALL if alert.fraction is None else alert.fraction
    if fraction >= ALL:
        return None
    left = position.fraction * (ALL - fraction)
    return replace(position, fraction=left, quantity=None if held is None else held - int(held * fraction))


def less(position: Position, held: int, closed: int) -> Position | None:
    """Return what is left of a position of `held` units once some are closed; None when nothing is."""
    left = held - closed
    return replace(position, fraction=position.fraction * left / held, quantity=left) if left else None
