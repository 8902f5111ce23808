"""Channels of alert bots in layouts of their own: playbooks, messages, and what a careful person reads in them."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from engine.app.json_form import decimal_text
from engine.decide.rehearsal import Rehearsal
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Leg, Level
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.limits import Strategy, UndefinedRisk
from engine.model.message import Message
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_rulebook
from engine.replay.archive_message import Channel, RawMessage, message_of

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))
CHANNEL = Channel("1255265167113978008", "cards")
NO_ALERT = "no alert"
Said = Any
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
    rehearsal = Rehearsal(_terms(name), margin=Decimal(1000))
    for row in rows(name)[:index]:
        if row.message.author.id == message.author.id:
            _outcomes(rehearsal, name, row.message)
    return said(_outcomes(rehearsal, name, message))


@cache
def _terms(name: str) -> Terms:
    """Return a playbook that opens whatever it reads at any hour: what is tested is the reading."""
    playbook = _live(name).playbook
    risk = replace(playbook.risk, duplicates=replace(playbook.risk.duplicates, window=timedelta(0)))
    allow = replace(playbook.allow, kinds=frozenset(Strategy), undefined_risk=UndefinedRisk.ALLOWED)
    size = replace(playbook.size, percent=Decimal(1), of=Decimal(10_000_000), most_contracts=None)
    return replace(_live(name).terms, playbook=replace(playbook, risk=risk, allow=allow, size=size))


def _live(name: str) -> LivePlaybook:
    (live,) = rulebook(name).playbooks
    return live


@cache
def _hearing(name: str) -> Hearing:
    return Hearing((_live(name),))


def _outcomes(rehearsal: Rehearsal, name: str, message: Message) -> tuple[Outcome, ...]:
    [(_, reading)] = _hearing(name).read(message)
    return rehearsal.play(message, reading, message.at + timedelta(seconds=1)).outcomes


def said(outcomes: tuple[Outcome, ...]) -> Said:
    """Return what became of a message, in the shape of `CardRow.expected`."""
    if all(outcome.verdict is Verdict.IGNORED for outcome in outcomes):
        return NO_ALERT
    # At market, nothing says what one costs; it is read all the same.
    read = (Reason.APPROVED, Reason.SIZE_UNKNOWN)
    refused = [outcome for outcome in outcomes if outcome.reason not in read]
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
