"""`signalbook paper`, as a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from tastytrade import Account, AlertStreamer, DXLinkStreamer, Session
from tastytrade.dxfeed import Quote
from tastytrade.market_data import get_market_data_by_type
from tastytrade.market_sessions import ExchangeType, MarketStatus, get_market_sessions

MAIN = "import sys; from engine.cli.main import main; sys.argv[0] = 'signalbook'; main()"


@contextmanager
def paper(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, dict]]]:
    command = [sys.executable, "-c", MAIN, "paper", "--port", "0", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process, json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def test_the_sdk_needs_only_the_printed_places_and_keys():
    """S-852."""

    async def use(place: dict, *, is_test: bool) -> None:
        session = Session(place["client_secret"], place["refresh_token"], is_test=is_test, timeout=10)
        session._client.base_url = place["rest"]
        async with session:
            accounts = await Account.get(session)
            assert [each.account_number for each in accounts] == place["accounts"]
            assert (await get_market_sessions(session, [ExchangeType.NYSE]))[0].status is MarketStatus.OPEN
            alerts = AlertStreamer(session)
            alerts.base_url = place["account_stream"]
            async with alerts, DXLinkStreamer(session) as quotes:
                await alerts.subscribe_accounts(accounts)
                await quotes.subscribe(Quote, ["SPY"])
                assert (await quotes.get_event(Quote)).event_symbol == "SPY"

    with paper("--calm", "--at", "2026-11-24T15:00Z") as (process, places):
        asyncio.run(use(places["sandbox"], is_test=True))
        asyncio.run(use(places["production"], is_test=False))

    assert process.returncode == 130


def test_a_tape_that_cannot_be_read_is_refused(tmp_path: Path):
    (tmp_path / "tape.csv").write_text("timestamp,symbol,bid,ask\n1,SPY,x,1\n", encoding="utf-8")
    command = [sys.executable, "-c", MAIN, "paper", "--tape", str(tmp_path / "tape.csv"), "--json"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "tape_unreadable"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tape-only",), "without a --tape there are no quotes at all"),
        (("--at", "0001-01-01"), "0001-01-01 is before 1990 or after 2100"),
        (("--at", "9999-12-31T23:59Z"), "is before 1990 or after 2100"),
        (("--at", "tomorrow"), "tomorrow is no time"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: tuple[str, ...], said: str):
    command = [sys.executable, "-c", MAIN, "paper", "--port", "0", *options]

    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "COLUMNS": "200"}
    )

    assert done.returncode == 2
    assert said in done.stderr


def test_symbols_of_a_tape_that_nobody_can_order_are_named(tmp_path: Path):
    rows = "1,SPY,1,2\n1,SPY261218C00670000,1,2\n1,SPY   261218C00670000,1,2\n"
    (tmp_path / "tape.csv").write_text(f"timestamp,symbol,bid,ask\n{rows}", encoding="utf-8")

    with paper("--calm", "--at", "2026-11-24T15:00Z", "--tape", str(tmp_path / "tape.csv")) as (process, _):
        assert process.stderr
        assert process.stderr.readline() == "not listed on 2026-11-24, so not to be traded then: 'SPY261218C00670000'\n"


def test_time_passes_as_fast_as_it_is_told():
    """S-851."""
    with paper("--calm", "--at", "2026-11-24T15:00Z", "--speed", "3600") as (_, places):
        asked = [httpx2.get(f"{places['sandbox']['rest']}/_paper/clock").json()["data"] for _ in range(2)]
    first, second = (datetime.fromisoformat(each["now"]) for each in asked)

    assert first.date().isoformat() >= "2026-11-24"
    assert second > first
    assert asked[0]["speed"] == 3600


def test_a_tape_is_of_its_symbols_or_of_all(tmp_path: Path):
    """S-854."""
    (tmp_path / "tape.csv").write_text("timestamp,symbol,bid,ask\n1,SPY,1,2\n", encoding="utf-8")

    async def bids(place: dict) -> dict[str, str]:
        session = Session(place["client_secret"], place["refresh_token"], timeout=10)
        session._client.base_url = place["rest"]
        async with session:
            found = await get_market_data_by_type(session, equities=["SPY", "AAPL"])
        return {each.symbol: str(each.bid) for each in found}

    seen = []
    for more in ((), ("--tape-only",)):
        options = ("--calm", "--at", "2026-11-24T15:00Z", "--tape", str(tmp_path / "tape.csv"), *more)
        with paper(*options) as (_, places):
            seen.append(asyncio.run(bids(places["production"])))

    assert [sorted(each) for each in seen] == [["AAPL", "SPY"], ["SPY"]]
    assert {each["SPY"] for each in seen} == {"1.0"}
