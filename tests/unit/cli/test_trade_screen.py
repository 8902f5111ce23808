"""What a trading desk shows reaches nobody where nobody reads, and never ends the desk."""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.stopping import Stopping
from engine.cli.trade_screen import TradeScreen
from engine.plan.entries import AccountFact, AccountHappened
from engine.plan.flow import ApprovalAsked, Flow
from tests.unit.execute.staging_world import NOW, intent_of

UNREACHABLE = AccountHappened("main", AccountFact.UNREACHABLE, "", "no route")


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard output and error go to somebody who does not read any more."""
    readers, writers = zip(os.pipe(), os.pipe(), strict=True)
    for reader in readers:
        os.close(reader)
    files = [io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True) for writer in writers]
    monkeypatch.setattr(sys, "stdout", files[0])
    monkeypatch.setattr(sys, "stderr", files[1])
    yield
    monkeypatch.undo()
    for file in files:
        file.close()


@pytest.mark.parametrize("is_json", [False, True])
@pytest.mark.usefixtures("gone")
def test_a_reader_that_is_gone_ends_nothing(*, is_json: bool):
    screen = TradeScreen(Stopping(), is_json=is_json)

    for _ in range(3):
        screen.told(UNREACHABLE)
        screen.warn("something is odd")

    assert screen.counts.total() == 3


@pytest.mark.parametrize(
    ("home", "environment", "options"),
    [
        pytest.param(None, "", "", id="where every command looks"),
        pytest.param(None, "night", " --home night", id="of the environment, which another window may lack"),
        pytest.param(Path("night desk"), "day", " --home 'night desk'", id="named"),
    ],
)
def test_what_asks_a_person_ends_with_the_command_that_answers_in_this_home(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    home: Path | None,
    environment: str,
    options: str,
):
    """S-978."""
    monkeypatch.setenv("SIGNALBOOK_HOME", environment)
    screen = TradeScreen(Stopping(), is_json=False, home=home)

    screen.moved(Flow(intent_of()), ApprovalAsked("above $100", ("carol",), NOW), NOW)

    assert capsys.readouterr().out.rstrip().endswith(f"(above $100): signalbook approve 00000000 --by carol{options}")
