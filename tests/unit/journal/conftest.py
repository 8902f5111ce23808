"""Decisions to log, a clock that stands still, and a file to log to."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.journal.store import DuckStore
from engine.model.alert import Action, Alert, Asset
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Author, Message

NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)


def pytest_unconfigure():
    """Let DuckDB's objects go: hypothesis leaves a hook there that keeps them, and DuckDB complains at exit."""
    gc.callbacks.clear()


@pytest.fixture(scope="session")
def clock() -> Callable[[], datetime]:
    """Always noon in New York."""
    return lambda: NOON


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory, clock: Callable[[], datetime]) -> Iterator[DuckStore]:
    """A file that every test may add runs to."""
    with DuckStore(tmp_path_factory.mktemp("store") / "runs.duckdb", clock) as store:
        yield store


@pytest.fixture(scope="session")
def chatter() -> Outcome:
    """What becomes of a message that is none of our business."""
    return Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, "nothing was read")


@pytest.fixture(scope="session")
def approved() -> Outcome:
    """An opening in SPY that passed."""
    alert = Alert(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, pattern="entry")
    return Outcome(0, Verdict.APPROVED, Reason.APPROVED, "every gate passed", alert)


def record_of(decision: Decision) -> Record:
    """What a decision rests on, as far as it tells."""
    author = Author(decision.author_id, decision.author_name)
    message = Message(decision.message_id, decision.channel_id, author, decision.at, decision.text)
    return Record(message, Facts(decision.now, decision.content_hash, assumed=decision.assumed), decision)


@pytest.fixture(scope="session")
def decided() -> Callable[..., Record]:
    """Makes a decision about message `number`, posted at noon and that many seconds, with what it rests on."""

    def make(number: int, *outcomes: Outcome, **changes: object) -> Record:
        values: dict[str, object] = {
            "decision_id": f"{number:08x}",
            "playbook": "momentum",
            "content_hash": "c0ffee",
            "message_id": str(1191500000000000000 + number),
            "event": 1,
            "channel_id": "100",
            "author_id": "301",
            "author_name": "alice",
            "at": NOON.replace(second=number % 60, minute=number // 60 % 60),
            "now": NOON.replace(hour=18),
            "text": f"message {number}",
            "outcomes": outcomes,
        }
        return record_of(Decision(**(values | changes)))  # type: ignore[arg-type]

    return make
