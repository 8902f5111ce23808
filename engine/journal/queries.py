"""Questions to a file of runs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from engine.decide.record import Record
from engine.journal.live_queries import readable
from engine.journal.rows import DECISION_COLUMNS, Row, decisions_of, moment, records_of
from engine.journal.run_rows import ChatterRow, DecisionFilter, DecisionRow, RunRow
from engine.journal.sql_rows import SqlRows
from engine.journal.trade_queries import TradeQueries
from engine.model.decision import Decision
from engine.model.errors import StoreError
from engine.model.run import ArchiveUsed, RunCounts, RunKind, RunStatus

NameColumn = Literal["playbook", "author_id", "author_name", "rule"]

_MISSED: Final = "is_order_shaped and verdict <> 'approved'"
_RUNS: Final = """
    select
        run_id, kind, name, status, epoch_us(started_at), epoch_us(finished_at), engine_version, arguments,
        assumptions, archives, coalesce(messages, 0), coalesce(unwatched, 0), coalesce(bad_rows, 0),
        coalesce(skipped_system, 0), error, dropped_at is not null
    from runs
"""
_LIST: Final = """
    select
        coalesce(decision_id, ''), message_id, event, alert_index, playbook, channel_id, author_id, author_name,
        epoch_us(posted_at), verdict, reason, rule, detail, place, coalesce(text, ''), nearest, is_order_shaped,
        coalesce(action, ''), coalesce(symbol, '')
    from outcomes
"""
_DECISION: Final = f"""
    select {DECISION_COLUMNS} from decisions
    where run_id = $run and (message_id = $id or (length($id) >= $short and starts_with(decision_id, $id)))
    order by event, playbook, decision_id, alert_index
"""
_CHATTER: Final = """
    select c.message_id::varchar, event, playbook, channel_id, c.author_id::varchar, coalesce(name, ''),
        epoch_us(posted_at), reason
    from chatter c left join authors using (run_id, author_id)
    where run_id = $run and message_id = try_cast($id as bigint)
"""
# A page of whole decisions; `rowid` follows the order they were written in.
_PAGE: Final = f"""
    select {DECISION_COLUMNS}, rowid from decisions
    where run_id = $run and rowid > $after order by rowid limit $limit
"""
_CHATTER_PAGE: Final = """
    select message_id::varchar, event, playbook, channel_id, author_id::varchar, '', epoch_us(posted_at), reason, rowid
    from chatter where run_id = $run and rowid > $after order by rowid limit $limit
"""
_PAGE_ROWS: Final = 1_000
_TEXTS: Final = """
    select file, text from rulebook_texts
    where run_id = $run and rulebook = (
        select last(rulebook order by rowid) from rulebook_texts
        where run_id = $run and starts_with(rulebook, $rulebook)
    )
    order by rowid
