"""A person's yes before production: when it is needed, who may give it, and what the sandbox's verdict means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.model.desk import Desk, Permission, Person
from engine.model.intent import Intent
from engine.model.playbook import Playbook
from engine.model.stages import Approval, OnTimeout, OnUnavailable
from engine.plan.flow import ApprovalAsked, Declined, Dropped, ProbeVerdict

WITHIN: Final = timedelta(minutes=2)
"""How long an answer is awaited where no playbook says it."""


class SandboxSays(StrEnum):
    """
    What follows from a probe.

    PASS: the opening goes on. ASK: a person decides. BLOCK: nothing is sent. DRY_RUN: the broker's dry run in
    production stands in for it.
    """

    PASS = "pass"
    ASK = "ask"
    BLOCK = "block"
    DRY_RUN = "dry_run"


_MEANS: Final = {
    OnUnavailable.ASK: SandboxSays.ASK,
    OnUnavailable.BLOCK: SandboxSays.BLOCK,
    OnUnavailable.DRY_RUN: SandboxSays.DRY_RUN,
}


@dataclass(frozen=True, slots=True)
class Need:
    """
    A person has to say yes.

    why: one phrase ("above $5,000"). by: names of who may, never empty. within: how long an answer is awaited.
    """

    why: str
    by: tuple[str, ...]
    within: timedelta
    on_timeout: OnTimeout


def sandbox_says(verdict: ProbeVerdict, playbook: Playbook, desk: Desk | None) -> SandboxSays:
    """
    Return what a verdict means for an opening.

    Where the sandbox could not judge, the playbook says it, else the desk; with neither, nothing is sent.
    """
    if verdict in (ProbeVerdict.PASS, ProbeVerdict.SKIPPED):
        return SandboxSays.PASS
    sandbox = playbook.stages.sandbox
    if verdict is ProbeVerdict.REFUSED or sandbox is None:
        return SandboxSays.BLOCK
    if sandbox.on_unavailable is not None:
        return _MEANS[sandbox.on_unavailable]
    if desk is None:
        return SandboxSays.BLOCK
    is_missing = verdict is ProbeVerdict.CANNOT_REPRESENT
    return _MEANS[desk.on_cannot_represent if is_missing else desk.on_outage]


def approval_needed(
    intent: Intent, playbook: Playbook, verdict: ProbeVerdict, desk: Desk | None
) -> Need | Dropped | None:
    """
    Return who has to say yes before an order is sent; None when nobody, Dropped when it can never be sent.

    Only what opens in production needs one: above the playbook's amount, or where the sandbox could not judge and
    that is left to a person.
    """
    if not (intent.is_opening and intent.stage.is_real):
        return None
    says = sandbox_says(verdict, playbook, desk)
    if says is SandboxSays.BLOCK:
        return Dropped(f"sandbox_{verdict.value}", f"the sandbox's verdict is {verdict.value}, which stops it")
    rule = _rule(playbook)
    reasons = []
    if rule is not None and intent.risk > rule.above:
        reasons.append(f"above ${rule.above:,}" if rule.above else "every opening")
    if says is SandboxSays.ASK:
        reasons.append(f"the sandbox could not judge it ({verdict.value})")
    return _need(", ".join(reasons), intent, rule, desk) if reasons else None


def asked(need: Need, intent: Intent, now: datetime) -> ApprovalAsked:
    """Return the question as it is journaled; its time never outlasts the opening's own."""
    return ApprovalAsked(need.why, need.by, min(now + need.within, intent.good_until))


def timed_out(question: ApprovalAsked, need: Need, intent: Intent, now: datetime) -> ApprovalAsked | Declined | None:
    """Return what follows when nobody has answered: nothing while there is time, the question again, or a no."""
    if now < question.until:
        return None
    if need.on_timeout is OnTimeout.ASK_AGAIN and now < intent.good_until:
        return asked(need, intent, now)
    return Declined("", f"nobody answered by {question.until:%H:%M:%S} UTC")


def may_approve(person: Person, intent: Intent, playbook: Playbook, desk: Desk | None) -> str | None:
    """Return why a person's answer to an opening does not count, in one sentence; None when it does."""
    known = None if desk is None else desk.person(person.name)
    if known is None or known.id != person.id:
        return f"{person.name} is nobody of the desk"
    if not known.id or known.id == intent.author_id:
        return f"{known.name} wrote the alert, and nobody approves his own"
    if Permission.APPROVE not in known.may:
        return f"{known.name} may not approve"
    rule = _rule(playbook)
    if rule is not None and rule.by and known.name not in rule.by:
        return f"{known.name} is not among those {playbook.name} asks: {', '.join(filter(None, rule.by)) or 'nobody'}"
    return None


def _rule(playbook: Playbook) -> Approval | None:
    production = playbook.stages.production
    return None if production is None else production.approval


def _need(why: str, intent: Intent, rule: Approval | None, desk: Desk | None) -> Need | Dropped:
    by = () if desk is None else tuple(_able(intent, rule, desk))
    if not by:
        return Dropped("nobody_approves", f"{why}: a person has to approve it, and nobody may")
    if rule is None:
        return Need(why, by, WITHIN, OnTimeout.REFUSE)
    return Need(why, by, rule.within, rule.on_timeout)


def _able(intent: Intent, rule: Approval | None, desk: Desk) -> list[str]:
    return [
        person.name
        for person in desk.people
        if Permission.APPROVE in person.may
        and person.id not in ("", intent.author_id)
        and (rule is None or not rule.by or person.name in rule.by)
    ]
