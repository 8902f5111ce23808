"""The run of a feed in the journal: which one it is, what it starts from, and where it goes on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from engine.app.live import WithoutRoom
from engine.app.manifest import manifest_of
from engine.app.run_so_far import RunSoFar
from engine.decide.book import Book, Fills
from engine.interpret.interpreter import Interpreter, OnClosed
from engine.journal.entry_bodies import Manifest, RulebookTexts, encoded
from engine.journal.log import JournalLog, read_entries
from engine.model.entry import Entry, EntryKind
from engine.model.errors import RunError
from engine.playbook.rulebook import Rulebook
from engine.replay.archive_files import ArchiveFile, archive_used
from engine.replay.assumptions import Assumptions

_SEGMENT_BYTES: Final = 64 * 1024 * 1024
_DIGITS: Final = 12
_USUAL: Final = Assumptions()


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """
    From what to feed, and into what.

    journal: its folder. database: the DuckDB file made of it. latency: from an event to its judgement. arguments: the
    command line, word by word. name: of the run; "" for one made of the archives and what is assumed.
    restarts: begins anew where a run of the name is there already. segment_bytes: how large a file of the journal
    grows.
    """

    journal: Path
    database: Path
    assumptions: Assumptions = _USUAL
    latency: timedelta = timedelta(seconds=1)
    arguments: tuple[str, ...] = ()
    name: str = ""
    restarts: bool = False
    segment_bytes: int = _SEGMENT_BYTES


class FeedRun:
    """
    One run in the journal it is written to (see live.Recovery).

    Attributes: so_far: what the journal held of it when this began; run: its name.
    """

    def __init__(
        self, log: JournalLog, rulebook: Rulebook, archives: Sequence[ArchiveFile], options: FeedOptions
    ) -> None:
        self._log = log
        self._rulebook = rulebook
        self._options = options
        self._manifest = manifest_of(
            "feed",
            rulebook,
            arguments=options.arguments,
            assumptions=options.assumptions.sentences(options.latency),
            archives=chain.from_iterable(map(archive_used, archives)),
        )
        self._name = options.name or _name(self._manifest)
        self.so_far = self._folded()
        if options.restarts and self.so_far.manifest is not None:
            self.so_far.begin_anew()
        self.run = self.so_far.run
        self._book: Book | None = self.so_far.book
        self._check_same()

    def begin(self, warn: Callable[[str], None]) -> None:
        """
        Write down what the run starts from, or goes on from where that is something else than before.

        warn: told what has changed. Raises: JournalError.
        """
        before, now = self.so_far.manifest, self._manifest
        if before is None or replace(before, arguments=()) != replace(now, arguments=()):
            self._log.append(EntryKind.RUN_STARTED, self.run, encoded(now))
            for sentence in _changes(before, now):
                warn(sentence)
        if now.rulebook not in self.so_far.texts:
            texts = RulebookTexts(now.rulebook, tuple(self._rulebook.texts.items()))
            self._log.append(EntryKind.TEXTS, self.run, encoded(texts))
        self._log.sync()

    def interpreter(self, on_closed: OnClosed) -> Interpreter:
        """Return an interpreter that knows what the journal holds of the run, and nothing else."""
        sources = self._options.assumptions.sources(self._options.latency, frozenset())
        guarded = replace(sources, restrictions=WithoutRoom(sources.restrictions, self._log))
        # The fold this began with is good once; from then on decisions change its book.
        book, self._book = self._book or self._folded().book, None
        return Interpreter(self._rulebook, guarded, book, on_closed)

    def written_after(self, seq: int) -> Iterator[Entry]:
        """Yield the run's decisions behind an entry."""
        for entry in read_entries(self._options.journal, seq):
            if entry.run == self.run and entry.kind is EntryKind.DECIDED:
                yield entry

    def _folded(self) -> RunSoFar:
        so_far = RunSoFar(self._name, self._rulebook, self._new_book)
        so_far.fold(read_entries(self._options.journal))
        return so_far

    def _new_book(self) -> Book:
        switches = self._options.assumptions.switches
        return Book(Fills.ASSUMED if "fills" in switches else Fills.UNKNOWN, expires_worthless="expiry" in switches)

    def _check_same(self) -> None:
        before, now = self.so_far.manifest, self._manifest
        if before is None:
            return
        if before.archives != now.archives:
            what = "other archives"
        elif before.assumptions != now.assumptions:
            what = "other assumptions"
        else:
            return
        remedy = "name another run, or begin this one anew with --restart"
        raise RunError("feed_differs", f"the run {self.run} was begun with {what}", remedy)


def _name(manifest: Manifest) -> str:
    based_on = encoded(Manifest("", "", "", "", archives=manifest.archives, assumptions=manifest.assumptions))
    return f"feed-{sha256(based_on).hexdigest()[:_DIGITS]}"


def _changes(before: Manifest | None, now: Manifest) -> Iterator[str]:
    """Yield what has changed since a run was last under way."""
    if before is None:
        return
    if before.code != now.code or before.engine_version != now.engine_version:
        yield f"the engine has changed since {before.engine_version}: {now.engine_version} decides from here on"
    if before.rulebook != now.rulebook:
        changed = sorted({name for name, _ in set(before.playbooks) ^ set(now.playbooks)})
        what = f"playbooks have changed since: {', '.join(changed)}" if changed else "files have changed, no rule has"
        yield f"{what}; the new ones decide from here on"