"""
_archives: Final = msgspec.json.Decoder(tuple[ArchiveUsed, ...]).decode
_words: Final = msgspec.json.Decoder(tuple[str, ...]).decode
# Conditions by the field of DecisionFilter that asks for them.
_CONDITIONS: Final = {
    "playbook": "playbook = $playbook",
    "author": "(author_id = $author or lower(author_name) = lower($author))",
    "verdict": "verdict = $verdict",
    "reason": "(reason = $reason or rule = $reason)",
    "symbol": "symbol = upper($symbol)",
    "text": "contains(lower(text), lower($text))",
}
# So many characters of a decision's id stand for it.
_SHORT_ID: Final = 8


@contextmanager
def open_runs(path: Path) -> Iterator["RunLog"]:
    """
    Open a file of runs for reading; while another process writes it, that one is asked.

    Raises: StoreError.
    """
    with readable(path) as rows:
        yield RunLog(rows, path)


class RunLog:
    """The runs of a file. Every method raises StoreError when the file cannot be read."""

    def __init__(self, rows: SqlRows, path: Path) -> None:
        self._rows = rows
        self._path = path

    @property
    def trading(self) -> TradeQueries:
        """What became of approved outcomes."""
        return TradeQueries(self._rows)

    def runs(self) -> tuple[RunRow, ...]:
        """Return all runs, the newest first, whatever became of them."""
        return tuple(map(_run, self._ask(f"{_RUNS} order by run_id desc")))

    def run(self, run_id: int | None = None) -> RunRow:
        """
        Return one run, whatever became of it.

        Without a number the newest that can be relied on: a finished replay, or what a feed has decided so far.
        """
        if run_id is None:
            rows = self._ask(f"{_RUNS} where status = 'finished' or kind <> 'replay' order by run_id desc limit 1")
        else:
            rows = self._ask(f"{_RUNS} where run_id = $run", run=run_id)
        if not rows:
            raise self._no_run(run_id)
        return _run(rows[0])

    def decisions(self, run_id: int, wanted: DecisionFilter | None = None) -> tuple[DecisionRow, ...]:
        """Return the outcomes asked for, newest first."""
        wanted = wanted or DecisionFilter()
        given = {field: getattr(wanted, field) for field in _CONDITIONS if getattr(wanted, field) is not None}
        conditions = ["run_id = $run", *(_CONDITIONS[field] for field in given)]
        if wanted.missed_only:
            conditions.append(_MISSED)
        if not wanted.with_chatter:
            conditions.append("decision_id is not null")
        order = "posted_at desc, length(message_id) desc, message_id desc, event desc, playbook, alert_index"
        query = f"{_LIST} where {' and '.join(conditions)} order by {order} limit $limit"
        rows = self._ask(query, run=run_id, limit=wanted.limit, **given)
        return tuple(DecisionRow(*_with_moment(row, 8)) for row in rows)

    def names(self, run_id: int, column: NameColumn) -> tuple[str, ...]:
        """Return what a column of a run's outcomes holds, each once, in order."""
        rows = self._ask(
            f"select distinct {column} from outcomes where run_id = $run and {column} <> '' order by 1", run=run_id
        )
        return tuple(name for (name,) in rows)

    def decision(self, run_id: int, wanted: str) -> tuple[Decision | ChatterRow, ...]:
        """
        Return what was decided about a message, by every playbook that saw it, exactly as it was logged.

        wanted: the message's id, or a decision's id or its first 8 characters or more.
        """
        rows = self._ask(_DECISION, run=run_id, id=wanted, short=_SHORT_ID)
        chatter = self._ask(_CHATTER, run=run_id, id=wanted)
        try:
            whole = tuple(decisions_of(rows))
        except ValueError as e:
            raise self._too_new(e) from e
        return (*whole, *(ChatterRow(*_with_moment(row, 6)) for row in chatter))

    def records(self, run_id: int) -> Iterator[Record]:
        """
        Yield every decision of a run but chatter, with the message and the facts it rests on, as it was logged.

        Raises: StoreError; also for a run of a version that did not log the facts.
        """
        try:
            yield from records_of(self._all_rows(run_id))
        except ValueError as e:
            raise self._too_new(e) from e

    def chatter(self, run_id: int) -> Iterator[ChatterRow]:
        """Yield all chatter of a run, the names of authors left out."""
        after = -1
        while rows := self._ask(_CHATTER_PAGE, run=run_id, after=after, limit=_PAGE_ROWS):
            yield from (ChatterRow(*_with_moment(row[:-1], 6)) for row in rows)
            after = rows[-1][-1]

    def texts(self, run_id: int, rulebook: str = "") -> dict[str, str]:
        """
        Return the files of a rulebook that decided in a run, name → text, in the order they were loaded.

        rulebook: the beginning of its hash; of the last one when left out. Empty for a run that logged none.
        """
        return dict(self._ask(_TEXTS, run=run_id, rulebook=rulebook))

    def _all_rows(self, run_id: int) -> Iterator[Row]:
        after = -1
        while rows := self._ask(_PAGE, run=run_id, after=after, limit=_PAGE_ROWS):
            if rows[0][-2] is None:
                message = f"run {run_id} of {self._path} was written before facts were logged"
                raise StoreError("run_without_facts", message, "replay the archives again")
            yield from (row[:-1] for row in rows)
            after = rows[-1][-1]

    def _too_new(self, error: ValueError) -> StoreError:
        message = f"{self._path} holds a decision this version does not know how to read: {error}"
        return StoreError("store_too_new", message, "read it with the version that wrote it")

    def _no_run(self, run_id: int | None) -> StoreError:
        wanted = "no finished run" if run_id is None else f"no run {run_id}"
        known = ", ".join(f"{run.run_id} ({run.status})" for run in self.runs()[:10]) or "none"
        return StoreError("run_not_found", f"there is {wanted} in {self._path}", f"runs there are: {known}")

    def _ask(self, sql: str, **values: Any) -> list[Row]:  # noqa: ANN401
        return self._rows.query(sql, values)


def _with_moment(row: Row, index: int) -> Row:
    return (*row[:index], moment(row[index]), *row[index + 1 :])


def _run(row: Row) -> RunRow:
    run_id, kind, name, status, started, finished, version, arguments, assumptions, archives, *rest = row
    *counts, error, is_dropped = rest
    return RunRow(
        run_id=run_id,
        status=RunStatus(status),
        started_at=moment(started),
        finished_at=None if finished is None else moment(finished),
        engine_version=version,
        arguments=_words(arguments),
        assumptions=tuple((name, value) for name, value in json.loads(assumptions)),
        archives=_archives(archives),
        counts=RunCounts(*counts),
        error=error,
        kind=RunKind(kind),
        name=name,
        is_dropped=is_dropped,
    )
