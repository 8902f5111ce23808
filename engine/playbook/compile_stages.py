"""`stages:` and `notify:` of a playbook, compiled."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.errors import Issue
from engine.model.stages import (
    Approval,
    AutoPromote,
    Notify,
    NotifyTo,
    OnTimeout,
    OnUnavailable,
    ProductionStage,
    Promotion,
    SandboxEach,
    SandboxPass,
    SandboxStage,
    Stages,
)
from engine.playbook.section import Section, source_of
from engine.playbook.template import compile_template

_PROBE_TIME: Final = timedelta(seconds=20)
_APPROVAL_TIME: Final = timedelta(minutes=2)
_CANARY_OPENINGS: Final = 5


def compile_stages(stages: Section) -> Stages:
    """Return how a version of a playbook earns real money; without stages it observes only."""
    promote = stages.section("promote")
    return Stages(
        span=stages.span,
        sandbox=_sandbox(stages.section("sandbox")),
        production=_production(stages.section("production")),
        promote=Promotion(
            canary_openings=promote.section("canary").count("openings", _CANARY_OPENINGS),
            auto=promote.choice("auto", AutoPromote.NEVER),
        ),
    )


def _sandbox(sandbox: Section) -> SandboxStage | None:
    if not sandbox.is_written:
        return None
    return SandboxStage(
        account=sandbox.text("account"),
        each=sandbox.choice("each", SandboxEach.OPENS),
        passes_at=sandbox.choice("pass", SandboxPass.LIVE),
        within=sandbox.duration("within", _PROBE_TIME),
        on_unavailable=sandbox.choice("on_unavailable", OnUnavailable.BLOCK) if "on_unavailable" in sandbox else None,
        span=sandbox.span,
        account_span=sandbox.span_of("account"),
    )


def _production(production: Section) -> ProductionStage | None:
    if not production.is_written:
        return None
    return ProductionStage(
        account=production.text("account"),
        approval=_approval(production.section("approval")),
        span=production.span,
        account_span=production.span_of("account"),
    )


def _approval(approval: Section) -> Approval | None:
    by = approval.get("by")
    if by is None:
        return None
    return Approval(
        above=approval.amount("above", Decimal(0)),
        by=() if isinstance(by.value, str) else approval.texts("by"),
        within=approval.duration("within", _APPROVAL_TIME),
        on_timeout=approval.choice("on_timeout", OnTimeout.REFUSE),
        span=approval.span,
        by_span=by.span,
    )


def compile_notify(notify: Section, issues: list[Issue]) -> Notify:
    """Return what a playbook tells people; a template that cannot be rendered is an issue."""
    templates = tuple((event, source_of(bound)) for event, bound in notify.entries() if event != "to")
    for _, source in templates:
        issues.extend(compile_template(source)[1])
    to = tuple(map(NotifyTo, notify.texts("to"))) if "to" in notify else (NotifyTo.CONTROL,)
    return Notify(templates, to)
