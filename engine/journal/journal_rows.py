"""Entries of the journal as rows: the same rows, whenever and in whatever batches they are taken in."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from engine.journal.buffers import Buffers
from engine.journal.database import Connection, translated
from engine.journal.entry_bodies import Manifest, decided, manifest, rulebook_texts, run_ended
from engine.journal.reading import read_entries
from engine.journal.retention_bodies import Retention, retention
from engine.journal.rows import closed_row
from engine.journal.run_tables import RunTables
from engine.journal.trade_log import TRADE_KINDS, trade_body
from engine.journal.trade_rows import TradeRows
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.position import Closed
from engine.model.run import PlaybookVersion, RunCounts, RunKind, RunStart
from engine.plan.entries import PositionsClosed

_KNOWN_RUN: Final = "select run_id from run_starts where name = ?"
_LAST_RUN: Final = "select coalesce(max(run_id), 0) from run_starts"
_AUTHORS: Final = "select author_id from authors where run_id = ?"
_RULEBOOKS: Final = "select distinct rulebook from rulebook_texts where run_id = ?"


class JournalRows:
    """
    Takes entries in, in their order.

    gone: names of runs whose rows are not made, because a later entry drops them. is_anew: the file is empty.
    """

    def __init__(  # noqa: PLR0913 - what one file and one journal are reached by
        self,
        connection: Connection,
        path: Path,
        journal: Path,
        buffers: Buffers,
        gone: frozenset[str] = frozenset(),
        *,
        is_anew: bool = False,
    ) -> None:
        self._connection = connection
        self._path = path
        self._journal = journal
        self._buffers = buffers
        self._gone = gone
        self._runs: dict[str, RunTables] = {}
        self._rulebooks: dict[str, set[str]] = {}
        self._trades = TradeRows(buffers, self._ask, is_anew=is_anew)
        self._take: Mapping[EntryKind, Callable[[Entry], None]] = {
            EntryKind.RUN_STARTED: self._start,
            EntryKind.TEXTS: self._texts,
            EntryKind.DECIDED: self._decided,
            EntryKind.RUN_ENDED: self._end,
            EntryKind.RETENTION: self._drop,
            **dict.fromkeys(TRADE_KINDS, self._trade),
            EntryKind.CLOSED: self._closed,
        }

    def take(self, entry: Entry) -> None:
        """Gather the rows of one entry. Raises: JournalError, StoreError."""
        take = self._take.get(entry.kind)
        if take is not None:
            take(entry)

    def _start(self, entry: Entry) -> None:
        body = manifest(entry.body)
        if self._known(entry.run) is None:
            self._begin(entry, body)
        if body.rulebook and not self._is_gone(entry.run) and body.rulebook not in self._rulebooks[entry.run]:
            self._add_rulebook(entry, body.rulebook)

    def _begin(self, entry: Entry, body: Manifest) -> None:
        [(last,)] = self._ask(_LAST_RUN)
        number = 1 + max(last, *(run.run_id for run in self._runs.values()), 0)
        run = self._runs[entry.run] = RunTables(self._buffers, number)
        self._rulebooks[entry.run] = set()
        start = RunStart(
            engine_version=body.engine_version,
            arguments=body.arguments,
            assumptions=body.assumptions,
            archives=body.archives,
            playbooks=() if self._is_gone(entry.run) else _versions(body),
            kind=RunKind(body.source),
        )
        run.start(start, entry.at, entry.run)

    def _texts(self, entry: Entry) -> None:
        body = rulebook_texts(entry.body)
        if not self._is_gone(entry.run):
            self._add_texts(entry.run, body.rulebook, dict(body.files))

    def _add_rulebook(self, entry: Entry, rulebook: str) -> None:
        """A rulebook is written once for a whole journal: one that an earlier run had stands further up."""
        for earlier in read_entries(self._journal):
            if earlier.seq >= entry.seq:
                return
            if earlier.kind is EntryKind.TEXTS:
                body = rulebook_texts(earlier.body)
                if body.rulebook == rulebook:
                    self._add_texts(entry.run, rulebook, dict(body.files))
                    return

    def _add_texts(self, name: str, rulebook: str, files: Mapping[str, str]) -> None:
        run = self._run(name)
        if rulebook not in self._rulebooks[name]:
            self._rulebooks[name].add(rulebook)
            run.texts(files)

    def _decided(self, entry: Entry) -> None:
        if self._is_gone(entry.run):
            return
        run, body = self._run(entry.run), decided(entry.body)
        for record in body.records:
            run.decide(record)
            if any(outcome.intent_key for outcome in record.decision.outcomes):
                decision = record.decision
                row = (run.run_id, entry.seq, entry.at, decision.decision_id, decision.message_id, decision.event)
                self._buffers.add("journaled_decisions", row)
        self._close(run, body.closed)

    def _close(self, run: RunTables, closed: Iterable[Closed]) -> None:
        for each in closed:
            self._buffers.add("closed_positions", closed_row(run.run_id, each))

    def _closed(self, entry: Entry) -> None:
        body = trade_body(entry)
        if isinstance(body, PositionsClosed) and not self._is_gone(entry.run):
            self._close(self._run(entry.run), body.closed)

    def _trade(self, entry: Entry) -> None:
        run = self._known(entry.run) if entry.run else None
        self._trades.take(entry, 0 if run is None else run.run_id)

    def _end(self, entry: Entry) -> None:
        body = run_ended(entry.body)
        if not self._is_gone(entry.run):
            self._close(self._run(entry.run), body.closed)
        counts = RunCounts(body.messages, body.unwatched, body.bad_rows, body.skipped_system)
        self._run(entry.run).end(entry.at, counts)

    def _drop(self, entry: Entry) -> None:
        body: Retention = retention(entry.body)
        for dropped in body.dropped:
            if body.is_live and (run := self._known(dropped.name)) is not None:
                self._buffers.add("dropped_runs", (run.run_id, entry.at, dropped.rows, dropped.folder, dropped.sha256))

    def _is_gone(self, name: str) -> bool:
        return name in self._gone

    def _run(self, name: str) -> RunTables:
        run = self._known(name)
        if run is None:
            message = f"the journal in {self._journal} decides in a run {name} that it does not begin"
            raise JournalError("journal_damaged", message, "run signalbook journal verify")
        return run

    def _known(self, name: str) -> RunTables | None:
        if name not in self._runs:
            rows = self._ask(_KNOWN_RUN, name)
            if not rows:
                return None
            [(number,)] = rows
            authors = [author for (author,) in self._ask(_AUTHORS, number)]
            self._runs[name] = RunTables(self._buffers, number, authors)
            self._rulebooks[name] = {rulebook for (rulebook,) in self._ask(_RULEBOOKS, number)}
        return self._runs[name]

    def _ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with translated(self._path):
            return self._connection.execute(sql, list(values)).fetchall()


def _versions(body: Manifest) -> tuple[PlaybookVersion, ...]:
    """The files of these are among the texts of the rulebook."""
    return tuple(PlaybookVersion(name, content_hash, "", "") for name, content_hash in body.playbooks)
