"""
The desk to go by, as a journal has it, before anything else of the journal is read.

What desk.yaml loosens, and no second person has agreed to, opens no other account and lets nobody in.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engine.journal.entry_bodies import manifest
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN, trade_body
from engine.model.desk import Desk
from engine.model.entry import EntryKind
from engine.model.errors import JournalError
from engine.plan.entries import DeskChanged
from engine.plan.loosening import DeskState

_NO_JOURNAL: Final = "journal_not_found"


@dataclass(frozen=True, slots=True)
class LastTraded:
    """
    What an engine went by when it was last up.

    desk: in force then; None when no engine ever traded. places: where its accounts led, as environments are named.
    """

    desk: Desk | None = None
    places: frozenset[str] = frozenset()


def last_traded(journal: Path) -> LastTraded:
    """Return what an engine last went by; nothing without a journal. Raises: JournalError."""
    last = LastTraded()
    try:
        for entry in read_entries(journal):
            if entry.run != RUN:
                continue
            if entry.kind is EntryKind.RUN_STARTED:
                last = replace(last, places=frozenset(place for _, place in manifest(entry.body).assumptions))
            elif entry.kind is EntryKind.DESK:
                body = trade_body(entry)
                last = replace(last, desk=body.desk) if isinstance(body, DeskChanged) else last
    except JournalError as error:
        if error.code != _NO_JOURNAL:
            raise
    return last


def desk_in_force(journal: Path, newest: Desk | None) -> Desk | None:
    """
    Return the desk to go by.

    newest: of the files; None when they cannot be read: then the one last in force counts, and so it does where the
    files are another desk's. None where there is neither. Raises: JournalError.
    """
    agreed = last_traded(journal).desk
    if agreed is None or newest is None or newest.name != agreed.name:
        return newest if agreed is None else agreed
    return DeskState(agreed).in_force(newest)[0]
