"""A staged playbook, its desk, and the entries of a journal that promotes it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.model.alert import Action
from engine.model.desk import Account, AccountKind, BrokerKind, Desk, HouseCollar, HouseLimits, Permission, Person
from engine.model.intent import Intent
from engine.model.limits import Counts
from engine.model.order import InstrumentKind, OrderLeg, PriceEffect
from engine.model.playbook import Playbook
from engine.model.source import Span
from engine.model.stages import (
    AutoPromote,
    OnUnavailable,
    ProductionStage,
    Promotion,
    SandboxEach,
    SandboxPass,
    SandboxStage,
    Stage,
    Stages,
)
from engine.plan.entries import FlowHappened, Intended, StageChanged, TradeBody, TradeEntry
from engine.plan.flow import Ended, Probed, ProbeVerdict
from engine.plan.promoting import Wish, promote
from engine.plan.promotion import Promotions

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LINE = Span("desk.yaml", 1, 1, 1, 9)
ENGINE_1, ENGINE_2 = "1.0.0", "1.1.0"
V1, V2, V3 = "1" * 32, "2" * 32, "3" * 32
NAME = "momentum"
DIFF = "d1ff"

DESK_TEXT = """\
signalbook: 1
desk: test
accounts:
  cert: {kind: sandbox, broker: paper}
  main: {kind: production, broker: paper}
people:
  carol: {discord: "501234567890123456", permissions: [approve, control, promote]}
  dave: {discord: "501234567890123457", permissions: [control]}
limits: {max_contracts: 20}
"""
PLAYBOOK_TEXT = """\
signalbook: 1
playbook: momentum
about: test
owner: ops
listen:
  channels: {"1255265167113978008": {name: alerts}}
  authors: {"301234567890123456": {name: alice, may: [open, close]}}
read: {use: [us-options]}
size: {of: net_liq, percent: 2%, at_most: {contracts: 5}}
stages:
  sandbox: {account: cert}
  production: {account: main}
  promote: {canary: {openings: 1}}
"""

CAROL = Person("carol", "501", frozenset({Permission.APPROVE, Permission.CONTROL, Permission.PROMOTE}), LINE)
DAVE = Person("dave", "502", frozenset({Permission.CONTROL}), LINE)
ERIN = Person("erin", "503", frozenset({Permission.PROMOTE, Permission.APPROVE}), LINE)
FRED = Person("fred", "504", frozenset({Permission.ALERT}), LINE)


def account(name: str, kind: AccountKind) -> Account:
    return Account(name, kind, BrokerKind.TASTYTRADE, name.upper(), f"{name.upper()}_SECRET", "", LINE)


LIMITS = HouseLimits(
    span=LINE,
    max_order_value=Decimal(10_000),
    max_contracts=None,
    max_shares=None,
    max_size=Decimal("0.05"),
    max_open_positions=5,
    max_orders_per_day=None,
    max_daily_loss=Decimal(3_000),
    messages_per_minute=60,
    per_symbol=Counts(None, 3, None, LINE),
    per_author=Counts(None, None, None, LINE),
    price_collar=HouseCollar(None, Decimal("0.1"), None, LINE),
    max_spread=None,
    duplicate_window=timedelta(minutes=5),
    repeats=None,
)
DESK = Desk(
    name="desk",
    span=LINE,
    file="desk.yaml",
    about="",
    time_zone="America/New_York",
    accounts=(account("cert", AccountKind.SANDBOX), account("main", AccountKind.PRODUCTION)),
    people=(CAROL, DAVE, ERIN, FRED),
    on_call=(),
    control_channel="",
    channels=(),
    on_cannot_represent=OnUnavailable.ASK,
    on_outage=OnUnavailable.BLOCK,
    limits=LIMITS,
)


def staged(playbook: Playbook, openings: int = 2, auto: AutoPromote = AutoPromote.NEVER) -> Playbook:
    """The playbook with a sandbox and a production account."""
    sandbox = SandboxStage("cert", SandboxEach.OPENS, SandboxPass.LIVE, timedelta(seconds=20), None, LINE, LINE)
    production = ProductionStage("main", None, LINE, LINE)
    return replace(playbook, stages=Stages(LINE, sandbox, production, Promotion(openings, auto)))


def intent(name: str, version: str, stage: Stage, symbol: str = "SPY   261218C00700000", message: str = "") -> Intent:
    """An opening of one contract, named by its id."""
    return Intent(
        id=name,
        intent_key=name,
        decision_id="d",
        alert_index=0,
        playbook=NAME,
        content_hash=version,
        stage=stage,
        message_id=message or name,
        event=1,
        channel_id="100",
        author_id="301",
        account="main" if stage.is_real else "cert",
        is_opening=True,
        legs=(OrderLeg(symbol, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 1),),
        units=1,
        price=Decimal("1.25"),
        effect=PriceEffect.DEBIT,
        alert_price=Decimal("1.25"),
        risk=Decimal(125),
        at=AT,
        good_until=AT + timedelta(minutes=3),
    )


class Journal:
    """Entries with numbers and times, folded as they come."""

    def __init__(self, engine: str = ENGINE_1) -> None:
        self.now = AT
        self.promotions = Promotions(engine)
        self.entries: list[TradeEntry] = []

    def write(self, *bodies: TradeBody) -> None:
        for body in bodies:
            entry = TradeEntry(len(self.entries) + 1, self.now, body)
            self.entries.append(entry)
            self.promotions = self.promotions.after(entry)

    def sandbox_runs(self, version: str, contracts: int = 3, days: int = 2) -> None:
        """Let a version pass the sandbox with so many contracts on so many days."""
        for number in range(max(contracts, days)):
            self.now = AT + timedelta(days=number % days)
            name = f"{version[:2]}-{len(self.entries)}"
            run = intent(name, version, Stage.SANDBOX, f"SPY {number % contracts}")
            self.write(Intended(run), FlowHappened(name, Ended("filled", 1, 0)))

    def probe(self, name: str, verdict: ProbeVerdict) -> None:
        self.write(FlowHappened(name, Probed(verdict, verdict.value)))

    def canary_opening(self, name: str, version: str, message: str = "") -> None:
        """Let a canary send one opening, which fills."""
        opening = intent(name, version, Stage.CANARY, message=message)
        assert self.promotions.against(opening) is None
        self.write(Intended(opening))
        self.probe(name, ProbeVerdict.PASS)
        self.write(FlowHappened(name, Ended("filled", 1, 0)))

    def rise(self, playbook: Playbook, version: str, to: Stage) -> None:
        """Have Carol promote a version that has shown enough."""
        made = promote(self.promotions, Wish(playbook, version, to, "carol", DIFF, DIFF), DESK)
        assert isinstance(made, StageChanged), made
        self.write(made)

    def put_in_production(self, playbook: Playbook, version: str) -> None:
        """Take a version all the way."""
        self.sandbox_runs(version)
        self.rise(playbook, version, Stage.CANARY)
        for number in range(playbook.stages.promote.canary_openings):
            self.canary_opening(f"canary-{version[:2]}-{number}", version)
        self.rise(playbook, version, Stage.PRODUCTION)


def folded(entries: Iterable[TradeEntry], engine: str) -> Promotions:
    """The promotions of a journal, as a program of another version reads them."""
    promotions = Promotions(engine)
    for entry in entries:
        promotions = promotions.after(entry)
    return promotions
