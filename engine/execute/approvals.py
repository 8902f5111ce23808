"""A person's yes or no to an opening: asked for, waited for, taken in. Who may and when: see plan.approval."""

from engine.execute.flows import Flows
from engine.execute.rules import Rules
from engine.execute.waiting import WaitingClock, within
from engine.model.desk import Person
from engine.plan.approval import Need, asked, timed_out
from engine.plan.flow import Approved, Declined, Flow


class Approvals:
    """Asks, and takes answers; what is asked and answered survives a restart."""

    def __init__(self, flows: Flows, clock: WaitingClock, rules: Rules) -> None:
        self._flows = flows
        self._clock = clock
        self._rules = rules

    def approve(self, intent_id: str, by: Person) -> str | None:
        """Take in a yes; return why it does not count. Raises: JournalError."""
        return self._answer(intent_id, by, Approved(by.name))

    def decline(self, intent_id: str, by: Person, why: str) -> str | None:
        """Take in a no; return why it does not count. Raises: JournalError."""
        return self._answer(intent_id, by, Declined(by.name, why))

    async def wait(self, intent_id: str, need: Need) -> None:
        """Ask unless that was done, and return once there is an answer, or a no for want of one."""
        flow = self._flows[intent_id]
        if flow.asked is None:
            self._flows.record(intent_id, asked(need, flow.intent, self._clock.now()))
        while (flow := self._flows[intent_id]).awaits_approval and flow.asked is not None:
            follows = timed_out(flow.asked, need, flow.intent, self._clock.now())
            if follows is not None:
                self._flows.record(intent_id, follows)
            else:
                await within(self._clock, flow.asked.until, lambda: self._flows.until(intent_id, _is_answered))

    def _answer(self, intent_id: str, by: Person, answer: Approved | Declined) -> str | None:
        flow = self._flows.all.get(intent_id)
        why = "there is no such order" if flow is None else self._why_not(flow, by)
        if not why:
            self._flows.record(intent_id, answer)
        return why

    def _why_not(self, flow: Flow, by: Person) -> str | None:
        if flow.asked is None or not flow.awaits_approval:
            return "nobody is asked about it now"
        if self._clock.now() >= flow.asked.until:
            return f"the time for an answer ended at {flow.asked.until:%H:%M:%S} UTC"
        if by.id == flow.intent.author_id:
            return f"{by.name} wrote the alert, and nobody approves his own"
        return self._rules.may_approve(flow.intent, by)


def _is_answered(flow: Flow) -> bool:
    return not flow.awaits_approval
