"""The fold: which version is at which stage, and which one sends."""

from dataclasses import replace

import pytest

from engine.model.playbook import Playbook
from engine.model.stages import SandboxPass, Stage, Stages
from engine.plan.entries import ENGINE, FlowHappened, Intended, StageChanged
from engine.plan.flow import Dropped, Ended, ProbeVerdict
from engine.plan.promoting import demote, engine_drops
from engine.plan.promotion import Promotions, Refused, Serving
from tests.unit.plan.staged import (
    CAROL,
    DIFF,
    ENGINE_1,
    ENGINE_2,
    NAME,
    V1,
    V2,
    V3,
    Journal,
    folded,
    intent,
    staged,
)


@pytest.fixture
def momentum(playbook: Playbook) -> Playbook:
    return staged(playbook)


@pytest.fixture
def journal() -> Journal:
    return Journal()


def test_a_new_version_starts_in_the_sandbox(momentum: Playbook):
    """S-860."""
    assert Promotions(ENGINE_1).stage_of(momentum, V1) is Stage.SANDBOX


def test_a_version_without_a_sandbox_or_switched_off_only_observes(playbook: Playbook, momentum: Playbook):
    """S-860."""
    promotions = Promotions(ENGINE_1)

    assert promotions.stage_of(playbook, V1) is Stage.OBSERVE
    assert promotions.stage_of(replace(momentum, enabled=False), V1) is Stage.OBSERVE
    assert promotions.stage_of(momentum, "") is Stage.OBSERVE


def test_a_version_without_a_production_account_is_never_real(momentum: Playbook, journal: Journal):
    """S-867."""
    journal.put_in_production(momentum, V1)
    stages = Stages(momentum.stages.span, momentum.stages.sandbox, None, momentum.stages.promote)

    assert journal.promotions.stage_of(replace(momentum, stages=stages), V1) is Stage.SANDBOX


def test_a_canary_takes_the_place_of_the_promoted_version_for_its_openings(momentum: Playbook, journal: Journal):
    """S-861."""
    journal.put_in_production(momentum, V1)
    journal.sandbox_runs(V2)
    journal.rise(momentum, V2, Stage.CANARY)

    assert journal.promotions.serving(NAME) == Serving(V1, V2, 2, V1)
    assert journal.promotions.sends_for(momentum, V2, "m1") is Stage.CANARY
    assert journal.promotions.sends_for(momentum, V1, "m1") is Stage.OBSERVE

    journal.canary_opening("a", V2, "m1")
    journal.canary_opening("b", V2, "m2")

    assert journal.promotions.serving(NAME) == Serving(V1, V2, 0, V1)
    assert journal.promotions.sends_for(momentum, V2, "m3") is Stage.SANDBOX
    assert journal.promotions.sends_for(momentum, V1, "m3") is Stage.PRODUCTION


def test_the_version_that_has_sent_for_a_message_stays_the_only_one_that_may(momentum: Playbook, journal: Journal):
    """S-861."""
    journal.put_in_production(momentum, V1)
    journal.write(Intended(intent("x", V1, Stage.PRODUCTION, message="m1")))
    journal.sandbox_runs(V2)
    journal.rise(momentum, V2, Stage.CANARY)

    assert journal.promotions.sends_for(momentum, V2, "m1") is Stage.SANDBOX
    assert journal.promotions.sends_for(momentum, V1, "m1") is Stage.PRODUCTION
    assert journal.promotions.against(intent("y", V2, Stage.CANARY, message="m1")) == Refused(
        "other_version_sends", "for this message version 11111111 sends"
    )


def test_a_canary_opening_that_was_dropped_does_not_count(momentum: Playbook, journal: Journal):
    journal.sandbox_runs(V1)
    journal.rise(momentum, V1, Stage.CANARY)
    journal.write(Intended(intent("a", V1, Stage.CANARY)), FlowHappened("a", Dropped("declined", "no")))

    assert journal.promotions.serving(NAME).openings_left == 2


