"""Openings nobody wants any more: given up while they rest, and closed again where they fill all the same."""

from collections.abc import Callable
from typing import Protocol

from engine.app.giving_up import GivenUp, given_up
from engine.app.serving import Served
from engine.app.trading_so_far import TradingSoFar
from engine.decide.record import Record
from engine.execute.stager import Stager
from engine.model.decision import Outcome
from engine.parse.exits import describe
from engine.plan.entries import FlowHappened
from engine.plan.flow import FilledLate
from engine.ports import TradeLog


class Carrier(Protocol):
    """Who carries out what is approved."""

    def begin(self, record: Record, outcome: Outcome) -> None:
        """Begin with an approved outcome, which is on disk."""
        ...

    def warn(self, sentence: str) -> None:
        """Tell a person, at once."""
        ...


class UnwantedOpenings:
    """
    Follows openings that a decision has given up, to the end of their orders.

    served: who decides now. Every method raises JournalError.
    """

    def __init__(
        self, so_far: TradingSoFar, stager: Stager, served: Callable[[], Served], log: TradeLog, carrier: Carrier
    ) -> None:
        self._so_far = so_far
        self._stager = stager
        self._served = served
        self._log = log
        self._carrier = carrier

    def given_up_by(self, record: Record) -> tuple[GivenUp, ...]:
        """Return what a decision takes back, and the openings whose author is out before they are filled."""
        so_far, flows = self._so_far, self._stager.flows
        live = so_far.versions.find(record.decision.playbook, record.decision.content_hash)
        if live is None:
            return ()
        over = {key for key, flow in flows.items() if flow.is_over}
        under_way = [each for key, each in so_far.approved.items() if key not in over]
        return given_up(record, under_way, live.playbook, leads=self._served().leads(live))

    def give_up_by(self, record: Record) -> None:
        """Give up what a decision does, once that is on disk."""
        given = self.given_up_by(record)
        self._so_far.note_given_up(record, given)
        for each in given:
            self._stager.drop(each.intent_id, each.code, each.why)

    def give_up_again(self) -> None:
        """Give up what decisions have given up; a crash may have come between that and its being done."""
        for each in self._so_far.given_up.values():
            self._stager.drop(each.intent_id, each.code, each.why)

    def close_what_filled(self) -> None:
        """Close what has filled of openings after their author was out, where their orders have come to their ends."""
        flows = self._stager.flows
        for key in [key for key in self._so_far.closed_first if key in flows and flows[key].is_over]:
            units = self._so_far.filled_late(key)
            if units:
                self._close(key, units)
            else:
                del self._so_far.closed_first[key]

    def _close(self, key: str, units: int) -> None:
        message = self._so_far.closed_first[key].close.message.id
        late = FilledLate(units, f"which its author had closed by message {message}")
        self._log.write(FlowHappened(key, late), urgent=True)
        self._log.sync()
        made = self._so_far.take_late(key, units)
        if made is not None:
            record, outcome = made
            what = "" if outcome.alert is None else describe(outcome.alert.legs)
            self._carrier.warn(
                f"{units} {what} filled in account {outcome.account} after its author was out: it is closed at once; "
                f"signalbook trace {message} shows what becomes of it"
            )
            self._carrier.begin(record, outcome)
