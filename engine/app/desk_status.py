"""How a desk stands, as `signalbook status` shows it when its engine does not say it itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.app.order_text import order_text
from engine.app.trading_state import Restrictions
from engine.lifecycle.slot import Slot


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """
    One account. environment: "" when not known. is_ready: whether openings may go there; None when not known.

    why: it is not, or what happened there last.
    """

    alias: str
    environment: str
    is_ready: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """An order whose last word is not spoken. id: its client id. opens: whether it opens a position."""

    account: str
    id: str
    what: str
    state: str
    opens: bool


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """How far a version of a playbook has come."""

    playbook: str
    content_hash: str
    stage: str


@dataclass(frozen=True, slots=True)
class JournalStatus:
    """seq: the last entry. can_open: whether there is room for what openings write; None when not known."""

    seq: int = 0
    can_open: bool | None = None


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """seq: the last entry whose rows are in the DuckDB file; None when not known, or there is no file. problem: why."""

    seq: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """
    How a desk stands. in_force: None when that cannot be read, so that nothing may open.

    since: when the engine began; None when none runs. waiting: openings that wait for a person.
    problems: what could not be found out, as sentences.
    """

    since: datetime | None
    in_force: Restrictions | None
    accounts: tuple[AccountStatus, ...] = ()
    orders: tuple[OrderStatus, ...] = ()
    stages: tuple[VersionStatus, ...] = ()
    waiting: int = 0
    journal: JournalStatus = JournalStatus()
    database: DatabaseStatus = DatabaseStatus()
    problems: tuple[str, ...] = ()


def order_statuses(account: str, slots: Iterable[Slot]) -> Iterator[OrderStatus]:
    """Yield the orders of an account whose last word is not spoken."""
    for slot in slots:
        for attempt in slot.attempts:
            if not attempt.is_settled:
                opens = any(leg.action.opens for leg in attempt.order.legs)
                yield OrderStatus(account, attempt.client_id, order_text(attempt.order), attempt.state.value, opens)
