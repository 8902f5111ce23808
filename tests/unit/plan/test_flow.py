"""The way of an intent: each result takes it a step further."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.alert import Action
from engine.model.intent import Intent
from engine.model.order import InstrumentKind, OrderLeg, PriceEffect
from engine.model.stages import Stage
from engine.plan.flow import (
    ApprovalAsked,
    Approved,
    Checked,
    Declined,
    Dropped,
    Ended,
    Flow,
    FlowEvent,
    Next,
    Probed,
    ProbeVerdict,
    after,
    next_step,
    submitted,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LEG = OrderLeg("SPY   261127C00602000", InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 2)
OPENING = Intent(
    "0" * 32, "0" * 32, "d1", 0, "momentum", "abc", Stage.PRODUCTION, "m1", 0, "c1", "301", "main", True, (LEG,), 2,
    Decimal("1.25"), PriceEffect.DEBIT, Decimal("1.25"), Decimal(250), NOW, NOW + timedelta(minutes=3),
)  # fmt: skip
CLOSE = replace(OPENING, is_opening=False)
PASSED = Probed(ProbeVerdict.PASS, "live")
ASKED = ApprovalAsked("above $100", ("carol",), NOW + timedelta(minutes=1))
CHECKED = Checked((), Decimal("1.25"), is_sound=True)


@pytest.mark.parametrize(
    ("events", "step"),
    [
        pytest.param((), Next.PROBE, id="nothing yet"),
        pytest.param((PASSED,), Next.JUDGE, id="passed"),
        pytest.param((Probed(ProbeVerdict.OUTAGE, ""),), Next.JUDGE, id="an outage is for the rules to weigh"),
        pytest.param((Probed(ProbeVerdict.REFUSED, ""),), Next.GIVE_UP, id="refused"),
        pytest.param((PASSED, ASKED), Next.AWAIT, id="a person is asked"),
        pytest.param((PASSED, ASKED, ASKED), Next.AWAIT, id="and again"),
        pytest.param((PASSED, ASKED, Approved("carol")), Next.SEND, id="yes"),
        pytest.param((PASSED, ASKED, Declined("carol", "no")), Next.GIVE_UP, id="no"),
        pytest.param((PASSED, CHECKED), Next.JUDGE, id="checked before a crash: looked at again"),
        pytest.param((PASSED, Dropped("too_late", "late")), Next.NOTHING, id="dropped"),
        pytest.param((PASSED, CHECKED, Ended("filled", 2, 0)), Next.NOTHING, id="ended"),
    ],
)
def test_each_result_of_an_opening_in_production_names_the_next_step(events: tuple[FlowEvent, ...], step: Next):
    flow = Flow(OPENING)
    for event in events:
        flow = after(flow, event)

    assert next_step(flow) is step


@pytest.mark.parametrize(
    ("intent", "step"),
    [
        (replace(OPENING, stage=Stage.CANARY), Next.PROBE),
        (replace(OPENING, stage=Stage.SANDBOX), Next.SEND),
        (replace(OPENING, stage=Stage.OBSERVE), Next.NOTHING),
        (CLOSE, Next.SEND),
        (replace(CLOSE, stage=Stage.SANDBOX), Next.SEND),
        (replace(CLOSE, stage=Stage.OBSERVE), Next.NOTHING),
    ],
)
def test_only_openings_in_production_are_proven(intent: Intent, step: Next):
    assert next_step(Flow(intent)) is step


def test_once_submitted_only_its_slot_is_followed():
    assert next_step(submitted(Flow(OPENING, PASSED, ASKED))) is Next.FOLLOW
    assert next_step(submitted(Flow(CLOSE))) is Next.FOLLOW


def test_a_person_is_awaited_until_there_is_an_answer_or_an_end():
    asked = Flow(OPENING, PASSED, ASKED)

    assert asked.awaits_approval
    assert not after(asked, Approved("carol")).awaits_approval
    assert not after(asked, Declined("", "nobody answered")).awaits_approval
    assert not after(asked, Dropped("deleted", "")).awaits_approval