def test_no_canary_opening_is_sent_beyond_its_number(momentum: Playbook, journal: Journal):
    """S-861: also when one message holds more alerts than there are openings left."""
    journal.sandbox_runs(V1)
    journal.rise(momentum, V1, Stage.CANARY)
    for name in ("a", "b"):
        assert journal.promotions.against(intent(name, V1, Stage.CANARY, message="m1")) is None
        journal.write(Intended(intent(name, V1, Stage.CANARY, message="m1")))

    third = journal.promotions.against(intent("c", V1, Stage.CANARY, message="m1"))

    assert isinstance(third, Refused)
    assert third.code == "canary_used_up"


def test_lowering_stops_what_is_journaled_and_not_sent(momentum: Playbook, journal: Journal):
    """S-864."""
    journal.put_in_production(momentum, V1)
    opening = intent("x", V1, Stage.PRODUCTION)
    journal.write(Intended(opening))
    assert journal.promotions.against(opening) is None

    lowered = demote(journal.promotions, NAME, CAROL, "wrong strikes")
    assert not isinstance(lowered, Refused)
    journal.write(*lowered)

    refused = journal.promotions.against(opening)
    assert isinstance(refused, Refused)
    assert refused.code == "not_promoted"


def test_promotion_never_stands_against_a_close(momentum: Playbook, journal: Journal):
    close = replace(intent("x", V1, Stage.PRODUCTION), is_opening=False)

    assert journal.promotions.against(close) is None


def test_the_version_replaced_in_production_goes_on_in_the_sandbox(momentum: Playbook, journal: Journal):
    journal.put_in_production(momentum, V1)
    journal.put_in_production(momentum, V2)

    assert journal.promotions.serving(NAME) == Serving(V2, "", 0, V2)
    assert journal.promotions.stage_of(momentum, V1) is Stage.SANDBOX


def test_a_second_canary_takes_the_place_of_the_first(momentum: Playbook, journal: Journal):
    for version in (V1, V2):
        journal.sandbox_runs(version)
        journal.rise(momentum, version, Stage.CANARY)

    assert journal.promotions.serving(NAME).canary == V2
    assert journal.promotions.stage_of(momentum, V1) is Stage.SANDBOX


def test_who_served_last_decides_about_closes_when_nobody_serves(momentum: Playbook, journal: Journal):
    """S-864."""
    journal.put_in_production(momentum, V1)
    lowered = demote(journal.promotions, NAME, CAROL, "")
    assert not isinstance(lowered, Refused)
    journal.write(*lowered)

    serving = journal.promotions.serving(NAME)

    assert serving.opening == ""
    assert serving.closing == V1


@pytest.mark.parametrize(
    ("state", "filled", "level", "contracts"),
    [
        pytest.param("filled", 1, SandboxPass.FILLED, 1, id="filled"),
        pytest.param("cancelled", 0, SandboxPass.LIVE, 1, id="live, then cancelled"),
        pytest.param("cancelled", 0, SandboxPass.FILLED, 0, id="live is not filled"),
        pytest.param("expired", 0, SandboxPass.LIVE, 1, id="live until the day's end"),
        pytest.param("unsent", 0, SandboxPass.LIVE, 0, id="never sent"),
        pytest.param("absent", 0, SandboxPass.LIVE, 0, id="no trace of it"),
        pytest.param("something new", 0, SandboxPass.LIVE, 0, id="a state nobody knows"),
    ],
)
def test_how_a_sandbox_order_ends_is_what_it_shows(
    journal: Journal, state: str, filled: int, level: SandboxPass, contracts: int
):
    journal.write(Intended(intent("x", V1, Stage.SANDBOX)), FlowHappened("x", Ended(state, filled, 1 - filled)))

    assert journal.promotions.version(NAME, V1).evidence.contracts(level) == contracts


@pytest.mark.parametrize("verdict", [ProbeVerdict.CANNOT_REPRESENT, ProbeVerdict.OUTAGE, ProbeVerdict.SKIPPED])
def test_what_the_sandbox_could_not_judge_shows_nothing(journal: Journal, verdict: ProbeVerdict):
    journal.sandbox_runs(V1)
    before = journal.promotions.version(NAME, V1).evidence
    journal.write(Intended(intent("x", V1, Stage.CANARY, "QQQ")))
    journal.probe("x", verdict)

    assert journal.promotions.version(NAME, V1).evidence == before


