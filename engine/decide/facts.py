"""What a decision rests on besides the playbook and the message: gathered before, logged with it."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.activity import History, Restriction
from engine.model.alert import Alert
from engine.model.market import AccountState, Market
from engine.model.position import Position
from engine.model.stages import Stage


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    The event of the same message before an edit or deletion.

    event: its number. alerts: what it was read as. intents: keys of the openings approved for it.
    """

    event: int
    alerts: tuple[Alert, ...]
    intents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """
    The facts about one alert of the message.

    market: of its underlying; None when not known. history: what happened so far; None when not known.
    """

    market: Market | None = None
    history: History | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """
    The facts of one decision.

    now: the time judged at: the clock live, the event's time plus a stated latency in a replay.
    content_hash: of the version of the playbook that decides.
    positions: what the author has open under this playbook, in any account; None when that is unknown.
    own_author_ids: the engine's own Discord accounts, whose posts are never alerts.
    earlier: None when no earlier event of the message is known.
    account: of the account openings are for; None when not known.
    restrictions: trading states other than active; None when they are not known.
    alerts: one for each alert of the reading, in order; an alert without one has no facts.
    assumed: names of the facts above that were assumed.
    stage: how far the version of the playbook has come for this message; None where nobody asks, as in a replay.
    """

    now: datetime
    content_hash: str
    positions: tuple[Position, ...] | None = None
    own_author_ids: frozenset[str] = frozenset()
    earlier: Earlier | None = None
    account: AccountState | None = None
    restrictions: tuple[Restriction, ...] | None = None
    alerts: tuple[AlertFacts, ...] = ()
    assumed: tuple[str, ...] = ()
    stage: Stage | None = None

    def about(self, index: int) -> AlertFacts:
        """Return the facts about one alert, by its index in the message."""
        return self.alerts[index] if index < len(self.alerts) else AlertFacts()
