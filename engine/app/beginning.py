"""What a desk begins with: where its orders go, who decides, and what it found under way from before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.app.connections import Connections
from engine.app.stage_view import VersionRow, version_rows
from engine.app.trading import Parts
from engine.execute.rules import AccountDesk
from engine.model.desk import AccountKind
from engine.model.message import Message


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    How things stand before anything is taken or sent.

    destination: where orders go, in words. is_real_money: whether some of it is. versions: of playbooks, those that
    serve and those of the files. to_come, taken: how many messages are new, and how many were taken before.
    intents, orders: that have not come to their ends since the desk was last up; of orders, those that may still fill.
    restrictions: that are in force, in words.
    """

    desk: str
    home: Path
    destination: str
    is_real_money: bool
    versions: tuple[VersionRow, ...]
    to_come: int
    taken: int
    intents: int
    orders: int
    restrictions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountFound:
    """An account of the desk, as the first look at it found it. why: it does not answer, or takes no openings."""

    alias: str
    kind: AccountKind
    answers: bool
    why: str


def beginning(
    parts: Parts, connections: Connections, home: Path, messages: Sequence[Message], *, is_own: bool
) -> Beginning:
    """
    Return what a desk begins with, once it is restored from the journal.

    connections: of its accounts. messages: it is to take. is_own: whether accounts are at an exchange of this process.
    """
    slots = (slot for desk in parts.desks.values() for slot in desk.executor.slots.values())
    rulebook, so_far = parts.rulebook, parts.so_far
    taken = sum(map(so_far.so_far.is_done, messages))
    rows = version_rows(parts.staging, rulebook, so_far.versions)
    return Beginning(
        desk="" if rulebook.desk is None else rulebook.desk.name,
        home=home,
        destination="a local exchange of this process: no network, no money" if is_own else _destination(connections),
        is_real_money=not is_own and any(each.is_real_money for each in connections.environments.values()),
        versions=tuple(row for row in rows if row.is_newest or row.serves),
        to_come=len(messages) - taken,
        taken=taken,
        intents=sum(not flow.is_over for flow in parts.stager.flows.values()) + len(so_far.unplanned),
        orders=sum(not attempt.state.is_over for slot in slots for attempt in slot.attempts),
        restrictions=tuple(_restrictions(parts)),
    )


def accounts_found(parts: Parts, connections: Connections) -> tuple[AccountFound, ...]:
    """Return the accounts of a desk after the first look at each, those that cannot be reached too."""
    found = [_found(desk) for desk in parts.desks.values()]
    missing = connections.missing.values()
    return (*found, *(AccountFound(each.alias, each.kind, answers=False, why=each.message) for each in missing))


def _found(desk: AccountDesk) -> AccountFound:
    health = desk.executor.health
    return AccountFound(desk.alias, desk.kind, health.is_ready, health.why)


def _destination(connections: Connections) -> str:
    accesses = [connections.access(alias) for alias in connections.environments]
    if not accesses:
        return "nowhere: no account of the desk can be reached"
    urls = dict.fromkeys((each.environment.kind.value, each.destination.rest_url) for each in accesses)
    is_paper = all(each.environment.is_paper for each in accesses)
    where = "a local exchange, no money" if is_paper else "tastytrade"
    return f"{where}: {', '.join(f'{kind} {url}' for kind, url in urls)}"


def _restrictions(parts: Parts) -> Iterator[str]:
    in_force = parts.restrictions.in_force(parts.clock.now())
    if in_force is None:
        yield "the file of trading states cannot be read: nothing may open"
    for each in in_force or ():
        place = f"{each.scope.value} {each.of}".strip()
        yield f"{place} is {each.state.value}, by {each.by}: {each.why}"