def test_a_refusal_by_the_sandbox_begins_the_count_anew(journal: Journal):
    """S-862."""
    journal.sandbox_runs(V1)
    journal.write(Intended(intent("x", V1, Stage.CANARY)))
    journal.probe("x", ProbeVerdict.REFUSED)

    evidence = journal.promotions.version(NAME, V1).evidence
    assert evidence.contracts(SandboxPass.LIVE) == 0
    assert "since the sandbox refused it" in evidence.lacks(SandboxPass.LIVE)

    journal.write(Intended(intent("y", V1, Stage.SANDBOX)), FlowHappened("y", Ended("rejected", 0, 1)))
    assert journal.promotions.version(NAME, V1).evidence.failure.endswith("was rejected")


def test_under_another_program_a_promoted_version_opens_nothing_until_it_is_dropped_to_canary(
    momentum: Playbook, journal: Journal
):
    """S-865."""
    journal.put_in_production(momentum, V1)
    upgraded = Journal(ENGINE_2)
    upgraded.entries, upgraded.promotions = journal.entries, folded(journal.entries, ENGINE_2)

    assert upgraded.promotions.stage_of(momentum, V1) is Stage.CANARY
    assert upgraded.promotions.sends_for(momentum, V1, "m") is Stage.SANDBOX
    assert upgraded.promotions.serving(NAME).opening == ""

    upgraded.write(*engine_drops(upgraded.promotions))

    assert upgraded.promotions.serving(NAME) == Serving("", V1, 2, V1)
    assert upgraded.promotions.sends_for(momentum, V1, "m") is Stage.CANARY
    assert engine_drops(upgraded.promotions) == ()


def test_under_another_program_the_promoted_version_becomes_the_canary_not_the_candidate(
    momentum: Playbook, journal: Journal
):
    journal.put_in_production(momentum, V1)
    journal.sandbox_runs(V2)
    journal.rise(momentum, V2, Stage.CANARY)
    upgraded = Journal(ENGINE_2)
    upgraded.entries, upgraded.promotions = journal.entries, folded(journal.entries, ENGINE_2)

    upgraded.write(*engine_drops(upgraded.promotions))

    assert upgraded.promotions.serving(NAME) == Serving("", V1, 2, V1)
    assert upgraded.promotions.stage_of(momentum, V2) is Stage.SANDBOX


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(StageChanged(NAME, V1, Stage.PRODUCTION, ENGINE, "", (), ENGINE_1, 0, DIFF), id="by the engine"),
        pytest.param(StageChanged(NAME, V1, Stage.PRODUCTION, "", "", (), ENGINE_1, 0, DIFF), id="by nobody"),
        pytest.param(StageChanged(NAME, V1, Stage.PRODUCTION, "carol", "", (), ENGINE_1, 0, ""), id="nothing seen"),
        pytest.param(StageChanged(NAME, V1, Stage.PRODUCTION, "carol", "", (), "", 0, DIFF), id="no engine"),
        pytest.param(StageChanged(NAME, V1, Stage.PRODUCTION, "carol", "", (), ENGINE_1, 2, DIFF), id="no canary"),
        pytest.param(StageChanged(NAME, V3, Stage.PRODUCTION, "carol", "", (), ENGINE_1, 0, DIFF), id="no runs"),
        pytest.param(StageChanged(NAME, V3, Stage.CANARY, "carol", "", (), ENGINE_1, 2, DIFF), id="canary, no runs"),
        pytest.param(StageChanged(NAME, V3, Stage.CANARY, ENGINE, "", (), ENGINE_1, 2), id="by itself, no runs"),
        pytest.param(StageChanged(NAME, V1, Stage.CANARY, "carol", "", (), ENGINE_1, 2), id="canary, nothing seen"),
    ],
)
def test_an_entry_that_says_too_little_raises_nothing(momentum: Playbook, journal: Journal, change: StageChanged):
    """S-867."""
    journal.sandbox_runs(V1)
    journal.write(change)

    assert not journal.promotions.stage_of(momentum, change.content_hash).is_real
