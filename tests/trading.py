"""A journal of a desk that trades: what the engine writes on the way of an alert, each step at its time."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.journal.entry_bodies import Decided, Manifest, encoded
from engine.journal.log import JournalLog
from engine.journal.trade_log import JournalTradeLog
from engine.lifecycle import events as e
from engine.lifecycle.slot import Purpose, Slot, slot_step, with_order
from engine.model.alert import Action, Alert, Asset
from engine.model.check import Check, CheckStatus
from engine.model.decision import Decision, Outcome, Reason, Size, Verdict
from engine.model.entry import EntryKind
from engine.model.intent import Intent
from engine.model.message import Author, Message
from engine.model.order import (
    Fill,
    InstrumentKind,
    Order,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PriceEffect,
    TimeInForce,
)
from engine.model.stages import Stage
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, Role, TradeBody
from engine.plan.flow import ApprovalAsked, Approved, Checked, Dropped, Ended, FlowEvent, Probed, ProbeVerdict

TEN = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
CALL = "SPY   261127C00602000"
HIGHER_CALL = "SPY   261127C00605000"
MESSAGE = "1442549871206400000"
MANIFEST = Manifest("live", "1.0", "c0de", "3.11")
SOUND = (
    Check("contract", CheckStatus.PASSED, detail="SPY 602 call 2026-11-27 is listed"),
    Check("tick", CheckStatus.PASSED, detail="1.25 is a multiple of 0.01"),
    Check("settled_cash", CheckStatus.NOT_APPLICABLE),
    Check("dry_run", CheckStatus.PASSED, detail="takes $250.26 of buying power"),
)
UNSOUND = (
    *SOUND[:2],
    Check("buying_power", CheckStatus.FAILED, blocks=True, code="too_little", detail="takes $250.26 of $100.00"),
    Check("dry_run", CheckStatus.NOT_RUN, blocks=True, code="not_asked"),
)


def key(number: int) -> str:
    """The intent key of the desk's n-th alert."""
    return f"{number:032x}"


@dataclass
class Ticking:
    """A clock that moves when it is told to."""

    now: datetime = TEN

    def __call__(self) -> datetime:
        return self.now

    def wait(self, milliseconds: float) -> None:
        self.now += timedelta(milliseconds=milliseconds)


@dataclass
class TradingDesk:
    """The journal in a folder, and what it makes of every slot."""

    folder: Path
    log: JournalLog
    clock: Ticking
    run: str = "live-1"
    slots: dict[tuple[str, str], Slot] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, run: str = "live-1") -> "TradingDesk":
        clock = Ticking()
        desk = cls(folder, JournalLog.open(folder, clock), clock, run)
        desk.log.append(EntryKind.RUN_STARTED, run, encoded(MANIFEST))
        return desk

    @property
    def trades(self) -> JournalTradeLog:
        return JournalTradeLog(self.log, self.run)

    def close(self) -> None:
        self.log.close()

    def write(self, body: TradeBody, after: float = 1) -> None:
        """Write an entry, so many milliseconds after the one before."""
        self.clock.wait(after)
        trades = self.trades
        trades.write(body)
        trades.sync()

    def decide(self, *outcomes: Outcome, number: int = 1, after: float = 3) -> Record:
        """Take in the n-th message, and decide it."""
        posted, taken_in = self.clock.now - timedelta(milliseconds=240), self.clock.now
        message_id = str(int(MESSAGE) + number - 1)
        text = "BTO SPY 602C 11/27 @ 1.25"
        decision = Decision(
            f"{number:016x}",
            "momentum",
            "c0ffee",
            message_id,
            1,
            "100",
            "301",
            "alice",
            posted,
            taken_in,
            text,
            outcomes,
        )
        message = Message(message_id, "100", Author("301", "alice"), posted, text)
        record = Record(message, Facts(taken_in, "c0ffee"), decision)
        self.clock.wait(after)
        self.log.append(EntryKind.DECIDED, self.run, encoded(Decided((record,))))
        self.log.sync()
        return record

    def intend(self, intent: Intent) -> Intent:
        self.write(Intended(intent), 2)
        return intent

    def step(self, intent: Intent, event: FlowEvent, after: float = 1) -> None:
        self.write(FlowHappened(intent.id, event), after)

    def plan(self, intent: Intent, role: Role, account: str, suffix: str = "", *, is_close: bool = False) -> Order:
        slot_id = f"{intent.id}{suffix}"
        purpose = Purpose.EXIT if is_close else Purpose.ENTRY
        slot = self.slots.get((account, slot_id), Slot(slot_id, purpose, intent.units))
        legs = tuple(replace(leg, action=_closing(leg.action)) for leg in intent.legs) if is_close else intent.legs
        order = Order(slot.next_client_id, account, legs, OrderType.LIMIT, price=intent.price, effect=intent.effect)
        taken = with_order(slot, order)
        assert isinstance(taken, Slot), taken
        self.slots[account, slot_id] = taken
        self.write(Planned(account, slot_id, intent.id, role, purpose, intent.units, order))
        return order

    def happen(self, order: Order, event: e.Event, after: float = 1) -> None:
        """Write an event of an order; one the lifecycle does not expect is a mistake of the test."""
        slot_id = order.client_id.rpartition("-")[0]
        self.write(OrderHappened(order.account, slot_id, order.client_id, event), after)
        stepped = slot_step(self.slots[order.account, slot_id], order.client_id, event, self.clock.now)
        assert stepped.anomaly is None, stepped.anomaly
        self.slots[order.account, slot_id] = stepped.slot

    def send(self, order: Order, name: str) -> None:
        """Have an order sent, taken and live, by the broker's name for it."""
        self.happen(order, e.IntentJournaled())
        self.happen(order, e.SendStarted())
        self.happen(order, e.Acknowledged(shown(order, name, OrderStatus.ROUTED)), 85)
        self.happen(order, e.Reported(shown(order, name, OrderStatus.LIVE)), 40)

    def fill(self, order: Order, name: str, *quantities: int) -> None:
        """Have an order filled in so many parts, each told twice."""
        fills: tuple[Fill, ...] = ()
        for number, quantity in enumerate(quantities, 1):
            fills += tuple(
                Fill(
                    f"{name}-{number}",
                    leg.symbol,
                    quantity * leg.quantity // units_in(order),
                    PRICES[leg.symbol],
                    self.clock.now,
                )
                for leg in order.legs
            )
            is_last = number == len(quantities)
            status = OrderStatus.FILLED if is_last else OrderStatus.LIVE
            told = e.Reported(shown(order, name, status, fills))
            self.happen(order, told, 120)
            self.happen(order, told, 5)


