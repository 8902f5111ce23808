"""The named questions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.decide.record import Record
from engine.journal.dashboards import DASHBOARDS, ask
from engine.journal.live_queries import SocketRows, readable
from engine.journal.sql_rows import SqlRows
from engine.journal.store import DuckStore
from engine.model.decision import Outcome, Reason, Size, Verdict
from engine.model.run import RunCounts, RunStart

Make = Callable[..., Record]
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path, clock: Callable[[], datetime], decided: Make, approved: Outcome, chatter: Outcome) -> Path:
    """Another run · chatter of bob · SPY approved for $1,000 · SPY approved without a size · QQQ too late, of bob."""
    bob = {"author_id": "302", "author_name": "Bob"}
    sized = replace(approved, size=Size(8, Decimal(125), Decimal("1.25"), "size.percent"))
    assert approved.alert is not None
    late = replace(
        approved,
        verdict=Verdict.DENIED,
        reason=Reason.TOO_LATE,
        alert=replace(approved.alert, symbol="QQQ"),
        is_order_shaped=True,
    )
    path = tmp_path / "runs.duckdb"
    with DuckStore(path, clock) as store:
        for records in (
            [decided(9, approved)],
            [
                decided(1, chatter, **bob),
                decided(2, sized),
                decided(3, approved, content_hash="beef"),
                decided(4, late, **bob),
            ],
        ):
            with store.run(RunStart("1.0")) as writer:
                writer.write(records)
                writer.finish(RunCounts())
    return path


@pytest.fixture
def log(path: Path) -> Iterator[SqlRows]:
    with readable(path) as rows:
        yield rows


def answered(log: SqlRows, name: str, since: datetime = EVER) -> list[dict[str, Any]]:
    answer = ask(log, DASHBOARDS[name], 2, since)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def test_reasons(log: SqlRows):
    """S-717."""
    assert [tuple(row.values()) for row in answered(log, "reasons")] == [
        ("2024-01-02", "approved", "approved", 2),
        ("2024-01-02", "denied", "too_late", 1),
        ("2024-01-02", "ignored", "not_an_alert", 1),
    ]


def test_authors(log: SqlRows):
    """S-717."""
    alice, bob = answered(log, "authors")

    assert (alice["author"], alice["approved"], alice["denied"], alice["percent_approved"]) == ("alice", 2, 0, 100.0)
    assert (bob["author"], bob["approved"], bob["denied"], bob["missed"]) == ("Bob", 0, 1, 1)


def test_missed(log: SqlRows):
    """S-717."""
    [row] = answered(log, "missed")

    assert (row["posted"], row["author"], row["reason"], row["text"]) == (
        "2024-01-02 17:00:04",
        "Bob",
        "too_late",
        "message 4",
    )


def test_symbols(log: SqlRows):
    """S-717."""
    assert [tuple(row.values()) for row in answered(log, "symbols")] == [
        ("SPY", 2, 2, 0, 8, 1000.0),
        ("QQQ", 1, 0, 1, None, None),
    ]


def test_latency(log: SqlRows):
    """S-717."""
    [row] = answered(log, "latency")

    assert (row["hour"], row["outcomes"], row["p50"], row["most"]) == (17, 3, 3597.0, 3598.0)


def test_playbooks(log: SqlRows):
    """S-717."""
    rows = {row["version"]: row for row in answered(log, "playbooks")}

    assert (rows["c0ffee"]["outcomes"], rows["c0ffee"]["percent_approved"], rows["c0ffee"]["cost"]) == (2, 50.0, 1000.0)
    assert (rows["beef"]["approved"], rows["beef"]["average_quantity"]) == (1, None)


@pytest.mark.parametrize("name", list(DASHBOARDS))
def test_since_leaves_out_what_was_posted_before(log: SqlRows, name: str):
    assert answered(log, name, datetime(2024, 1, 3, tzinfo=UTC)) == []


@pytest.mark.parametrize("name", list(DASHBOARDS))
def test_the_answer_is_the_same_while_the_file_is_written(path: Path, clock: Callable[[], datetime], name: str):
    """S-716."""
    with readable(path) as rows:
        before = ask(rows, DASHBOARDS[name], 2, EVER + timedelta(1))

    with DuckStore(path, clock):
        assert ask(SocketRows(path), DASHBOARDS[name], 2, EVER + timedelta(1)) == before
