"""What may be sent, and who has said so: pure changes to the restrictions in force."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import Desk, Permission
from engine.plan.entries import ENGINE

Restrictions = tuple[Restriction, ...]
_STRICTNESS: Final = (TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED)


@dataclass(frozen=True, slots=True)
class Place:
    """What a trading state holds for. of: the account, playbook, author id or channel id; "" for all."""

    scope: Scope
    of: str = ""

    def __str__(self) -> str:
        """Return it as it is written on a command line."""
        return self.scope.value if self.scope is Scope.ALL else f"{self.scope.value}:{self.of}"


EVERYWHERE: Final = Place(Scope.ALL)


def read_place(text: str) -> Place:
    """
    Return the place written as "all" or SCOPE:NAME.

    Raises: ValueError.

    >>> str(read_place("account:main"))
    'account:main'
    """
    scope, _, of = text.partition(":")
    try:
        place = Place(Scope(scope.strip().lower()), of.strip())
    except ValueError:
        place = Place(Scope.ALL, "?")
    if (place.scope is Scope.ALL) is bool(place.of):
        raise ValueError(f"{text!r} is none of all, account:ALIAS, playbook:NAME, author:ID, channel:ID")
    return place


def place_of(restriction: Restriction) -> Place:
    """Return what a restriction holds for."""
    return Place(restriction.scope, restriction.of)


def restricted(known: Restrictions, added: Restriction) -> Restrictions:
    """
    Return the restrictions once one is added.

    Each person has one for each place; a second one of theirs there takes its place, and never loosens it.
    """
    return stricter(known, (added,))


def lifted(known: Restrictions, place: Place) -> Restrictions:
    """Return the restrictions without those for exactly this place; what holds for more, or for less, stays."""
    return tuple(each for each in known if place_of(each) != place)


def stricter(one: Restrictions, other: Restrictions) -> Restrictions:
    """Return the restrictions of both; where one person has set two for a place, the stricter, else the later."""
    found: dict[tuple[Place, str], Restriction] = {}
    for each in (*one, *other):
        key = (place_of(each), each.by)
        before = found.get(key)
        found[key] = each if before is None else replace(each, state=strictest((before.state, each.state)))
    return tuple(found.values())


def strictest(states: Iterable[TradingState]) -> TradingState:
    """
    Return the strictest of some states; active when there are none.

    >>> strictest([TradingState.HALTED, TradingState.REDUCING]).value
    'halted'
    """
    return max(states, key=_STRICTNESS.index, default=TradingState.ACTIVE)


def why_not_lifted(desk: Desk | None, by: str, gone: Restrictions) -> str | None:
    """
    Return why somebody may not lift restrictions; None when they may.

    desk: None when it cannot be read: then anybody may lift what a person has set, and nobody what the engine has.
    by: a name of the desk.
    """
    if desk is None:
        throttles = [each for each in gone if each.by == ENGINE]
        if not throttles:
            return None
        return f"the engine has set it ({throttles[0].why}), and without the desk nobody is known who may lift that"
    person = desk.person(by)
    if person is None:
        known = ", ".join(each.name for each in desk.people if Permission.CONTROL in each.may)
        return f"the desk knows nobody named {by!r}; who may: {known or 'nobody'}"
    if Permission.CONTROL not in person.may:
        return f"{by} has no permission to control"
    return None
