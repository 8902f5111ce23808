"""A real archived channel of 10,732 entries and exits, read by the shipped playbook."""

import json
from collections.abc import Iterator
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import zstandard

from engine.model.alert import Action, Alert
from engine.model.decision import Reason
from engine.model.message import Message
from engine.playbook.rulebook import load_rulebook
from engine.replay.archive import read_archive

ROOT = Path(__file__).parents[2]
ARCHIVE = ROOT / "examples" / "archives" / "analysts-2023.json.zst"
EXPECTED = ROOT / "tests" / "golden" / "analysts-2023.expected.jsonl.zst"
ACTIONS = {
    "BTO": Action.BUY_TO_OPEN,
    "STO": Action.SELL_TO_OPEN,
    "BTC": Action.BUY_TO_CLOSE,
    "STC": Action.SELL_TO_CLOSE,
}
# The feed wrote prices with six figures; what it was made from has more.
SIX_FIGURES = Context(prec=6)


def _expected() -> dict[str, dict[str, Any]]:
    text = zstandard.ZstdDecompressor().stream_reader(EXPECTED.read_bytes()).read().decode()
    rows = (json.loads(line, parse_float=Decimal) for line in text.splitlines())
    return {row["id"]: row["expected"] for row in rows}


def _fields(alert: Alert) -> dict[str, Any]:
    leg = alert.legs[0] if alert.legs else None
    fields = {"action": alert.action, "symbol": alert.symbol, "qty": alert.quantity, "price": alert.price}
    if leg and leg.strike is not None:
        fields |= {"strike": leg.strike, "right": leg.right and leg.right[0].upper(), "expiry": str(leg.expiry)}
    return fields


def _as_written(expected: dict[str, Any]) -> dict[str, Any]:
    return expected | {"action": ACTIONS[expected["action"]], "price": SIX_FIGURES.create_decimal(expected["price"])}


def _differences() -> Iterator[tuple[str, str, object]]:
    (live,) = load_rulebook([ROOT / "playbooks" / "analysts.yaml"], runs_examples=False).playbooks
    expected = _expected()
    for message in read_archive(ARCHIVE):
        assert isinstance(message, Message)
        reading = live.reader.read(message)
        want = _as_written(expected[message.id])
        if len(reading.alerts) != 1 or _fields(reading.alerts[0]) != want:
            yield message.content, str(want), reading.refusal.code if reading.refusal else reading.alerts


def test_every_entry_and_exit_is_read_as_it_was_meant():
    """S-411: no difference in 10,732 messages, but for the one order at a price of 0, which is refused."""
    differences = list(_differences())

    assert [(text, got) for text, _, got in differences] == [("BTO 1 USO 90P 09/22/23 @ 0", Reason.BAD_PRICE)]
