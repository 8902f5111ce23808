"""Questions to a file of replay runs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from engine.journal.database import Connection, open_database, translated
from engine.journal.plain import tuple_from_text
from engine.journal.rows import DECISION_QUERY, Row, decisions_of, moment
from engine.journal.run_rows import ChatterRow, DecisionFilter, DecisionRow, RunRow
from engine.model.decision import Decision
from engine.model.errors import StoreError
from engine.model.run import ArchiveUsed, RunCounts, RunStatus

NameColumn = Literal["playbook", "author_id", "author_name", "rule"]

_MISSED: Final = "is_order_shaped and verdict <> 'approved'"
_RUNS: Final = """
    select
        run_id, status, epoch_us(started_at), epoch_us(finished_at), engine_version, arguments, assumptions,
        archives, coalesce(messages, 0), coalesce(unwatched, 0), coalesce(bad_rows, 0),
        coalesce(skipped_system, 0), error
    from runs
"""
_LIST: Final = """
    select
        coalesce(decision_id, ''), message_id, event, alert_index, playbook, channel_id, author_id, author_name,
        epoch_us(posted_at), verdict, reason, rule, detail,
        coalesce(playbook_file || ':' || playbook_line || ':' || playbook_column, ''), coalesce(text, ''),
        nearest, is_order_shaped, coalesce(action, ''), coalesce(symbol, '')
    from outcomes
"""
_CHATTER: Final = """
    select message_id, event, playbook, channel_id, author_id, author_name, epoch_us(posted_at), reason
    from chatter where run_id = $run and message_id = $id
"""
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
    Open a file of replay runs for reading: any number of programs at once, but none while one writes.

    Raises: StoreError.
    """
    connection = open_database(path, read_only=True)
    try:
        yield RunLog(connection, path)
    finally:
        connection.close()


class RunLog:
    """The runs of a file. Every method raises StoreError when the file cannot be read."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def runs(self) -> tuple[RunRow, ...]:
        """Return all runs, the newest first, whatever became of them."""
        return tuple(map(_run, self._ask(f"{_RUNS} order by run_id desc")))

    def run(self, run_id: int | None = None) -> RunRow:
        """Return one run, whatever became of it; without a number the newest finished one."""
        if run_id is None:
            rows = self._ask(f"{_RUNS} where status = 'finished' order by run_id desc limit 1")
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
        query = f"""
            {DECISION_QUERY}
            where run_id = $run and (d.message_id = $id or (length($id) >= $short and starts_with(decision_id, $id)))
            order by d.event, d.playbook, decision_id, alert_index
        """
        rows = self._ask(query, run=run_id, id=wanted, short=_SHORT_ID)
        chatter = self._ask(_CHATTER, run=run_id, id=wanted)
        try:
            whole = decisions_of(rows)
        except (TypeError, ValueError) as e:
            message = f"{self._path} holds a decision this version does not know how to read: {e}"
            raise StoreError("store_too_new", message, "read it with the version that wrote it") from e
        return (*whole, *(ChatterRow(*_with_moment(row, 6)) for row in chatter))

    def _no_run(self, run_id: int | None) -> StoreError:
        wanted = "no finished run" if run_id is None else f"no run {run_id}"
        known = ", ".join(f"{run.run_id} ({run.status})" for run in self.runs()[:10]) or "none"
        return StoreError("run_not_found", f"there is {wanted} in {self._path}", f"runs there are: {known}")

    def _ask(self, query: str, **values: Any) -> list[Row]:  # noqa: ANN401
        with translated(self._path):
            return self._connection.execute(query, values).fetchall()


def _with_moment(row: Row, index: int) -> Row:
    return (*row[:index], moment(row[index]), *row[index + 1 :])


def _run(row: Row) -> RunRow:
    run_id, status, started, finished, version, arguments, assumptions, archives, *counts, error = row
    return RunRow(
        run_id=run_id,
        status=RunStatus(status),
        started_at=moment(started),
        finished_at=None if finished is None else moment(finished),
        engine_version=version,
        arguments=tuple_from_text(str, arguments),
        assumptions=tuple((name, value) for name, value in json.loads(assumptions)),
        archives=tuple_from_text(ArchiveUsed, archives),
        counts=RunCounts(*counts),
        error=error,
    )
