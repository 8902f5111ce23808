"""A file that version 0.1.0 wrote, with tables of version 2, is brought up to date and loses nothing."""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.journal.database import open_database
from engine.journal.queries import RunLog, open_runs
from engine.journal.run_rows import ChatterRow, DecisionFilter
from engine.journal.trade_tables import TRADE_TABLES
from engine.model.alert import Action, Alert, Asset, Found, Leg, Level
from engine.model.decision import Decision, GateResult, GateStatus, Outcome, Reason, Verdict
from engine.model.errors import StoreError
from engine.model.instrument import Right
from engine.model.message import Embed, EmbedField
from engine.model.run import ArchiveUsed, RunCounts, RunKind
from engine.model.source import Place, Span

OLD = Path(__file__).parent / "data" / "tables-2.duckdb.gz"
NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
HERE = Span("playbooks/momentum.yaml", 7, 3, 7, 9)
CALL = Leg(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, Decimal("602.50"), Right.CALL, date(2024, 1, 5))
SPY = Alert(
    Action.BUY_TO_OPEN,
    "SPY",
    Asset.OPTION,
    (CALL,),
    Decimal("1.25"),
    quantity=2,
    stop=Level(price=Decimal("0.80")),
    targets=(Level(percent=Decimal(50)),),
    size_tags=("lotto",),
    pattern="entry",
    found=(Found("action", "BTO", Place("content", 0, 3)),),
)
QQQ = Alert(Action.SELL_TO_CLOSE, "QQQ", Asset.OPTION, fraction=Decimal("0.5"), pattern="exit")
GATES = (
    GateResult("channel", GateStatus.PASSED, detail="heard in momentum", span=HERE),
    GateResult("edit", GateStatus.PASSED),
    GateResult("may_close", GateStatus.NOT_APPLICABLE, detail="applies to closes only"),
)
LATE = GateResult(
    "freshness",
    GateStatus.FAILED,
    Reason.TOO_LATE,
    "“61 s” old, at most 30 s",
    HERE,
    Place("content", 0, 5),
    "too_dear",
)
APPROVED = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "every gate passed", SPY, gates=GATES, is_order_shaped=True)
DENIED = Outcome(
    1,
    Verdict.DENIED,
    Reason.REFUSED_BY_RULE,
    "why not",
    QQQ,
    HERE,
    Place("content", 9, 12),
    (*GATES, LATE),
    "exit",
    is_order_shaped=True,
    rule="too_dear",
)
MISSED = Outcome(
    0,
    Verdict.DENIED,
    Reason.NO_RIGHT,
    "no right",
    place=Place("content", 4, 9),
    gates=(LATE,),
    nearest="entry",
    is_order_shaped=True,
)


def decided(number: int, *outcomes: Outcome, **changes: object) -> Decision:
    values: dict[str, object] = {
        "decision_id": f"{number:08x}",
        "playbook": "momentum",
        "content_hash": "c0ffee",
        "message_id": message_id(number),
        "event": 1,
        "channel_id": "100",
        "author_id": "301",
        "author_name": "alice",
        "at": posted(number),
        "now": NOON + timedelta(seconds=number + 1),
        "text": f"message {number}",
        "outcomes": outcomes,
    }
    return Decision(**(values | changes))  # type: ignore[arg-type]


def message_id(number: int) -> str:
    return str(1191500000000000000 + number)


def posted(number: int) -> datetime:
    return NOON + timedelta(seconds=number, microseconds=number)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That file, brought up to date."""
    path = tmp_path_factory.mktemp("old") / "runs.duckdb"
    path.write_bytes(gzip.decompress(OLD.read_bytes()))
    with pytest.raises(StoreError) as caught:
        open_database(path, read_only=True)
    assert caught.value.code == "store_too_old"
    open_database(path).close()
    return path


@pytest.fixture(scope="module")
def log(path: Path) -> Iterator[RunLog]:
    with open_runs(path) as opened:
        yield opened


def test_the_runs_are_what_they_were(log: RunLog):
    """S-713."""
    failed, whole = log.runs()

    assert (failed.status.value, failed.error, failed.kind) == ("failed", "a fault", RunKind.REPLAY)
    assert (whole.engine_version, whole.arguments) == ("0.1.0", ("replay", "a b.json"))
    assert whole.archives == (ArchiveUsed("a b.json", 5, "ab" * 32),)
    assert whole.counts == RunCounts(5, 1, 1, 2)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(
            2,
            decided(
                2,
                APPROVED,
                text_after_edit=True,
                assumed=("now", "positions"),
                embeds=(Embed("BTO", fields=(EmbedField("Ticker", "SPY"),)),),
            ),
            id="an opening with a card",
        ),
        pytest.param(3, decided(3, APPROVED, DENIED, event=2, text="BTO SPY, half QQQ"), id="two alerts in an edit"),
        pytest.param(4, decided(4, MISSED, author_id="302", author_name="Bob"), id="a missed one"),
    ],
)
def test_decisions_are_exactly_what_they_were(log: RunLog, number: int, expected: Decision):
    """S-713."""
    assert log.decision(1, message_id(number))[0] == expected


def test_chatter_keeps_its_author(log: RunLog):
    """S-713."""
    assert log.decision(1, message_id(1)) == (
        ChatterRow(message_id(1), 1, "momentum", "100", "302", "Bob", posted(1), "not_an_alert"),
    )
    assert log.decision(1, message_id(4))[1] == ChatterRow(
        message_id(4), 1, "lottos", "100", "302", "Bob", posted(4), "not_an_alert"
    )


def test_the_columns_to_search_by_are_filled(log: RunLog, path: Path):
    """S-713."""
    [row] = log.decisions(1, DecisionFilter(symbol="QQQ"))

    assert (row.action, row.place, row.reason) == ("sell_to_close", "playbooks/momentum.yaml:7:3", "refused_by_rule")
    with open_database(path, read_only=True) as connection:
        query = "select strike, option_right, expiry, price, quantity from alerts where decision_id = '00000002'"
        assert connection.execute(query).fetchall() == [
            (Decimal("602.5"), "call", date(2024, 1, 5), Decimal("1.25"), 2)
        ]
        assert connection.execute("select count(*) from all_decisions").fetchall() == [(7,)]


def test_the_tables_of_trading_are_there_and_empty(path: Path):
    """S-713."""
    with open_database(path, read_only=True) as connection:
        for table in ("journaled_decisions", *TRADE_TABLES, "trades", "order_states"):
            assert connection.execute(f"select count(*) from {table}").fetchall() == [(0,)]


def test_what_a_decision_rested_on_is_not_made_up(log: RunLog):
    """S-713."""
    with pytest.raises(StoreError, match="before facts were logged") as caught:
        tuple(log.records(1))

    assert caught.value.code == "run_without_facts"
    assert log.texts(1) == {}
