"""What a trading desk does, line by line, as it happens."""

import json
from collections import Counter
from contextlib import suppress
from datetime import datetime
from typing import Final

import typer
from rich.text import Text

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
from engine.app.trading import Trading
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
    without money, which is the caller's to see to. Attribute counts: how many of each kind.
    """

    def __init__(self, stopping: Stopping, *, is_json: bool, approves: str = "") -> None:
        self.counts: Counter[str] = Counter()
        self._is_json = is_json
        self._stopping = stopping
        self._approves = approves
        self._clock: Clock | None = None
        self._desk: Trading | None = None
        self._shown: dict[str, str] = {}

    def ready(self, desk: Trading, clock: Clock) -> None:
        """Take note of the desk that begins."""
        self._desk, self._clock = desk, clock

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

    def _show(self, news: News, at: datetime | None = None) -> None:
        self.counts[news.kind] += 1
        moment = at or (self._clock.now() if self._clock is not None else None)
        with _UNSEEN:
            self._print(news, moment)

    def _print(self, news: News, moment: datetime | None) -> None:
        if self._is_json:
            row = {"at": None if moment is None else moment.isoformat(), "kind": news.kind, "about": news.about}
            typer.echo(json.dumps({**row, "text": news.text, "is_bad": news.is_bad}))
            return
        style = "red" if news.is_bad else _COLOURS.get(news.kind, "")
        when = "" if moment is None else at_text(moment)
        line = Text.assemble((when, "dim"), " ", (f"{news.kind:{_WIDTH}}", style), " ", visible(news.text))
        out().print(line, soft_wrap=True)
