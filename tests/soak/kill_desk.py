"""What the kill soak trades with: a desk of three playbooks, its messages, and an exchange in a process of its own."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random

from engine.adapters.clock import SystemClock
from engine.model.instrument import Option, Right
from engine.model.message import Author, Message
from engine.paper.clock import PaperClock
from engine.paper.conduct import AccountSetup, Quirk
from engine.paper.faults import Slip, Trouble
from engine.paper.hostility import Hostility
from engine.paper.listening import bound, listen
from engine.paper.listing import NO_GAPS, Listing
from engine.paper.manners import CALM
from engine.paper.opening import ACCOUNTS, Opening, open_server
from engine.paper.quotes import Greeks, Quote
from engine.paper.synthetic import SyntheticMarket
from engine.paper.venue import Environment
from engine.playbook.loader import has_errors
from engine.playbook.rulebook import Rulebook
from tests.feeding import loaded

TO_PROVE, TO_TRADE, TO_TRY = "1255265167113978001", "1255265167113978002", "1255265167113978003"
CHANNELS = {"proving": TO_PROVE, "trading": TO_TRADE, "trying": TO_TRY}
OPENINGS = 4  # of the canary
ALICE = Author("301234567890123456", "alice")
OPENS_AT = datetime.fromisoformat("2026-11-24T15:00:00+00:00")  # a Tuesday, half an hour after the open
EXPIRY = date(2026, 11, 27)
STEP = timedelta(seconds=0.1)  # how often prices are told
_DISCORD = 1_420_070_400_000
_SHARES = ("AAPL", "MSFT", "QQQ", "SPY", "NVDA", "AMD")
_PAPER_MONEY = Decimal(50_000_000)
_PARTIAL = 0.3  # of all orders at a slow exchange fill in parts
_SILENCE = 3.0  # seconds; longer than a process of the soak waits for an answer
_LATE = 1.0

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


WIDER = {
    "us-stocks, us-bare-exits]": "us-stocks, us-spreads, us-bare-exits]",
    "[stock, long_option]": "[stock, long_option, debit_vertical, credit_vertical, iron_condor]",
    "  max_age:": "  on_edit: replace\n  on_delete: cancel\n  max_age:",
    "{openings: 1}": f"{{openings: {OPENINGS}}}",
}
"""What the soak's playbooks say instead: they also take spreads, and do as edits and deletions say."""


def write_desk(folder: Path, changes: Mapping[str, str] | None = None, about: str = "") -> Path:
    """
    Write the playbooks and return their folder.

    changes: what they say instead of something else. about: of the one that is tried, where there is one; with another
    about it is another version.
    """
    playbooks = folder / "playbooks"
    playbooks.mkdir(parents=True)
    (playbooks / "desk.yaml").write_text(DESK, encoding="utf-8")
    for name, channel in CHANNELS.items():
        if name == "trying" and not about:
            continue
        text = PLAYBOOK.replace("NAME", name).replace("CHANNEL", channel)
        for before, after in (changes or {}).items():
            text = text.replace(before, after)
        if name == "trying":
            text = text.replace("Openings and exits for a desk that is killed", about)
        (playbooks / f"{name}.yaml").write_text(text, encoding="utf-8")
    return playbooks


# ---------------------------------------------------------------- the exchange


@dataclass
class Exchange:
    """
    An exchange in a process of its own.

    port: of the sandbox; production is at the next one. is_awkward: set while requests and messages go wrong.
    """

    port: int
    process: BaseProcess
    is_awkward: Event

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def opening_of(seed: int, *, is_slow: bool = True, awkwardness: float = 0.0) -> Opening:
    """
    Return an exchange with standing prices; a slow one takes its time, and fills in parts now and then.

    awkwardness: the share of its requests, messages and orders that go wrong one way or another (see Hostility).
    """
    numbers = {name: (number, f"{number[:-1]}2") for name, number in ACCOUNTS.items()}
    accounts = {name: tuple(AccountSetup(each, cash=_PAPER_MONEY) for each in pair) for name, pair in numbers.items()}
    opening = Opening(
        seed=seed,
        pace=0.1 if is_slow else 0.0,
        is_calm=True,
        quotes=StandingMarket(seed),
        accounts=accounts,
        quirks={Quirk.PARTIAL: _PARTIAL} if is_slow else {},
    )
    if not awkwardness:
        return opening
    hostile = Hostility(seed, awkwardness)
    return replace(
        opening,
        manners=replace(CALM, seed=seed, silence=_SILENCE, slowness=_LATE),
        quirks={**hostile.quirks(), Quirk.PARTIAL: _PARTIAL},
        faults=hostile.opening().faults,
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
    context = get_context("fork")
    is_awkward = context.Event()
    process = context.Process(target=_serve, args=(opening, sockets, is_awkward), daemon=True)
    process.start()
    for each in sockets.values():
        each.close()
    return Exchange(port, process, is_awkward)


class StandingMarket:
    """Prices that stand still, told again and again: what is at the market fills (see paper.quotes.QuoteSource)."""

    def __init__(self, seed: int) -> None:
        self._market = SyntheticMarket(Listing(gaps=NO_GAPS), seed)

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        found = self._market.quote(symbol, OPENS_AT)
        if found is None:
            return None
        steps, since = divmod(now - OPENS_AT, STEP)  # a feed is silent about what has not changed at all: a size has
        return replace(found, at=now - since, bid_size=found.bid_size + steps % 2)

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        return self._market.greeks(symbol, OPENS_AT)

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        return after - (after - OPENS_AT) % STEP + STEP

    def spot(self, symbol: str) -> float:
        return self._market.spot(symbol, OPENS_AT)


class _Chances(dict[Trouble | Slip, float]):
    """How often something goes wrong, while it may."""

    is_awkward: Event

    def get(self, kind: Trouble | Slip, default: float = 0.0) -> float:  # type: ignore[override]
        return super().get(kind, default) if self.is_awkward.is_set() else 0.0


def _serve(opening: Opening, sockets: dict[Environment, socket.socket], is_awkward: Event) -> None:
    # A client that dies in the middle of a request is what this is about; the server need not tell of it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    server = open_server(opening, PaperClock(SystemClock(), OPENS_AT))
    for venue in server.venues.values():
        venue.faults.chances = chances = _Chances(venue.faults.chances)
        chances.is_awkward = is_awkward
    listen(server, sockets)


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

    def _ask(self, symbol: str, at: datetime) -> Decimal:
        return self.sides(symbol, at)[1]

    def sides(self, symbol: str, at: datetime) -> tuple[Decimal, Decimal]:
        """Return bid and ask."""
        quote = self.market.quote(symbol, at)
        if quote is None or quote.bid is None or quote.ask is None:
            raise LookupError(symbol)
        return quote.bid, quote.ask


def load(playbooks: Path) -> Rulebook:
    """Return the rulebook, with everything a process would otherwise work out anew."""
    rulebook = loaded(playbooks)
    if has_errors(rulebook.issues) or rulebook.desk is None:
        raise SystemExit(f"the desk is not sound: {rulebook.issues}")
    return rulebook