PRICES = {CALL: Decimal("1.25"), HIGHER_CALL: Decimal("0.55")}


def units_in(order: Order) -> int:
    return min(leg.quantity for leg in order.legs)


def shown(order: Order, name: str, status: OrderStatus, fills: tuple[Fill, ...] = ()) -> PlacedOrder:
    """An order as the broker shows it."""
    filled = sum(fill.quantity for fill in fills if fill.symbol == order.legs[0].symbol)
    left = order.legs[0].quantity - filled
    return PlacedOrder(
        name,
        order.client_id,
        order.account,
        order.legs,
        order.order_type,
        TimeInForce.DAY,
        status,
        order.price,
        order.effect,
        left,
        fills,
    )


def approved(number: int = 1, quantity: int = 2) -> Outcome:
    """What the desk's n-th alert came to: an opening that passed."""
    alert = Alert(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, price=Decimal("1.25"), pattern="entry")
    size = Size(quantity, Decimal(125), Decimal("1.25"), "size.percent")
    return Outcome(0, Verdict.APPROVED, Reason.APPROVED, "every gate passed", alert, size=size, intent_key=key(number))


def denied() -> Outcome:
    return Outcome(0, Verdict.DENIED, Reason.SYMBOL_DENIED, "SPY is denied", is_order_shaped=True)


def leg(symbol: str = CALL, action: Action = Action.BUY_TO_OPEN, quantity: int = 2) -> OrderLeg:
    return OrderLeg(symbol, InstrumentKind.EQUITY_OPTION, action, quantity)


