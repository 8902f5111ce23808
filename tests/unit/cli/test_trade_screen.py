"""What a trading desk shows reaches nobody where nobody reads, and never ends the desk."""

import io
import os
import sys
from collections.abc import Iterator

import pytest

from engine.cli.stopping import Stopping
from engine.cli.trade_screen import TradeScreen
from engine.plan.entries import AccountFact, AccountHappened

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
