"""What the kill soak trades with: a desk of two playbooks, its messages, and an exchange in a process of its own."""

import json
import os
import socket
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from engine.adapters.clock import SystemClock
from engine.model.instrument import Option, Right
from engine.model.message import Author, Message
from engine.paper.clock import PaperClock
from engine.paper.conduct import AccountSetup, Quirk
from engine.paper.listening import bound, listen
from engine.paper.listing import NO_GAPS, Listing
from engine.paper.opening import ACCOUNTS, Opening, open_server
from engine.paper.quotes import Greeks, Quote
from engine.paper.synthetic import SyntheticMarket
from engine.paper.venue import Environment
from engine.playbook.loader import has_errors
from engine.playbook.rulebook import Rulebook
from tests.feeding import loaded

TO_PROVE, TO_TRADE = "1255265167113978001", "1255265167113978002"
ALICE = Author("301234567890123456", "alice")
OPENS_AT = datetime.fromisoformat("2026-11-24T15:00:00+00:00")  # a Tuesday, half an hour after the open
EXPIRY = date(2026, 11, 27)
STEP = timedelta(seconds=0.1)  # how often prices are told
_DISCORD = 1_420_070_400_000
_SHARES = ("AAPL", "MSFT", "QQQ", "SPY", "NVDA", "AMD")
_PAPER_MONEY = Decimal(50_000_000)

DESK = """
signalbook: 1
desk: kill-desk
about: A desk whose engine is killed again and again
time_zone: America/New_York
accounts:
  cert: {kind: sandbox, broker: paper}
  main: {kind: production, broker: paper}
people:
  carol: {discord: "501234567890123456", about: head of the desk, permissions: [approve, control, promote]}
on_call: [carol]
channels: {"1255265167113978000": control}
sandbox: {on_cannot_represent: ask, on_outage: ask}
limits:
  max_order_value: "$400,000"
  max_contracts: 20
  max_shares: 500
  max_size: 50%
  max_open_positions: 500
  max_orders_per_day: 5000
  max_daily_loss: "$1,000,000"
  messages_per_minute: 60
  duplicate_window: 1s
"""
PLAYBOOK = """
signalbook: 1
playbook: NAME
about: Openings and exits for a desk that is killed
owner: ops
listen:
  channels: {"CHANNEL": {name: NAME}}
  authors:
    "301234567890123456": {name: alice, may: [open, close]}
  max_age: {open: 10m, close: 30m}
  good_for: 30m
read:
  use: [us-options, us-stocks, us-bare-exits]
allow: {kinds: [stock, long_option], undefined_risk: never}
size:
  percent: 5%
  of: net_liq
  basis: max_loss
  alert_quantity: at_most
  at_most: {contracts: 10}
ladder: {open: patient, close: fast}
ladders:
  patient:
    path: {from: mid, to: natural}
    rungs: [{at: 0%, hold: 10s}, {at: 100%, hold: 10s}]
    finally: cancel
  fast:
    path: {from: mid, to: natural}
    rungs: [{at: 100%, hold: 10s}]
    finally: cancel
risk:
  session: {hours: regular}
  max_open_positions: 200
  max_orders_per_day: 2000
  price_collar: {from_alert: 20%}
  duplicate_window: 1s
stages:
  sandbox: {account: cert, each: opens, pass: live, within: 60s, on_unavailable: ask}
  production: {account: main, approval: {above: "$700", by: approvers, within: 10m, on_timeout: refuse}}
  promote: {canary: {openings: 1}, auto: never}
"""


def write_desk(folder: Path) -> Path:
    """Write the playbooks and return their folder."""
    playbooks = folder / "playbooks"
    playbooks.mkdir(parents=True)
    (playbooks / "desk.yaml").write_text(DESK, encoding="utf-8")
    for name, channel in (("proving", TO_PROVE), ("trading", TO_TRADE)):
        text = PLAYBOOK.replace("NAME", name).replace("CHANNEL", channel)
        (playbooks / f"{name}.yaml").write_text(text, encoding="utf-8")
    return playbooks


# ---------------------------------------------------------------- the exchange


@dataclass
class Exchange:
    """An exchange in a process of its own. port: of the sandbox; production is at the next one."""

    port: int
    process: BaseProcess

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def opening_of(seed: int, *, is_slow: bool = True) -> Opening:
    """Return an exchange with standing prices; a slow one takes its time, and fills in parts now and then."""
    numbers = {name: (number, f"{number[:-1]}2") for name, number in ACCOUNTS.items()}
    accounts = {name: tuple(AccountSetup(each, cash=_PAPER_MONEY) for each in pair) for name, pair in numbers.items()}
    return Opening(
        seed=seed,
        pace=0.1 if is_slow else 0.0,
        is_calm=True,
        quotes=StandingMarket(seed),
        accounts=accounts,
        quirks={Quirk.PARTIAL: 0.3} if is_slow else {},
    )


