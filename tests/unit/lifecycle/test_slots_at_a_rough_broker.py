"""Random lives of orders: news lost, doubled, late and out of order, crashes, hidden fills, crossing cancels."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.lifecycle import events as e
from engine.lifecycle.effects import Book, Cancel, Effect, Probe, Replace, Send, Wake
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Purpose, Slot, slot_step, with_order
from engine.lifecycle.states import OVER, State
from engine.model.order import OrderStatus
from tests.unit.lifecycle.orders import NOW, an_order
from tests.unit.lifecycle.rough_broker import Held, RoughBroker, cheaper

# The longest a request may be on its way: well under the minute of probing that gives an order up.
LONGEST_ON_THE_WAY = 30


BAD_ANSWERS = {"refused": e.Refused(("margin_check_failed",)), "unsent": e.NothingSent("no route")}


class SlotLife(RuleBasedStateMachine):
    """One slot, a runner that does what it is told, and a broker that does not make it easy."""

    @initialize(units=st.integers(1, 4), is_exit=st.booleans(), is_spread=st.booleans())
    def begin(self, units: int, is_exit: bool, is_spread: bool):
        self.slot = Slot("s", Purpose.EXIT if is_exit else Purpose.ENTRY, units)
        self.is_spread = is_spread
        self.broker = RoughBroker()
        self.now = NOW
        self.booked: list[str] = []
        self.sends: list[str] = []
        self.timers: dict[str, Wake] = {}
        self.probes: dict[str, Probe] = {}
        self.looks = 0

    # What the desk does.

    @rule(
        share=st.integers(1, 4),
        answer=st.sampled_from(["ack", "late", "lost", "dropped", "refused", "unsent", "dies", "dies sent"]),
    )
    def send(self, share: int, answer: str):
        units = min(share, self.slot.room)
        is_exit = self.slot.purpose is Purpose.EXIT
        order = an_order(units, self.slot.next_client_id, is_closing=is_exit, is_spread=self.is_spread)
        slot = with_order(self.slot, order)
        if isinstance(slot, Slot):
            self.slot, self.answer = slot, answer
            self.tell(order.client_id, e.IntentJournaled())

    @precondition(lambda self: self.slot.attempts)
    @rule(index=st.integers(0, 9))
    def cancel(self, index: int):
        self.tell(self.some(index).client_id, e.CancelAsked("a person"))

    @precondition(lambda self: self.slot.attempts)
    @rule(index=st.integers(0, 9), answer=st.sampled_from(["ack", "silent", "unsent"]))
    def replace(self, index: int, answer: str):
        self.answer = answer
        attempt = self.some(index)
        self.tell(attempt.client_id, e.ReplaceAsked(cheaper(attempt.order)))

    @precondition(lambda self: self.slot.attempts)
    @rule()
    def crash(self):
        for attempt in self.slot.attempts:
            if attempt.state is not State.DRAFT:
                self.tell(attempt.client_id, e.Recovered())

    # What the broker does.

    @precondition(lambda self: self.broker.held)
    @rule(index=st.integers(0, 9), units=st.integers(1, 4), is_hidden=st.booleans())
    def fill(self, index: int, units: int, is_hidden: bool):
        held = self.held(index)
        if held.status is not OrderStatus.CONTINGENT and held.open_units and self.broker.works(held):
            self.broker.fill(held, min(units, held.open_units), is_hidden=is_hidden)

    @precondition(lambda self: self.broker.held)
    @rule(index=st.integers(0, 9))
    def proceed(self, index: int):
        held = self.held(index)
        if self.is_settling(held):
            self.broker.settle_replace(held)
            return
        if held.status is OrderStatus.ROUTED:
            held.status = OrderStatus.LIVE
            self.broker.show(held)
        elif held.status is OrderStatus.CANCEL_REQUESTED:
            self.broker.end(held, OrderStatus.CANCELLED)

    @precondition(lambda self: self.broker.held)
    @rule(index=st.integers(0, 9), status=st.sampled_from([OrderStatus.EXPIRED, OrderStatus.REJECTED]))
    def end(self, index: int, status: OrderStatus):
        held = self.held(index)
        if held.status in (OrderStatus.LIVE, OrderStatus.ROUTED):
            is_rejected = status is OrderStatus.REJECTED and not held.true_filled and held.status is OrderStatus.ROUTED
            self.broker.end(held, OrderStatus.REJECTED if is_rejected else OrderStatus.EXPIRED)

    # What comes through.

    @precondition(lambda self: self.broker.news)
    @rule(index=st.integers(0, 99))
    def hear(self, index: int):
        shown = self.broker.news[index % len(self.broker.news)]
        self.tell(shown.client_id, e.Reported(shown))

    @rule(seconds=st.integers(1, 20))
    def wait(self, seconds: int):
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            self.broker.arrive(self.now)
            self.ring()
        for shown in self.broker.unhide():  # the stream brings late fills within the grace period
            self.tell(shown.client_id, e.Reported(shown))

    # What must hold.

    @invariant()
    def nothing_is_sent_twice(self):
        assert len(set(self.sends)) == len(self.sends)
        assert len(set(self.broker.taken)) == len(self.broker.taken)

    @invariant()
    def the_slot_is_never_exceeded(self):
        filled = sum(self.broker.true_filled(attempt.client_id) for attempt in self.slot.attempts)
        could = sum(self.broker.true_open(attempt.client_id) for attempt in self.slot.attempts)
        assert filled + could <= self.slot.units
        if self.slot.could_fill > self.slot.remainder:  # a fill and a replacement crossed
            assert all(attempt.is_cancel_wanted for attempt in self.slot.attempts if attempt.could_fill)

    @invariant()
    def nothing_real_goes_uncounted(self):
        for attempt in self.slot.attempts:
            real = self.broker.true_filled(attempt.client_id) + self.broker.true_open(attempt.client_id)
            assert real <= attempt.filled + attempt.could_fill, attempt

    @invariant()
    def fills_are_booked_once_and_are_real(self):
        real = {fill.id for held in self.broker.held.values() for fill in (*held.fills, *held.hidden)}
        assert len(set(self.booked)) == len(self.booked)
        assert set(self.booked) <= real

    def teardown(self):
        if not hasattr(self, "slot"):
            return
        self.wait(LONGEST_ON_THE_WAY)
        for held in list(self.broker.held.values()):
            if not held.status.is_final:
                self.broker.end(held, OrderStatus.EXPIRED)
        for attempt in self.slot.attempts:
            self.tell(attempt.client_id, e.DayEnded())
        for _ in range(12):
            self.wait(20)
        for attempt in self.slot.attempts:
            self.ends_in_truth(attempt)

    def ends_in_truth(self, attempt: OrderState):
        held = self.broker.of(attempt.client_id)
        real = self.broker.true_filled(attempt.client_id)
        assert attempt.state in OVER, attempt
        assert attempt.is_settled, attempt
        assert attempt.filled == real
        assert attempt.could_fill == 0
        assert (attempt.state in (State.UNSENT, State.ABSENT)) <= (not held)
        assert (attempt.state is State.FILLED) == (real == attempt.units)

    # The runner.

    def tell(self, client_id: str, event: e.Event):
        stepped = slot_step(self.slot, client_id, event, self.now)
        self.slot = stepped.slot
        for effect in stepped.effects:
            self.carry_out(client_id, effect)

    def carry_out(self, client_id: str, effect: Effect):
        if isinstance(effect, Send):
            self.sends.append(client_id)
            self.write(effect)
        elif isinstance(effect, Replace):
            self.put(client_id, effect)
        elif isinstance(effect, Cancel):
            taken = self.broker.cancel(effect.order_id)
            if not taken:
                self.tell(client_id, e.CancelRefused(("cannot_update_order",)))
        elif isinstance(effect, Book):
            self.booked.append(effect.fill.id)
        elif isinstance(effect, Wake):
            self.timers[effect.client_id] = effect
        elif isinstance(effect, Probe):
            self.probes[effect.client_id] = effect

    def write(self, send: Send):
        order = send.order
        if self.answer == "dies":
            self.crash()
            return
        self.tell(order.client_id, e.SendStarted())
        if self.find(order.client_id).state is not State.SENT:
            return
        taken = self.broker.take(order) if self.answer in ("ack", "lost", "dies sent") else None
        if self.answer == "late":
            self.broker.take_later(order, self.now + timedelta(seconds=LONGEST_ON_THE_WAY))
        if self.answer == "dies sent":
            self.crash()
        elif self.answer == "ack" and taken:
            self.tell(order.client_id, e.Acknowledged(taken))
        else:
            self.tell(order.client_id, BAD_ANSWERS.get(self.answer, e.OutcomeUnknown("timeout")))

    def put(self, client_id: str, effect: Replace):
        new = None if self.answer == "unsent" else self.broker.replace(effect.order_id, effect.order)
        if self.answer == "silent":
            self.tell(client_id, e.ReplaceUnanswered("timeout"))
        elif new is None:
            self.tell(client_id, e.ReplaceFailed(("cannot_update_order",)))
        else:
            self.tell(client_id, e.ReplaceAcknowledged(new))

    def ring(self):
        for client_id, wake in list(self.timers.items()):
            if wake.at <= self.now and self.timers.get(client_id) is wake:
                del self.timers[client_id]
                self.tell(client_id, e.GraceOver())
        for client_id, probe in list(self.probes.items()):
            if probe.at <= self.now and self.probes.get(client_id) is probe:
                del self.probes[client_id]
                if self.find(client_id).wants_probe:
                    self.look(client_id)

    def look(self, client_id: str):
        self.looks += 1
        if self.looks % 5 == 0:
            self.tell(client_id, e.ProbeUnanswered("timeout"))
            return
        held = self.broker.of(client_id)
        for one in held:
            self.tell(client_id, e.Found(self.broker.show(one)))
        if not held:
            self.tell(client_id, e.NotFound(is_position_unchanged=True))

    def is_settling(self, held: Held) -> bool:
        is_waiting = held.status in (OrderStatus.CONTINGENT, OrderStatus.CANCEL_REQUESTED) and not held.true_filled
        return held.replaces != "" and is_waiting and not self.broker.held[held.replaces].status.is_final

    def find(self, client_id: str) -> OrderState:
        return next(attempt for attempt in self.slot.attempts if attempt.client_id == client_id)

    def some(self, index: int) -> OrderState:
        return self.slot.attempts[index % len(self.slot.attempts)]

    def held(self, index: int) -> Held:
        return list(self.broker.held.values())[index % len(self.broker.held)]


TestSlotLife = SlotLife.TestCase
TestSlotLife.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
