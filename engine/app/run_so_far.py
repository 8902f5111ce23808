"""
What the journal says of a run so far: a fold over its entries.

It is the only way to the state of a run, at a first start, after a crash and after a failed write alike.
"""

from collections.abc import Callable, Iterable

from engine.app.deciding_tally import DecidingTally
from engine.app.served_so_far import RulebooksSoFar, ServedSoFar
from engine.app.serving import Served
from engine.decide.book import Book
from engine.decide.record import Record
from engine.journal.entry_bodies import Manifest, decided
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.message import Message
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.event_time import moment_of
from engine.replay.spool import Moment

_Event = tuple[str, str, int]


class RunSoFar:
    """
    The newest run of a name; those begun anew are called NAME.2, NAME.3 and so on.

    name: of the first of them. rulebook: what is loaded now, so that it need not be loaded again.
    new_book: makes the book its decisions are folded into.
    Attributes: run: the whole name. book, tally: what its decisions make. is_ended: it went through.
    """

    def __init__(self, name: str, rulebook: Rulebook, new_book: Callable[[], Book]) -> None:
        self._name = name
        self._new_book = new_book
        self._rulebooks = RulebooksSoFar(rulebook)
        self._begin(name)

    @property
    def manifest(self) -> Manifest | None:
        """What the run last started from; None before it has."""
        return self._served.manifest

    @property
    def served(self) -> Served:
        """Who decides next. Raises: JournalError, when the journal does not hold the rulebook."""
        served = self._served.now()
        if served is None:
            digest = "" if self.manifest is None else self.manifest.rulebook
            message = f"the journal holds no playbooks {digest[:12]}, by which {self.run} was decided"
            raise JournalError("journal_damaged", message, "run signalbook journal verify")
        return served

    @property
    def texts(self) -> frozenset[str]:
        """The hashes of all rulebooks the journal holds."""
        return frozenset(self._rulebooks.texts)

    def fold(self, entries: Iterable[Entry]) -> None:
        """
        Take in entries, in the order of the journal.

        Raises: JournalError.
        """
        for entry in entries:
            if entry.kind is EntryKind.TEXTS:
                self._rulebooks.take(entry)
            elif (number := self._number(entry.run)) > self._number(self.run):
                self._begin(entry.run)
                self._take(entry)
            elif number == self._number(self.run):
                self._take(entry)

    def begin_anew(self) -> None:
        """Leave this run as it is for the next one of its name."""
        self._begin(f"{self._name}.{self._number(self.run) + 1}")

    def is_done(self, message: Message) -> bool:
        """Whether a message event needs no decision any more: it has one, or nobody listened when it was passed."""
        if _event(message) in self._done:
            return True
        if self._last is None or self.manifest is None or moment_of(message) > self._last:
            return False
        served, place = self.served, (message.channel_id, message.parent_channel_id)
        return not served.production.by_channel(*place) and not served.candidates.by_channel(*place)

    def note(self, message: Message) -> None:
        """Take note of a message event that is decided and in the journal, without folding its decisions again."""
        self._done.add(_event(message))

    def _begin(self, run: str) -> None:
        self.run = run
        self._served = ServedSoFar(self._rulebooks)
        self.book = self._new_book()
        self.tally = DecidingTally()
        self.is_ended = False
        self._done: set[_Event] = set()
        self._last: Moment | None = None

    def _number(self, run: str) -> int:
        """Return which run of the name it is, from 1; 0 for one of another name."""
        if run == self._name:
            return 1
        number = run.removeprefix(f"{self._name}.")
        return int(number) if number != run and number.isdecimal() else 0

    def _take(self, entry: Entry) -> None:
        if entry.kind is EntryKind.RUN_ENDED:
            self.is_ended = True
        elif entry.kind is EntryKind.DECIDED:
            self._take_records(decided(entry.body).records)
        else:
            self._served.take(entry)

    def _take_records(self, records: tuple[Record, ...]) -> None:
        message = records[0].message
        self._done.add(_event(message))
        moment = moment_of(message)
        self._last = moment if self._last is None else max(self._last, moment)
        self.tally.add(records)
        self.book.expire(records[0].facts.now)
        for record in records:
            self.book.record(record, self.decided_by(record).terms.at(record.facts.stage))

    def decided_by(self, record: Record) -> LivePlaybook:
        """Return the version that made the last decision, as it decides; to be asked while the journal is folded."""
        live = self._served.version_of(record, self.served)
        if live is None:
            message = f"{self.run} was decided by a playbook {record.decision.playbook} that this version cannot load"
            raise JournalError("journal_too_new", message, "go on with the version that wrote it, or --restart")
        return live


def _event(message: Message) -> _Event:
    return message.channel_id, message.id, message.event