def intent_of(record: Record, number: int = 1, stage: Stage = Stage.PRODUCTION, **changes: object) -> Intent:
    """What the opening of a message asks."""
    decision = record.decision
    intent = Intent(
        id=key(number),
        intent_key=key(number),
        decision_id=decision.decision_id,
        alert_index=0,
        playbook=decision.playbook,
        content_hash=decision.content_hash,
        stage=stage,
        message_id=decision.message_id,
        event=1,
        channel_id="100",
        author_id="301",
        account="main" if stage.is_real else "cert",
        is_opening=True,
        legs=(leg(),),
        units=2,
        price=Decimal("1.25"),
        effect=PriceEffect.DEBIT,
        alert_price=Decimal("1.25"),
        risk=Decimal(250),
        at=decision.now,
        good_until=decision.now + timedelta(minutes=3),
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


def trade_in_production(desk: TradingDesk, number: int = 1) -> Intent:
    """One alert, all its way: probed in the sandbox, approved by a person, checked, sent, filled in two parts."""
    intent = desk.intend(intent_of(desk.decide(approved(number), number=number), number))
    name = f"50{number}"
    probe = desk.plan(intent, Role.PROBE, "cert", "p")
    desk.send(probe, f"{name}1")
    desk.step(intent, Probed(ProbeVerdict.PASS, "the sandbox's order was live", f"{intent.id}p"))
    desk.happen(probe, e.CancelAsked("the probe has shown what it can"))
    desk.step(intent, ApprovalAsked("above $200", ("dana", "erin"), desk.clock.now + timedelta(minutes=2)))
    desk.happen(probe, e.Reported(shown(probe, f"{name}1", OrderStatus.CANCELLED)), 60)
    desk.step(intent, Approved("dana"), 4_200)
    desk.step(intent, Checked(SOUND, Decimal("1.25"), is_sound=True), 95)
    order = desk.plan(intent, Role.TRADE, "main")
    desk.send(order, f"{name}2")
    desk.fill(order, f"{name}2", 1, 1)
    desk.step(intent, Ended("filled", 2, 0))
    return intent


def refuse_in_sandbox(desk: TradingDesk, number: int = 2) -> Intent:
    """One alert whose probe the sandbox rejects."""
    intent = desk.intend(intent_of(desk.decide(approved(number), number=number), number))
    probe = desk.plan(intent, Role.PROBE, "cert", "p")
    desk.happen(probe, e.IntentJournaled())
    desk.happen(probe, e.SendStarted())
    desk.happen(probe, e.Refused(("margin_check_failed",)), 70)
    codes = ("margin_check_failed",)
    desk.step(
        intent, Probed(ProbeVerdict.REFUSED, "the sandbox refused it: margin_check_failed", f"{intent.id}p", codes)
    )
    desk.step(intent, Dropped("sandbox_refused", "the sandbox refused it: margin_check_failed"))
    return intent


def fail_the_checks(desk: TradingDesk, number: int = 3) -> Intent:
    """One alert the sandbox cannot judge, whose order fails its checks."""
    intent = desk.intend(intent_of(desk.decide(approved(number), number=number), number))
    desk.step(intent, Probed(ProbeVerdict.OUTAGE, "account cert cannot be reached"))
    desk.step(intent, Checked(UNSOUND, Decimal("1.25"), is_sound=False))
    desk.step(intent, Dropped("unsound", "buying_power: takes $250.26 of $100.00"))
    return intent


def trade_in_sandbox(desk: TradingDesk, number: int = 4) -> Intent:
    """One vertical of a version that is in the sandbox, half filled, the rest cancelled."""
    legs = (leg(), leg(HIGHER_CALL, Action.SELL_TO_OPEN))
    record = desk.decide(approved(number), number=number)
    intent = desk.intend(intent_of(record, number, Stage.SANDBOX, legs=legs, price=Decimal("0.70")))
    desk.step(intent, Checked(SOUND, Decimal("0.70"), is_sound=True))
    order = desk.plan(intent, Role.TRADE, "cert")
    name = f"50{number}1"
    desk.send(order, name)
    half = tuple(Fill(f"{name}-1", each.symbol, 1, PRICES[each.symbol], desk.clock.now) for each in legs)
    desk.happen(order, e.Reported(shown(order, name, OrderStatus.LIVE, half)), 300)
    desk.happen(order, e.CancelAsked("good_until has passed"), 1_000)
    desk.happen(order, e.Reported(shown(order, name, OrderStatus.CANCELLED, half)), 80)
    desk.step(intent, Ended("cancelled", 1, 1))
    return intent


def leave_open(desk: TradingDesk, number: int = 5) -> Intent:
    """One alert whose order works, and whose outcome was unknown for a while."""
    intent = desk.intend(intent_of(desk.decide(approved(number), number=number), number))
    desk.step(intent, Probed(ProbeVerdict.SKIPPED, "an opening of this version has passed before"))
    desk.step(intent, Checked(SOUND, Decimal("1.25"), is_sound=True))
    order = desk.plan(intent, Role.TRADE, "main")
    desk.happen(order, e.IntentJournaled())
    desk.happen(order, e.SendStarted())
    desk.happen(order, e.OutcomeUnknown("no answer within 30 s"), 30_000)
    desk.happen(order, e.NotFound(is_position_unchanged=True), 1_000)
    desk.happen(order, e.Found(shown(order, f"50{number}1", OrderStatus.LIVE)), 2_000)
    return intent


def _closing(action: Action) -> Action:
    return Action.SELL_TO_CLOSE if action is Action.BUY_TO_OPEN else Action.BUY_TO_CLOSE
