"""What a trading desk does, line by line, as it happens."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Final

import typer
from rich.text import Text

from engine.app.beginning import AccountFound, Beginning
from engine.app.json_form import json_form
from engine.app.news import (
    News,
    at_text,
    of_account,
    of_closed,
    of_decision,
    of_dropped,
    of_order,
    of_step,
)
from engine.app.stage_view import VersionRow
from engine.app.trading import Trading
from engine.cli.homes import command_there
from engine.cli.screen import err, out, visible
from engine.cli.stopping import Stopping
from engine.decide.record import Record
from engine.lifecycle.slot import Slot
from engine.model.decision import Outcome
from engine.model.position import Closed
from engine.plan.entries import AccountHappened
from engine.plan.flow import ApprovalAsked, Dropped, Flow, FlowEvent
from engine.ports import Clock

_WIDTH: Final = 14
_UNSEEN: Final = suppress(OSError, SystemExit)  # which is how rich ends a program whose reader is gone
_COLOURS: Final = {
    "decided": "bold",
    "submitted": "cyan",
    "ended": "green",
    "closed": "green",
    "approval_asked": "yellow",
}


class TradeScreen:
    """
    See trading_run.Follower. A terminal that is gone, or a file on a full disk, stops no order.

    approves: name of the person of the desk who says yes to whatever is asked; "" for nobody. Only for exchanges
    without money, which is the caller's to see to. home: as it was named; None when it was not.
    Attribute counts: how many of each kind.
    """

    def __init__(self, stopping: Stopping, *, is_json: bool, approves: str = "", home: Path | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._is_json = is_json
        self._stopping = stopping
        self._approves = approves
        self._home = home
        self._clock: Clock | None = None
        self._desk: Trading | None = None
        self._shown: dict[str, str] = {}
        self._beginning: Beginning | None = None

    def ready(self, desk: Trading, clock: Clock) -> None:
        """Take note of the desk that begins."""
        self._desk, self._clock = desk, clock

    def began(self, beginning: Beginning) -> None:
        """See Follower; as JSON with what `looked` is told."""
        self._beginning = beginning
        if not self._is_json:
            self._tell(*_lines(beginning))

    def looked(self, accounts: tuple[AccountFound, ...]) -> None:
        """See Follower."""
        if not self._is_json:
            self._tell(f"accounts: {' · '.join(map(_account, accounts))}")
        elif self._beginning is not None:
            self._echo(_began(self._beginning, accounts), self._now())

    def wants_end(self) -> bool:
        """See Follower."""
        return self._stopping.is_wanted

    def decided(self, record: Record) -> None:
        """See Audience."""
        for news in of_decision(record):
            self._show(news)

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        """See Audience."""
        self._show(of_dropped(outcome, dropped))

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        """See Audience."""
        self._show(of_step(flow, event), at)
        if self._approves and isinstance(event, ApprovalAsked) and self._desk is not None:
            self._desk.approve_soon(flow.intent.id, self._approves)

    def changed(self, account: str, slot: Slot, at: datetime) -> None:
        """See Audience; only what is new."""
        news = of_order(account, slot)
        if self._shown.get(slot.id) != news.text:
            self._shown[slot.id] = news.text
            self._show(news, at)

    def closed(self, closed: Closed) -> None:
        """See Audience."""
        self._show(of_closed(closed), closed.closed_at)

    def told(self, happened: AccountHappened) -> None:
        """See Audience."""
        news = of_account(happened)
        if news is not None:
            self._show(news)

    def warn(self, sentence: str) -> None:
        """See Audience."""
        with _UNSEEN:
            err().print(Text.assemble(("attention", "bold yellow"), f": {visible(sentence)}"), soft_wrap=True)

    def _tell(self, *lines: str) -> None:
        with _UNSEEN:
            for line in lines:
                err().print(visible(line), style="dim", soft_wrap=True)

    def _show(self, news: News, at: datetime | None = None) -> None:
        self.counts[news.kind] += 1
        moment = at or self._now()
        with _UNSEEN:
            self._print(news, moment)

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock is not None else None

    def _echo(self, row: dict[str, object], moment: datetime | None) -> None:
        with _UNSEEN:
            typer.echo(json.dumps({"at": None if moment is None else moment.isoformat(), **row}))

    def _print(self, news: News, moment: datetime | None) -> None:
        text = f"{news.text}: {command_there(news.answer, self._home)}" if news.answer else news.text
        if self._is_json:
            row = {"kind": news.kind, "about": news.about, "text": text, "is_bad": news.is_bad}
            self._echo(row, moment)
            return
        style = "red" if news.is_bad else _COLOURS.get(news.kind, "")
        when = "" if moment is None else at_text(moment)
        line = Text.assemble((when, "dim"), " ", (f"{news.kind:{_WIDTH}}", style), " ", visible(text))
        out().print(line, soft_wrap=True)


def _began(beginning: Beginning, accounts: tuple[AccountFound, ...]) -> dict[str, object]:
    is_bad = not all(account.answers for account in accounts)
    row = {"kind": "began", "about": beginning.desk, "text": "; ".join(_lines(beginning)), "is_bad": is_bad}
    found = {field.name: json_form(getattr(beginning, field.name)) for field in fields(beginning)}
    return {**row, **found, "accounts": json_form(accounts)}


def _lines(beginning: Beginning) -> Iterator[str]:
    """Yield what a desk wants to see first, a line for each question."""
    yield f"desk {beginning.desk}, home {beginning.home}"
    yield f"orders go to {beginning.destination}{': REAL MONEY' if beginning.is_real_money else ''}"
    yield f"playbooks: {' · '.join(map(_version, beginning.versions)) or 'none'}"
    again = f", {beginning.taken} were taken before" if beginning.taken else ""
    yield f"messages: {beginning.to_come} to come{again} · under way from before: {_under_way(beginning)}"
    yield from (f"restricted: {each}" for each in beginning.restrictions)


def _version(row: VersionRow) -> str:
    serves = f", {row.serves}" if row.serves else ""
    return f"{row.playbook} {row.content_hash[:8]} {row.stage.value}{serves}"


def _under_way(beginning: Beginning) -> str:
    counts = ((beginning.intents, "intent"), (beginning.orders, "order"))
    return ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts if count) or "nothing"


def _account(found: AccountFound) -> str:
    answers = "answers" if found.answers else "DOES NOT ANSWER"
    return f"{found.alias} ({found.kind.value}) {answers}{f': {found.why}' if found.why else ''}"
