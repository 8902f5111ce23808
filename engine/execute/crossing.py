"""Sandbox and production never cross: the one place every order of an intent passes on its way to an account."""

from engine.execute.drafts import slot_id
from engine.execute.flows import Flows
from engine.execute.rules import AccountDesk
from engine.lifecycle.slot import Purpose, Refusal
from engine.model.check import CheckStatus
from engine.model.desk import AccountKind
from engine.model.errors import InvariantBroken
from engine.model.stages import Stage
from engine.plan.entries import Planned, Role
from engine.plan.flow import Flow, Next, ProbeVerdict, next_step
from engine.plan.validation import DRY_RUN


def submit(planned: Planned, desk: AccountDesk, flows: Flows) -> Refusal | None:
    """
    Give a draft to an account's executor; return why it is not taken, None when it is.

    Raises: InvariantBroken, when the order does not belong there, or its intent has not come that far; JournalError.
    """
    wrong = misplaced(planned, desk, flows[planned.intent_id])
    if wrong:
        raise InvariantBroken(f"order {planned.order.client_id}, {planned.role.value} for {desk.alias}: {wrong}")
    refusal = desk.executor.submit(planned)
    if refusal is None:
        flows.note_planned(planned)
    return refusal


def misplaced(planned: Planned, desk: AccountDesk, flow: Flow) -> str:
    """Return why an order must not go to an account, "" when it may."""
    intent = flow.intent
    if planned.account != desk.alias or planned.order.account != desk.broker.account:
        return f"it is for {planned.account}"
    if planned.intent_id != intent.id or planned.slot_id != slot_id(intent, planned.role):
        return "its slot is of another intent or role"
    if any(leg.action.opens for leg in planned.order.legs) is not (planned.purpose is Purpose.ENTRY):
        return "it says to open and to close"
    if intent.stage is Stage.OBSERVE:
        return "its playbook only observes"
    return _misplaced_trade(planned, desk, flow) if planned.role is Role.TRADE else _misplaced_try(planned, desk, flow)


def _misplaced_try(planned: Planned, desk: AccountDesk, flow: Flow) -> str:
    if desk.kind is not AccountKind.SANDBOX:
        return "only what an alert asks for goes to production"
    if planned.role is Role.PROBE:
        return "" if next_step(flow) is Next.PROBE else "its intent needs no probe now"
    return "" if planned.purpose is Purpose.EXIT else "it opens"


def _misplaced_trade(planned: Planned, desk: AccountDesk, flow: Flow) -> str:
    intent = flow.intent
    if desk.alias != intent.account:
        return f"its intent is for {intent.account}"
    if intent.stage.is_real is not (desk.kind is AccountKind.PRODUCTION):
        return f"its version is at {intent.stage.value}"
    if planned.purpose is not (Purpose.ENTRY if intent.is_opening else Purpose.EXIT):
        return "its intent is the other way round"
    if flow.checked is None or not flow.checked.is_sound:
        return "it was not checked, or a check forbids it"
    if intent.is_opening and next_step(flow) not in (Next.SEND, Next.JUDGE):
        return f"the next step of its intent is to {next_step(flow).value}"
    return "" if _is_cleared(flow) else "the sandbox has not passed it, and nobody said yes"


def _is_cleared(flow: Flow) -> bool:
    """Return whether an opening was proven: by the sandbox, a person's yes, or the broker's dry run in its place."""
    if not (flow.intent.is_opening and flow.intent.stage.is_real):
        return True
    if flow.probe is None or flow.checked is None:
        return False
    if flow.approved is not None or flow.probe.verdict in (ProbeVerdict.PASS, ProbeVerdict.SKIPPED):
        return True
    dry_run = next((check for check in flow.checked.checks if check.name == DRY_RUN), None)
    return dry_run is not None and dry_run.status is CheckStatus.PASSED
