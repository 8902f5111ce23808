"""What a file of runs answers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pytest

from engine.decide.record import Record
from engine.journal.database import open_database
from engine.journal.queries import RunLog, open_runs
from engine.journal.run_rows import ChatterRow, DecisionFilter, DecisionRow
from engine.journal.store import DuckStore
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.errors import StoreError
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart
from engine.model.source import Span

Make = Callable[..., Record]
HERE = Span("momentum.yaml", 7, 3, 7, 9)


def as_denied(approved: Outcome, reason: Reason, symbol: str, index: int = 0) -> Outcome:
    assert approved.alert is not None
    return replace(
        approved,
        index=index,
        verdict=Verdict.DENIED,
        reason=reason,
        detail="why not",
        alert=replace(approved.alert, symbol=symbol),
        span=HERE,
        is_order_shaped=True,
    )


@pytest.fixture(scope="module")
def path(
    tmp_path_factory: pytest.TempPathFactory,
    clock: Callable[[], datetime],
    decided: Make,
    chatter: Outcome,
    approved: Outcome,
) -> Path:
    """
    A file whose second run holds, in order of time: chatter of bob · SPY by alice · SPY and QQQ by
    alice in one message, the second too late · a missed order of bob · chatter under another playbook.
    """
    bob = {"author_id": "302", "author_name": "Bob"}
    too_late = as_denied(approved, Reason.TOO_LATE, "QQQ", index=1)
    missed = replace(
        chatter,
        verdict=Verdict.DENIED,
        reason=Reason.REFUSED_BY_RULE,
        rule="too_dear",
        nearest="entry",
        is_order_shaped=True,
    )
    path = tmp_path_factory.mktemp("log") / "runs.duckdb"
    with DuckStore(path, clock) as store:
        with store.run(RunStart("0.9")) as writer:
            writer.write([decided(99, approved)])
            writer.finish(RunCounts(1))
        with store.run(RunStart("1.0")) as writer:
            writer.write(
                [
                    decided(1, chatter, **bob),
                    decided(2, approved),
                    decided(3, approved, too_late, text="BTO SPY and 100% QQQ"),
                    decided(4, missed, **bob),
                    decided(4, chatter, **bob, playbook="lottos"),
                ]
            )
            writer.write_bad_rows([BadRow(5, "no_author", "it has no author", "a.json")])
            writer.write_pattern_hits([PatternHits("momentum", "entry", 3), PatternHits("momentum", "card", 0)])
            writer.finish(RunCounts(messages=4, bad_rows=1))
        with store.run(RunStart("1.1")) as writer:
            writer.write([decided(98, approved)])
    return path


@pytest.fixture(scope="module")
def log(path: Path) -> Iterator[RunLog]:
    """That file, open."""
    with open_runs(path) as opened:
        yield opened


def test_runs_are_listed_newest_first(log: RunLog):
    assert [(run.run_id, run.status.value, run.engine_version) for run in log.runs()] == [
        (3, "failed", "1.1"),
        (2, "finished", "1.0"),
        (1, "finished", "0.9"),
    ]


def test_the_newest_finished_run_is_meant_when_none_is_named(log: RunLog):
    assert (log.run().run_id, log.run(3).run_id) == (2, 3)


def test_a_run_that_is_not_there_is_named_with_those_that_are(log: RunLog):
    with pytest.raises(StoreError, match="no run 9") as caught:
        log.run(9)

    assert caught.value.code == "run_not_found"
    assert caught.value.remedy == "runs there are: 3 (failed), 2 (finished), 1 (finished)"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(DecisionFilter(), [(4, 0), (3, 0), (3, 1), (2, 0)], id="everything but chatter, newest first"),
        pytest.param(
            DecisionFilter(with_chatter=True), [(4, 0), (4, 0), (3, 0), (3, 1), (2, 0), (1, 0)], id="chatter too"
        ),
        pytest.param(DecisionFilter(limit=2), [(4, 0), (3, 0)], id="a limit"),
        pytest.param(DecisionFilter(playbook="lottos", with_chatter=True), [(4, 0)], id="a playbook"),
        pytest.param(DecisionFilter(author="302"), [(4, 0)], id="an author by id"),
        pytest.param(DecisionFilter(author="ALICE"), [(3, 0), (3, 1), (2, 0)], id="an author by name"),
        pytest.param(DecisionFilter(verdict="approved"), [(3, 0), (2, 0)], id="a verdict"),
        pytest.param(DecisionFilter(reason="too_late"), [(3, 1)], id="a reason"),
        pytest.param(DecisionFilter(reason="too_dear"), [(4, 0)], id="a playbook's own code"),
        pytest.param(DecisionFilter(symbol="qqq"), [(3, 1)], id="a symbol"),
        pytest.param(DecisionFilter(text="AND 100%"), [(3, 0), (3, 1)], id="text, taken literally"),
        pytest.param(DecisionFilter(missed_only=True), [(4, 0), (3, 1)], id="missed ones"),
        pytest.param(
            DecisionFilter(author="alice", symbol="SPY", verdict="approved", text="QQQ"), [(3, 0)], id="all at once"
        ),
        pytest.param(DecisionFilter(text="' or true --"), [], id="no SQL by the back door"),
    ],
)
def test_decisions_are_found(log: RunLog, wanted: DecisionFilter, expected: list[tuple[int, int]]):
    found = [(int(row.message_id) % 1000, row.alert_index) for row in log.decisions(2, wanted)]

    assert found == expected


def test_a_listed_outcome_says_what_and_why(log: RunLog, decided: Make):
    [row] = log.decisions(2, DecisionFilter(symbol="QQQ"))

    decision = decided(3).decision
    assert row == DecisionRow(
        decision_id=decision.decision_id,
        message_id=decision.message_id,
        event=1,
        alert_index=1,
        playbook="momentum",
        channel_id="100",
        author_id="301",
        author_name="alice",
        posted_at=decision.at,
        verdict="denied",
        reason="too_late",
        rule="",
        detail="why not",
        place="momentum.yaml:7:3",
        text="BTO SPY and 100% QQQ",
        nearest="",
        is_order_shaped=True,
        action="buy_to_open",
        symbol="QQQ",
    )


def test_a_message_is_found_under_every_playbook_that_saw_it(log: RunLog, decided: Make):
    message_id = decided(4).decision.message_id

    whole, ignored = log.decision(2, message_id)

    assert isinstance(whole, Decision)
    assert (whole.playbook, whole.outcomes[0].nearest) == ("momentum", "entry")
    assert ignored == ChatterRow(message_id, 1, "lottos", "100", "302", "Bob", decided(4).decision.at, "not_an_alert")


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        pytest.param("00000003", 1, id="a decision's id"),
        pytest.param("0000000", 0, id="too little of an id"),
        pytest.param("1191500000000000098", 0, id="a message of another run"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_a_decision_is_found_by_its_id(log: RunLog, wanted: str, count: int):
    assert len(log.decision(2, wanted)) == count


def test_only_finished_runs_are_in_the_view_of_all_decisions(path: Path):
    with open_database(path, read_only=True) as connection:
        found = connection.execute("select run_id, count(*) from all_decisions group by all order by all").fetchall()

    assert found == [(1, 1), (2, 6)]


def test_a_reason_of_another_version_is_named(
    tmp_path: Path, clock: Callable[[], datetime], decided: Make, approved: Outcome
):
    class Retired(StrEnum):
        REASON = "retired_reason"

    with DuckStore(tmp_path / "runs.duckdb", clock) as store:
        with store.run(RunStart("9.9")) as writer:
            writer.write([decided(1, replace(approved, reason=Retired.REASON))])  # type: ignore[arg-type]
            writer.finish(RunCounts())

        with pytest.raises(StoreError, match="retired_reason") as caught:
            store.log().decision(1, decided(1).decision.message_id)

    assert caught.value.code == "store_too_new"
