"""Two real channels of alert bots, which may be tested with but not kept: set SIGNALBOOK_PRIVATE to their folder."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.alert import Action, Alert
from engine.model.message import Message, embed_text
from engine.parse.reader import Reader
from engine.playbook.rulebook import load_rulebook
from engine.replay.archive import read_archive

PLAYBOOKS = Path(__file__).parents[2] / "examples" / "playbooks"
FOLDER = os.environ.get("SIGNALBOOK_PRIVATE", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SIGNALBOOK_PRIVATE names no folder")


def _reader(name: str) -> Reader:
    (live,) = load_rulebook([PLAYBOOKS / f"{name}.yaml"]).playbooks
    return live.reader


def _read(channel: str, playbook: str) -> Iterator[tuple[str, tuple[Alert, ...], str]]:
    """Yield every embed's text with its alerts and the code of its refusal."""
    reader = _reader(playbook)
    for message in read_archive(Path(FOLDER) / f"{channel}.json"):
        assert isinstance(message, Message)
        text = "\n".join(embed_text(embed) for embed in message.embeds)
        if text:
            reading = reader.read(message)
            yield text, reading.alerts, reading.refusal.code if reading.refusal else ""


_CONTRACT = re.compile(r"(BTO|STC)\s+(\w+) ([\d.]+)([CP]) (\d+/\d+)")
_ENTRY = re.compile(r"Entry ?= ?([\d.]+)")


def _stated(text: str) -> tuple[object, ...]:
    """What a coded embed title states: action, symbol, strike, right, entry price."""
    match = _CONTRACT.match(text)
    assert match
    action = Action.BUY_TO_OPEN if match[1] == "BTO" else Action.SELL_TO_CLOSE
    price = _ENTRY.search(text)
    return action, match[2], float(match[3]), match[4], float(price[1]) if price else None


def _understood(alert: Alert, *, with_price: bool) -> tuple[object, ...]:
    (leg,) = alert.legs
    price = float(alert.price) if alert.price is not None and with_price else None
    return alert.action, alert.symbol, float(leg.strike or 0), (leg.right or "?")[0].upper(), price


def test_every_coded_entry_and_exit_of_the_options_bot_is_read():
    """S-215: entries with their price; exits by contract."""
    rows = [(text, alerts) for text, alerts, _ in _read("bot-options", "embed-options") if _CONTRACT.match(text)]

    assert len(rows) == 40
    for text, alerts in rows:
        assert [_understood(alert, with_price="Entry" in text) for alert in alerts] == [_stated(text)]


def test_every_stop_move_and_exit_price_of_the_options_bot_is_read():
    """S-229: break-even moves, trims without a number, all out, and the price behind "to" or "at"."""
    for text, alerts, _ in _read("bot-options", "embed-options"):
        if not text.startswith("STC"):
            continue
        (alert,) = alerts
        assert (alert.stop is not None and alert.stop.words == "breakeven") == ("set SL to breakeven" in text)
        assert alert.is_part == ("Trim" in text)
        assert (alert.fraction == 1) == ("All out" in text or "entire position" in text)
        price = re.search(r"(?:Trim(?:ming some)? at|from [\d.]+ to) (\d*\.?\d+)", text)
        assert (float(alert.price) if alert.price is not None else None) == (float(price[1]) if price else None)


def test_the_other_moves_of_the_options_bot_are_read():
    """S-229: two share entries by plan, one stop by number, one exit by ticker."""
    rest = [
        alerts[0] for text, alerts, _ in _read("bot-options", "embed-options") if alerts and not _CONTRACT.match(text)
    ]

    assert sorted((alert.action, alert.stop is not None and alert.stop.price is not None) for alert in rest) == [
        (Action.BUY_TO_OPEN, True), (Action.BUY_TO_OPEN, True), (Action.SELL_TO_CLOSE, False), (Action.UPDATE, True),
    ]  # fmt: skip


def test_every_trade_card_of_the_day_trader_is_read_or_refused_as_a_plan():
    """S-201: a card that waits for something is not an order; every other one is."""
    cards = [(text, alerts, code) for text, alerts, code in _read("daytrades", "embed-daytrades") if "Ticker:" in text]

    assert len(cards) == 23
    for text, alerts, code in cards:
        waits = re.search(r"(?i)waiting|if next", text)
        assert (
            (code == "condition") if waits else (len(alerts) == 1 and alerts[0].stop is not None and alerts[0].targets)
        )


def test_what_the_day_trader_says_without_a_ticker_or_on_a_condition_is_not_traded():
    """S-202: nothing is guessed from the message before."""
    for text, alerts, _ in _read("daytrades", "embed-daytrades"):
        if re.match(r"(?i)(?:potential|waiting|entering now|\d+\.\d+ entry|SL |PT )", text):
            assert alerts == ()
