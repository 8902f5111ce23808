"""Channels of alert bots in layouts of their own: playbooks, messages, and what a careful person reads in them."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from engine.app.json_form import decimal_text
from engine.decide.assumed import after
from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.model.alert import Action, Alert, Leg, Level
from engine.model.decision import Outcome, Verdict
from engine.model.message import Message
from engine.model.position import Position
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_rulebook
from engine.replay.archive_message import Channel, RawMessage, message_of

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))
CHANNEL = Channel("1255265167113978008", "cards")
NO_ALERT = "no alert"
Said = Any
_Held = dict[str, tuple[Position, ...]]
_SHORT = {
    Action.BUY_TO_OPEN: "BTO",
    Action.SELL_TO_OPEN: "STO",
    Action.BUY_TO_CLOSE: "BTC",
    Action.SELL_TO_CLOSE: "STC",
    Action.UPDATE: "update",
}


@dataclass(frozen=True, slots=True)
class CardRow:
    """
    One message of a channel, as an exporter wrote it.

    why: what is odd about it. expected: NO_ALERT, {"refused": code}, or all that its alerts say, exits with the
    contract of the position they mean.
    """

    why: str
    message: Message
    expected: Said


@cache
def rulebook(name: str) -> Rulebook:
    """Return what the playbook of a channel loads to."""
    return load_rulebook([FOLDER / f"{name}.yaml"])


@cache
def rows(name: str) -> tuple[CardRow, ...]:
    """Return the messages of a channel, oldest first."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as file:
        return tuple(_row(line) for line in file)


def _row(line: str) -> CardRow:
    parts = json.loads(line)
    raw = msgspec.json.decode(line, type=RawMessage)
    return CardRow(parts["why"], message_of(raw, CHANNEL), parts["expect"])


def judged(name: str, index: int, message: Message) -> Said:
    """Return what becomes of a message in the place of the one at an index, all before it being as they are."""
    return said(_outcomes(_live(name), message, _held(name)[index].get(message.author.id, ())))


@cache
def _held(name: str) -> tuple[_Held, ...]:
    """Return what is open before each message, every opening so far taken as filled."""
    live, held = _live(name), [dict[str, tuple[Position, ...]]()]
    for row in rows(name):
        author = row.message.author.id
        mine = held[-1].get(author, ())
        for outcome in _outcomes(live, row.message, mine):
            if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
                mine = after(mine, outcome.alert, row.message, live.playbook)
        held.append({**held[-1], author: mine})
    return tuple(held)


def _live(name: str) -> LivePlaybook:
    (live,) = rulebook(name).playbooks
    return live


@cache
def _hearing(name: str) -> Hearing:
    return Hearing((_live(name),))


def _outcomes(live: LivePlaybook, message: Message, held: tuple[Position, ...]) -> tuple[Outcome, ...]:
    [(_, reading)] = _hearing(live.playbook.name).read(message)
    facts = Facts(message.at + timedelta(seconds=1), live.content_hash, held)
    return decide(live.playbook, live.rules, message, reading, facts).outcomes


def said(outcomes: tuple[Outcome, ...]) -> Said:
    """Return what became of a message, in the shape of `CardRow.expected`."""
    if all(outcome.verdict is Verdict.IGNORED for outcome in outcomes):
        return NO_ALERT
    refused = [outcome for outcome in outcomes if outcome.verdict is not Verdict.APPROVED]
    if refused:
        return {"refused": refused[0].rule or refused[0].reason.value}
    return [alert_said(outcome.alert) for outcome in outcomes if outcome.alert]


def alert_said(alert: Alert) -> Said:
    """Return all that an alert says; what it leaves open is left out."""
    single = alert.legs[0] if len(alert.legs) == 1 else Leg(alert.action, alert.symbol)
    every = {
        "action": _SHORT[alert.action],
        "symbol": alert.symbol,
        "asset": "" if alert.asset in (None, "option") else alert.asset,
        "strike": decimal_text(single.strike),
        "right": single.right,
        "expiry": single.expiry and single.expiry.isoformat(),
        "price": "market" if alert.is_market else decimal_text(alert.price),
        "price_high": decimal_text(alert.price_high),
        "credit": alert.is_credit,
        "quantity": alert.quantity,
        "fraction": decimal_text(alert.fraction),
        "part": alert.is_part and alert.fraction is None and alert.quantity is None,
        "stop": alert.stop and level_said(alert.stop),
        "targets": [level_said(target) for target in alert.targets],
        "tags": list(alert.size_tags),
        "structure": alert.structure,
        "legs": [_leg_said(leg) for leg in alert.legs] if len(alert.legs) > 1 else [],
    }
    return {name: value for name, value in every.items() if value or (name == "credit" and value is not None)}


def level_said(level: Level) -> str:
    """Return a stop or target as people write it."""
    percent = "" if level.percent is None else f"{decimal_text(level.percent)}%"
    words = decimal_text(level.price) or percent or level.words
    return words if level.trail is None else f"{words} trail {decimal_text(level.trail)}%"


def _leg_said(leg: Leg) -> Said:
    parts = {
        "action": _SHORT[leg.action],
        "strike": decimal_text(leg.strike),
        "right": leg.right,
        "expiry": leg.expiry and leg.expiry.isoformat(),
        "ratio": leg.ratio if leg.ratio > 1 else None,
    }
    return {name: value for name, value in parts.items() if value}
