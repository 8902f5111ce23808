"""Puts what belongs to one run into its tables; the same for a replay and for what the journal holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import pyarrow as pa

from engine.decide.record import Record
from engine.journal.buffers import Buffers
from engine.journal.entry_bodies import rulebook_hash
from engine.journal.rows import DecisionRows, chatter_row, is_chatter, is_number
from engine.journal.stored_json import as_json
from engine.journal.tables import TABLES
from engine.model.chatter import ChatterBatch
from engine.model.decision import Reason
from engine.model.errors import StoreError
from engine.model.run import RunCounts, RunStart, RunStatus

_REPORT: Final = "this is a fault of signalbook; please report it"


class RunTables:
    """
    Gathers the rows of one run.

    authors: ids of those whose names the file has already.
    """

    def __init__(self, buffers: Buffers, run_id: int, authors: Iterable[int] = ()) -> None:
        self.run_id = run_id
        self._buffers = buffers
        self._authors = set(authors)
        self._decisions = DecisionRows()

    def start(self, start: RunStart, at: datetime, name: str = "") -> None:
        """Add what the run starts from. name: its own in the journal, "" for a replay."""
        arguments, assumptions = as_json(start.arguments), as_json(start.assumptions)
        version, archives = start.engine_version, as_json(start.archives)
        self._buffers.add(
            "run_starts", (self.run_id, at, version, arguments, assumptions, archives, start.kind.value, name)
        )
        for playbook in start.playbooks:
            row = (self.run_id, playbook.name, playbook.content_hash, playbook.file, playbook.text)
            self._buffers.add("playbook_versions", row)
        if start.texts:
            self.texts(dict(start.texts))

    def texts(self, files: Mapping[str, str]) -> None:
        """Add the files of a rulebook, in the order they are loaded."""
        rulebook = rulebook_hash(files)
        for file, text in files.items():
            self._buffers.add("rulebook_texts", (self.run_id, rulebook, file, text))

    def decide(self, record: Record) -> None:
        """Add a decision, or what little is kept of chatter."""
        decision = record.decision
        if is_chatter(decision):
            self._buffers.add("chatter", chatter_row(self.run_id, decision))
            self._name(int(decision.author_id), decision.author_name)
            return
        try:
            for row in self._decisions.of(self.run_id, record):
                self._buffers.add("decisions", row)
        except UnicodeEncodeError as error:
            message = f"message {decision.message_id} holds what no file can: {error}"
            raise StoreError("store_failed", message, _REPORT) from error

    def chatter(self, batch: ChatterBatch) -> None:
        """Add many messages that say nothing."""
        given = pa.table(batch.columns)
        count = given.num_rows
        constant = {
            "run_id": self.run_id,
            "playbook": batch.playbook,
            "channel_id": batch.channel_id,
            "event": 1,
            "reason": Reason.NOT_AN_ALERT.value,
        }
        columns = [
            pa.repeat(pa.scalar(constant[field.name], field.type), count)
            if field.name in constant
            else given.column(field.name).cast(field.type)
            for field in TABLES["chatter"]
        ]
        self._buffers.add_columns("chatter", pa.Table.from_arrays(columns, schema=TABLES["chatter"]))

    def name_authors(self, names: Mapping[str, str]) -> None:
        """Add the names of those who chat, by id; the first name of an id stays."""
        for author_id, name in names.items():
            if is_number(author_id):
                self._name(int(author_id), name)

    def end(self, at: datetime, counts: RunCounts, status: RunStatus = RunStatus.FINISHED, error: str = "") -> None:
        """Add how the run ended."""
        row = (counts.messages, counts.unwatched, counts.bad_rows, counts.skipped_system)
        self._buffers.add("run_ends", (self.run_id, at, status.value, error, *row))

    def _name(self, author_id: int, name: str) -> None:
        if author_id not in self._authors:
            self._authors.add(author_id)
            self._buffers.add("authors", (self.run_id, author_id, name))
