"""Checks of the desk: people and accounts that do not exist, or stand for two."""

from collections.abc import Callable, Iterator
from typing import Final

from engine.model.desk import BrokerKind, Desk
from engine.model.errors import Issue
from engine.playbook.checked import unknown
from engine.playbook.section import Section

DeskCheck = Callable[[Desk, Section], Iterator[Issue]]


def one_person_each(desk: Desk, written: Section) -> Iterator[Issue]:
    """One Discord id is one person, or somebody could approve his own alert."""
    seen: dict[str, str] = {}
    for person in desk.people:
        first = seen.setdefault(person.id, person.name)
        if first != person.name:
            message = f"{first!r} and {person.name!r} have the same Discord id"
            yield Issue("duplicate_person", message, written.at("people", person.name, "discord"), "an id of their own")


def on_call_exists(desk: Desk, written: Section) -> Iterator[Issue]:
    """Those who are called are people of the desk."""
    names = [person.name for person in desk.people]
    for item in written.items("on_call"):
        if item.value not in names:
            yield unknown("unknown_person", "person", str(item.value), names, item.span)


def one_account_each(desk: Desk, written: Section) -> Iterator[Issue]:
    """Two aliases of one account would each count their own positions and messages."""
    seen: dict[str, str] = {}
    for account in desk.accounts:
        if not account.number_from:
            continue
        first = seen.setdefault(account.number_from, account.name)
        if first != account.name:
            message = f"{first!r} and {account.name!r} take their number from {account.number_from}"
            span = written.at("accounts", account.name, "number")
            yield Issue("duplicate_account", message, span, "a variable of its own")


def accounts_can_log_in(desk: Desk, written: Section) -> Iterator[Issue]:
    """An account at tastytrade needs to say where its number and secrets come from."""
    for account in desk.accounts:
        missing = [
            name
            for name, value in (("number", account.number_from), ("secrets", account.secret_from))
            if not value and account.broker is BrokerKind.TASTYTRADE
        ]
        if missing:
            message = f"{account.name!r} says nothing about {' and '.join(missing)}"
            span = written.section("accounts").key_span(account.name)
            yield Issue("cannot_log_in", message, span, "names of environment variables, or broker: paper")


DESK_CHECKS: Final[tuple[DeskCheck, ...]] = (one_person_each, on_call_exists, one_account_each, accounts_can_log_in)
