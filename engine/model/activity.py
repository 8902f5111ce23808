"""What has happened so far, as far as it bears on one alert: counts, results, similar openings, restrictions."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class TradingState(StrEnum):
    """What may be sent: everything; no openings; also no automatic closes."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class Scope(StrEnum):
    """What a restriction holds for."""

    ALL = "all"
    ACCOUNT = "account"
    PLAYBOOK = "playbook"
    AUTHOR = "author"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Restriction:
    """
    A trading state other than active that somebody, or the engine, has set.

    of: the account, playbook, author id or channel id it holds for; "" for all. by: who set it. why: one sentence.
    """

    state: TradingState
    scope: Scope
    of: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Activity:
    """
    What one scope (a playbook, a symbol, an author, the whole desk) has done.

    open_positions: None when fills are not known. openings: approved today, New York's day.
    profit: realised today, in dollars; negative is a loss; None when fills are not known.
    unpriced: positions closed today whose profit is not known, and so not in it.
    over_mid: dollars today's openings may pay beyond the mid.
    """

    open_positions: int | None = 0
    openings: int = 0
    profit: Decimal | None = Decimal(0)
    unpriced: int = 0
    over_mid: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SimilarOpening:
    """
    An earlier approved opening of the same underlying.

    contract: what exactly was opened, and on which side, as `engine.decide.ids.contract_key` writes it.
    """

    at: datetime
    playbook: str
    author_id: str
    message_id: str
    account: str
    contract: str


@dataclass(frozen=True, slots=True)
class History:
    """
    What has happened so far, counted for one alert.

    playbook, symbol, author: under the playbook that decides; the symbol is the alert's, the author its own.
    house, house_symbol, house_author: over all playbooks of the desk that trade in the same account; a playbook
    that only observes counts by itself.
    losses_in_a_row: of the playbook's closed positions, up to now. last_loss_at: None when there is none.
    similar: openings of the same underlying: those of this message, and those within the longest window that any
    limit asks for; oldest first.
    intents: keys of what was already approved for this message, closes too, by any version of the playbook.
    """

    playbook: Activity = Activity()
    symbol: Activity = Activity()
    author: Activity = Activity()
    house: Activity = Activity()
    house_symbol: Activity = Activity()
    house_author: Activity = Activity()
    losses_in_a_row: int = 0
    last_loss_at: datetime | None = None
    similar: tuple[SimilarOpening, ...] = ()
    intents: frozenset[str] = frozenset()
