"""Messages that say nothing to a playbook: when they were read, and why nothing was found in them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

from engine.decide.record import Record
from engine.journal.entry_bodies import decided
from engine.journal.reading import read_entries
from engine.journal.trade_answers import IgnoredSeen
from engine.journal.trade_queries import TradeQueries
from engine.model.entry import EntryKind
from engine.model.errors import JournalError


@dataclass(frozen=True, slots=True)
class Ignored(IgnoredSeen):
    """A message event that said nothing to a playbook, with what only the journal keeps of it, if that is there."""

    detail: str = ""
    text: str = ""
    read_at: datetime | None = None


def ignored_by(queries: TradeQueries, journal: Path | None, message_id: str) -> tuple[Ignored, ...]:
    """
    Return which playbooks found nothing in a message, by its events.

    journal: the folder to look for the rest in; None for nowhere. Raises: StoreError.
    """
    seen = queries.ignored(message_id)
    known = {}
    if seen and journal is not None:
        with suppress(JournalError):  # what the file says is worth showing without it
            known = {(each.message.event, each.decision.playbook): each for each in _records(journal, message_id)}
    rows = ((each, known.get((each.event, each.playbook))) for each in seen)
    return tuple(Ignored(*astuple(each), *(() if record is None else _more(record))) for each, record in rows)


def _more(record: Record) -> tuple[str, str, datetime]:
    return record.decision.outcomes[0].detail, record.decision.text, record.decision.now


def _records(journal: Path, message_id: str) -> Iterator[Record]:
    """Yield what was decided about a message, in the order of the journal. Raises: JournalError."""
    written = message_id.encode()
    for entry in read_entries(journal):
        if entry.kind is EntryKind.DECIDED and written in entry.body:  # to decode each would take far longer
            yield from (record for record in decided(entry.body).records if record.message.id == message_id)