def open_exchange(opening: Opening) -> Exchange:
    """Begin an exchange."""
    says = Random(opening.seed)
    while True:
        port = says.randrange(20_000, 32_000)  # below those the system hands out by itself
        try:
            sockets = bound(port)
        except OSError:
            continue
        break
    process = get_context("fork").Process(target=_serve, args=(opening, sockets), daemon=True)
    process.start()
    for each in sockets.values():
        each.close()
    return Exchange(port, process)


class StandingMarket:
    """Prices that stand still, told again and again: what is at the market fills (see paper.quotes.QuoteSource)."""

    def __init__(self, seed: int) -> None:
        self._market = SyntheticMarket(Listing(gaps=NO_GAPS), seed)

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        found = self._market.quote(symbol, OPENS_AT)
        return None if found is None else replace(found, at=now - (now - OPENS_AT) % STEP)

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        return self._market.greeks(symbol, OPENS_AT)

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        return after - (after - OPENS_AT) % STEP + STEP

    def spot(self, symbol: str) -> float:
        return self._market.spot(symbol, OPENS_AT)


def _serve(opening: Opening, sockets: dict[Environment, socket.socket]) -> None:
    # A client that dies in the middle of a request is what this is about; the server need not tell of it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    listen(open_server(opening, PaperClock(SystemClock(), OPENS_AT)), sockets)


# ---------------------------------------------------------------- messages


@dataclass
class Writer:
    """Writes alerts that fill, as the exchange of the same seed prices them."""

    seed: int
    says: Random
    count: int = 0
    market: StandingMarket = field(init=False)

    def __post_init__(self) -> None:
        self.market = StandingMarket(self.seed)

    def message(self, channel: str, content: str, at: datetime, reply_to: str = "") -> Message:
        self.count += 1
        number = (int(at.timestamp() * 1000) - _DISCORD << 22) + self.count
        return Message(str(number), channel, ALICE, at, content, reply_to=reply_to)

    def opening(self, channel: str, at: datetime) -> Message:
        if self.says.random() < 0.35:
            symbol = self.says.choice(_SHARES)
            ask = self._ask(symbol, at)
            text = f"BTO {self.says.choice((2, 4))} {symbol} @ {(ask * Decimal('1.05')).quantize(Decimal('0.01'))}"
        else:
            strike = round(self.market.spot("SPY")) + self.says.randrange(-8, 8)
            ask = self._ask(Option("SPY", EXPIRY, Right.CALL, Decimal(strike)).occ, at)
            price = (ask * Decimal("1.1") + Decimal("0.02")).quantize(Decimal("0.01"))
            text = f"BTO {self.says.choice((2, 4))} SPY {strike}C 11/27 @ {price}"
        return self.message(channel, text, at)

    def of_nothing(self, channel: str, at: datetime) -> Message:
        """Return an opening of a contract nobody lists."""
        return self.message(channel, f"BTO 2 SPY {self.says.randrange(3, 9)}C 11/27 @ 2.50", at)

    def close(self, of: Message, at: datetime) -> Message:
        return self.message(of.channel_id, self.says.choice(("all out", "sold half")), at, of.id)

    def _ask(self, symbol: str, at: datetime) -> Decimal:
        quote = self.market.quote(symbol, at)
        if quote is None or quote.ask is None:
            raise LookupError(symbol)
        return quote.ask


def write_export(file: Path, messages: Iterable[Message]) -> None:
    """Write messages as an export of a channel; all of one channel."""
    messages = list(messages)
    rows = [
        {
            "id": each.id,
            "type": "Reply" if each.reply_to else "Default",
            "timestamp": each.at.isoformat(),
            "timestampEdited": None,
            "content": each.content,
            "author": {"id": each.author.id, "name": each.author.name, "isBot": False},
            "attachments": [],
            "embeds": [],
            **({"reference": {"messageId": each.reply_to, "channelId": each.channel_id}} if each.reply_to else {}),
        }
        for each in messages
    ]
    channel = {"id": messages[0].channel_id, "name": "alerts"}
    export = {"guild": {"id": "1", "name": "desk"}, "channel": channel, "messages": rows}
    file.write_text(json.dumps(export), encoding="utf-8")


def load(playbooks: Path) -> Rulebook:
    """Return the rulebook, with everything a process would otherwise work out anew."""
    rulebook = loaded(playbooks)
    if has_errors(rulebook.issues) or rulebook.desk is None:
        raise SystemExit(f"the desk is not sound: {rulebook.issues}")
    return rulebook
