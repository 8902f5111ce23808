"""
What the desk file tightens acts at once; what it loosens waits for a second named person.

The desk in force is the one last agreed to, tightened by the file as it is now. It is journaled whenever it changes,
so that a limit which was tightened and then loosened again waits too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final

from engine.model.desk import Account, AccountKind, Desk, HouseCollar, HouseLimits, Permission, Person, Repeats
from engine.model.source import Span
from engine.plan.entries import ENGINE, DeskChanged, LooseningAsked, TradeEntry
from engine.plan.promotion import Refused
from engine.plan.strictness import either, fewest, least, strictest

_DIGITS: Final = 12
_MAY_ASK: Final = frozenset({Permission.CONTROL, Permission.PROMOTE})
_NO_NAME: Final = "nothing"


@dataclass(frozen=True, slots=True)
class Loosening:
    """One thing the desk file allows that is not agreed to. path: "limits.max_size". old, new: as people write them."""

    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} → {self.new}"


@dataclass(frozen=True, slots=True)
class DeskState:
    """
    What the journal says of the desk.

    agreed: the desk last in force; None before the first. asked: the loosening a first person asks for; None when
    nobody does.
    """

    agreed: Desk | None = None
    asked: LooseningAsked | None = None

    def after(self, entry: TradeEntry) -> "DeskState":
        """Return the state with one more entry of the journal taken in."""
        if isinstance(entry.body, DeskChanged):
            return DeskState(entry.body.desk, self.asked if entry.body.by == ENGINE else None)
        return replace(self, asked=entry.body) if isinstance(entry.body, LooseningAsked) else self

    def in_force(self, newest: Desk) -> tuple[Desk, tuple[Loosening, ...]]:
        """Return the desk to go by, and what waits for a second person; the first desk of all needs none."""
        return (newest, ()) if self.agreed is None else effective_desk(self.agreed, newest)


def effective_desk(approved: Desk, newest: Desk) -> tuple[Desk, tuple[Loosening, ...]]:
    """
    Return the newest desk without what it loosens, and what that is.

    Not compared, and as the file says: its name and description, the control channel, names of channels, who is
    called, sandbox accounts.
    """
    effective = replace(
        newest,
        time_zone=approved.time_zone,
        accounts=tuple(_accounts(approved, newest)),
        people=tuple(_people(approved, newest)),
        on_cannot_represent=strictest(approved.on_cannot_represent, newest.on_cannot_represent),
        on_outage=strictest(approved.on_outage, newest.on_outage),
        limits=_limits(approved.limits, newest.limits),
    )
    return effective, tuple(_differences(effective, newest, ""))


def change_by_itself(state: DeskState, newest: Desk) -> DeskChanged | None:
    """Return the entry to be written when the desk in force is not the one the journal has; None when it is."""
    effective, _ = state.in_force(newest)
    if state.agreed is not None and not any(_differences(state.agreed, effective, "")):
        return None
    return DeskChanged(effective, ENGINE)


def loosen(state: DeskState, newest: Desk, by: str, mark: str = "") -> LooseningAsked | DeskChanged | Refused:
    """
    Return the entry by which a person asks for a loosening, or agrees to it as the second; or why neither.

    mark: of what they have seen, see `mark_of`; "" for a first person, who asks for whatever the file says. People are
    those of the desk in force: nobody is let in by what the file adds. The first needs the permission control or
    promote, the second promote.
    """
    effective, waiting = state.in_force(newest)
    if not waiting:
        return Refused("nothing_to_loosen", "the desk file loosens nothing that is not in force")
    person, now = effective.person(by), mark_of(waiting)
    if person is None or by == ENGINE:
        return Refused("nobody_of_the_desk", f"{by} is nobody of the desk in force")
    if not _MAY_ASK & person.may:
        return Refused("may_not_loosen", f"{by} may neither control nor promote")
    sentences, first = tuple(map(str, waiting)), state.asked
    if first is None or first.mark != now or effective.person(first.by) is None:
        return LooseningAsked(now, by, sentences)
    refused = _against_second(person, first, mark)
    return DeskChanged(newest, by, first.by, sentences) if refused is None else refused


def _against_second(person: Person, first: LooseningAsked, mark: str) -> Refused | None:
    if first.by == person.name:
        return Refused("second_person_needed", f"{person.name} has asked for it", "another person of the desk agrees")
    if Permission.PROMOTE not in person.may:
        return Refused("may_not_loosen", f"{person.name} may not promote, which the second person must")
    if mark != first.mark:
        remedy = "signalbook stage list ends with the hash for --seen"
        return Refused("loosening_not_seen", "what is agreed to has to be seen", remedy)
    return None


def mark_of(loosened: tuple[Loosening, ...]) -> str:
    """Return a short hash of a loosening, by which a second person says what they agree to."""
    return sha256("\n".join(map(str, loosened)).encode()).hexdigest()[:_DIGITS]


def _accounts(approved: Desk, newest: Desk) -> Iterator[Account]:
    """Yield the accounts to go by: where money goes changes for nobody alone; what is taken out is out."""
    for account in newest.accounts:
        before = approved.account(account.name)
        if account.kind is AccountKind.SANDBOX:
            yield account
        elif before is not None and before.kind is AccountKind.PRODUCTION:
            yield replace(before, span=account.span)


def _people(approved: Desk, newest: Desk) -> Iterator[Person]:
    """Yield the people to go by; another Discord id is another person."""
    for person in newest.people:
        before = approved.person(person.name)
        if before is not None and before.id == person.id:
            yield replace(person, may=person.may & before.may)


def _limits(one: HouseLimits, other: HouseLimits) -> HouseLimits:
    return replace(
        other,
        max_order_value=least(one.max_order_value, other.max_order_value),
        max_contracts=least(one.max_contracts, other.max_contracts),
        max_shares=least(one.max_shares, other.max_shares),
        max_size=least(one.max_size, other.max_size),
        max_open_positions=least(one.max_open_positions, other.max_open_positions),
        max_orders_per_day=least(one.max_orders_per_day, other.max_orders_per_day),
        max_daily_loss=least(one.max_daily_loss, other.max_daily_loss),
        messages_per_minute=min(one.messages_per_minute, other.messages_per_minute),
        per_symbol=fewest(one.per_symbol, other.per_symbol),
        per_author=fewest(one.per_author, other.per_author),
        price_collar=_collar(one.price_collar, other.price_collar),
        max_spread=least(one.max_spread, other.max_spread),
        duplicate_window=max(one.duplicate_window, other.duplicate_window),
        repeats=either(one.repeats, other.repeats, _repeats),
    )


def _collar(one: HouseCollar, other: HouseCollar) -> HouseCollar:
    return HouseCollar(
        least(one.from_alert, other.from_alert),
        least(one.from_mid, other.from_mid),
        least(one.per_day, other.per_day),
        other.span,
    )


def _repeats(one: Repeats, other: Repeats) -> Repeats:
    return Repeats(min(one.times, other.times), max(one.within, other.within), other.span)


_COMPARED: Final = ("time_zone", "accounts", "people", "on_cannot_represent", "on_outage", "limits")


def _differences(one: object, other: object, path: str) -> Iterator[Loosening]:
    """Yield where two desks, or parts of them, differ; places in files do not count."""
    if isinstance(one, Span):
        return
    if isinstance(one, Desk):
        for name in _COMPARED:
            yield from _differences(getattr(one, name), getattr(other, name), name)
    elif is_dataclass(one) and type(one) is type(other):
        for field in fields(one):
            yield from _differences(getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}")
    elif isinstance(one, tuple) and isinstance(other, tuple):
        yield from _of_named(one, other, path)
    elif one != other:
        yield Loosening(path, _shown(one), _shown(other))


def _of_named(one: tuple[object, ...], other: tuple[object, ...], path: str) -> Iterator[Loosening]:
    before, after = _by_name(one), _by_name(other)
    for name in dict.fromkeys((*before, *after)):
        if name in before and name in after:
            yield from _differences(before[name], after[name], f"{path}.{name}")
        else:
            yield Loosening(f"{path}.{name}", _shown(before.get(name)), _shown(after.get(name)))


def _by_name(parts: tuple[object, ...]) -> dict[str, object]:
    return {part.name: part for part in parts if isinstance(part, Account | Person)}


def _shown(value: object) -> str:
    """Return a value on one line, the same for equal values."""
    shown = next((show(value) for kind, show in _SHOWN.items() if isinstance(value, kind)), None)
    return str(value) if shown is None else shown


def _person(person: Person) -> str:
    return f"{person.id} may {_shown(person.may)}"


def _account(account: Account) -> str:
    texts = (account.kind, account.broker, account.number_from, account.secret_from, account.token_from)
    return " ".join(filter(None, texts))


_SHOWN: Final[dict[type, Callable[..., str]]] = {
    type(None): lambda _: _NO_NAME,
    frozenset: lambda names: ", ".join(sorted(names)) or _NO_NAME,
    Decimal: lambda number: f"{number.normalize():f}",
    timedelta: lambda span: f"{span.total_seconds():g}s",
    Person: _person,
    Account: _account,
    Repeats: lambda rule: f"{rule.times} times within {rule.within.total_seconds():g}s",
}
