"""Who may promote and demote, and on what."""

from dataclasses import replace

import pytest

from engine.model.desk import AccountKind, Desk
from engine.model.playbook import Playbook
from engine.model.stages import AutoPromote, Promotion, Stage
from engine.plan.entries import ENGINE, FlowHappened, Intended, StageChanged
from engine.plan.evidence import Needed
from engine.plan.flow import Ended, ProbeVerdict
from engine.plan.promoting import Wish, demote, promote, promote_by_itself
from engine.plan.promotion import SAME_UNDER_ENGINE, Refused
from tests.unit.plan.staged import (
    CAROL,
    DAVE,
    DESK,
    DIFF,
    ENGINE_1,
    ENGINE_2,
    ERIN,
    FRED,
    NAME,
    V1,
    V2,
    Journal,
    account,
    folded,
    intent,
    staged,
)


@pytest.fixture
def momentum(playbook: Playbook) -> Playbook:
    return staged(playbook)


@pytest.fixture
def journal() -> Journal:
    """One in which V1 has shown enough."""
    journal = Journal()
    journal.sandbox_runs(V1)
    return journal


def code(made: object) -> str:
    """The code of a refusal; "" for an entry."""
    return made.code if isinstance(made, Refused) else ""


def test_a_version_that_has_shown_enough_becomes_a_canary(momentum: Playbook, journal: Journal):
    """S-862."""
    made = promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF), DESK)

    assert made == StageChanged(
        NAME,
        V1,
        Stage.CANARY,
        "carol",
        "canary for 2 openings of one contract",
        (("contracts", "3"), ("days", "2")),
        ENGINE_1,
        2,
        DIFF,
    )


@pytest.mark.parametrize(
    ("contracts", "days", "expected"),
    [
        pytest.param(3, 2, "", id="just enough"),
        pytest.param(2, 2, "not_proven", id="one contract too few"),
        pytest.param(3, 1, "not_proven", id="one day too few"),
        pytest.param(5, 5, "", id="more than enough"),
    ],
)
def test_the_evidence_is_distinct_contracts_and_days(momentum: Playbook, contracts: int, days: int, expected: str):
    """S-862."""
    journal = Journal()
    journal.sandbox_runs(V1, contracts, days)

    assert code(promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF), DESK)) == expected


def test_the_same_contract_again_and_again_is_one_contract(momentum: Playbook):
    journal = Journal()
    journal.sandbox_runs(V1, contracts=1, days=9)

    refused = promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF), DESK)

    assert isinstance(refused, Refused)
    assert refused.why == "it has passed the sandbox with 1 contracts on 9 days; 3 contracts on 2 days are needed"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("carol", "", id="may promote"),
        pytest.param("dave", "may_not_promote", id="may control only"),
        pytest.param("fred", "may_not_promote", id="may alert only"),
        pytest.param("mallory", "nobody_of_the_desk", id="a stranger"),
        pytest.param(ENGINE, "nobody_of_the_desk", id="the engine itself"),
        pytest.param("", "nobody_of_the_desk", id="nobody"),
    ],
)
def test_only_who_may_promote_does(momentum: Playbook, journal: Journal, by: str, expected: str):
    """S-863."""
    assert code(promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, by, DIFF, DIFF), DESK)) == expected


def test_a_person_called_engine_may_not_promote(momentum: Playbook, journal: Journal):
    desk = replace(DESK, people=(*DESK.people, replace(CAROL, name=ENGINE, id="509")))

    assert code(promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, ENGINE, DIFF, DIFF), desk))


@pytest.mark.parametrize(
    ("diff", "seen", "expected"),
    [
        pytest.param(DIFF, "", "diff_not_seen", id="not looked"),
        pytest.param(DIFF, "0ld", "diff_not_seen", id="looked at another"),
        pytest.param("", "", "diff_unknown", id="not known"),
    ],
)
def test_what_changes_has_to_be_seen(momentum: Playbook, journal: Journal, diff: str, seen: str, expected: str):
    """S-862."""
    assert code(promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", diff, seen), DESK)) == expected


@pytest.mark.parametrize(
    "desk",
    [
        pytest.param(None, id="no desk"),
        pytest.param(replace(DESK, accounts=DESK.accounts[:1]), id="no production account"),
        pytest.param(replace(DESK, accounts=DESK.accounts[1:]), id="no sandbox account"),
        pytest.param(
            replace(DESK, accounts=tuple(account(name, AccountKind.SANDBOX) for name in ("cert", "main"))),
            id="the production account is a sandbox",
        ),
        pytest.param(
            replace(DESK, accounts=tuple(account(name, AccountKind.PRODUCTION) for name in ("cert", "main"))),
            id="the sandbox is real money",
        ),
    ],
)
def test_a_desk_that_does_not_fit_promotes_nothing(momentum: Playbook, journal: Journal, desk: Desk | None):
    """S-867."""
    assert code(promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF), desk))


def test_one_step_at_a_time(momentum: Playbook, journal: Journal):
    """S-862."""

    def asked(to: Stage) -> str:
        return code(promote(journal.promotions, Wish(momentum, V1, to, "carol", DIFF, DIFF), DESK))

    assert asked(Stage.PRODUCTION) == asked(Stage.SANDBOX) == asked(Stage.OBSERVE) == "not_a_step"

    journal.rise(momentum, V1, Stage.CANARY)
    assert asked(Stage.CANARY) == "not_a_step"
    assert asked(Stage.PRODUCTION) == "canary_not_done"

    journal.canary_opening("a", V1)
    journal.write(Intended(intent("b", V1, Stage.CANARY)))
    assert asked(Stage.PRODUCTION) == "canary_not_done"

    journal.write(FlowHappened("b", Ended("cancelled", 0, 1)))
    assert asked(Stage.PRODUCTION) == ""

    journal.rise(momentum, V1, Stage.PRODUCTION)
    assert asked(Stage.PRODUCTION) == asked(Stage.CANARY) == "not_a_step"


def test_without_a_canary_production_follows_the_sandbox(playbook: Playbook, journal: Journal):
    momentum = staged(playbook, openings=0)

    canary = promote(journal.promotions, Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF), DESK)
    journal.rise(momentum, V1, Stage.PRODUCTION)

    assert code(canary) == "not_a_step"
    assert journal.promotions.serving(NAME).promoted == V1


def test_a_refused_probe_of_the_canary_stands_against_production(momentum: Playbook, journal: Journal):
    """S-862."""
    journal.rise(momentum, V1, Stage.CANARY)
    journal.canary_opening("a", V1)
    journal.write(Intended(intent("b", V1, Stage.CANARY)))
    journal.probe("b", ProbeVerdict.REFUSED)
    journal.write(FlowHappened("b", Ended("unsent", 0, 1)))

    refused = promote(journal.promotions, Wish(momentum, V1, Stage.PRODUCTION, "carol", DIFF, DIFF), DESK)

    assert code(refused) == "not_proven"


def test_a_switched_off_playbook_is_not_promoted(momentum: Playbook, journal: Journal):
    off = replace(momentum, enabled=False)

    refused = promote(journal.promotions, Wish(off, V1, Stage.CANARY, "carol", DIFF, DIFF), DESK)

    assert code(refused) == "playbook_disabled"


def test_a_version_comes_back_to_production_by_a_person_alone(momentum: Playbook, journal: Journal):
    """S-863: the way back is short."""
    journal.rise(momentum, V1, Stage.CANARY)
    for name in ("a", "b"):
        journal.canary_opening(name, V1)
    journal.rise(momentum, V1, Stage.PRODUCTION)
    journal.put_in_production(momentum, V2)

    journal.rise(momentum, V1, Stage.PRODUCTION)

    assert journal.promotions.serving(NAME).promoted == V1
    assert not journal.promotions.stage_of(momentum, V2).is_real


def test_a_version_a_person_has_lowered_begins_anew(momentum: Playbook, journal: Journal):
    """S-864."""
    journal.rise(momentum, V1, Stage.CANARY)
    for name in ("a", "b"):
        journal.canary_opening(name, V1)
    journal.rise(momentum, V1, Stage.PRODUCTION)
    lowered = demote(journal.promotions, NAME, DAVE, "reads strikes wrongly")
    assert not isinstance(lowered, Refused)
    journal.write(*lowered)

    for to in (Stage.CANARY, Stage.PRODUCTION):
        assert code(promote(journal.promotions, Wish(momentum, V1, to, "carol", DIFF, DIFF), DESK))


def test_another_program_needs_the_canary_again_or_the_same_decisions(momentum: Playbook, journal: Journal):
    """S-865."""
    journal.rise(momentum, V1, Stage.CANARY)
    for name in ("a", "b"):
        journal.canary_opening(name, V1)
    journal.rise(momentum, V1, Stage.PRODUCTION)
    upgraded = Journal(ENGINE_2)
    upgraded.entries, upgraded.promotions = journal.entries, folded(journal.entries, ENGINE_2)
    wish = Wish(momentum, V1, Stage.PRODUCTION, "carol", DIFF, DIFF)

    assert code(promote(upgraded.promotions, wish, DESK)) == "other_engine"
    made = promote(upgraded.promotions, replace(wish, is_same=True), DESK)

    assert isinstance(made, StageChanged)
    assert SAME_UNDER_ENGINE in made.evidence
    upgraded.write(made)
    assert upgraded.promotions.stage_of(momentum, V1) is Stage.PRODUCTION


def test_the_same_decisions_are_no_way_for_a_version_that_never_was_in_production(momentum: Playbook, journal: Journal):
    wish = Wish(momentum, V1, Stage.PRODUCTION, "carol", DIFF, DIFF, is_same=True)

    assert code(promote(journal.promotions, wish, DESK)) == "not_a_step"


def test_by_itself_a_version_becomes_a_canary_and_nothing_more(playbook: Playbook, journal: Journal):
    """S-863."""
    momentum = staged(playbook, auto=AutoPromote.CANARY)
    made = promote_by_itself(journal.promotions, momentum, V1, DESK)
    assert made is not None
    journal.write(made)

    assert journal.promotions.stage_of(momentum, V1) is Stage.CANARY
    for name in ("a", "b"):
        journal.canary_opening(name, V1)
    assert promote_by_itself(journal.promotions, momentum, V1, DESK) is None


def test_by_itself_nothing_rises_where_the_playbook_does_not_say_so(momentum: Playbook, journal: Journal):
    assert promote_by_itself(journal.promotions, momentum, V1, DESK) is None


def test_by_itself_nothing_takes_the_place_of_a_canary_under_way(playbook: Playbook, journal: Journal):
    momentum = staged(playbook, auto=AutoPromote.CANARY)
    journal.rise(momentum, V1, Stage.CANARY)
    journal.sandbox_runs(V2)

    assert promote_by_itself(journal.promotions, momentum, V2, DESK) is None


def test_by_itself_nothing_rises_that_a_person_has_lowered(playbook: Playbook, journal: Journal):
    momentum = staged(playbook, auto=AutoPromote.CANARY)
    journal.rise(momentum, V1, Stage.CANARY)
    lowered = demote(journal.promotions, NAME, DAVE, "")
    assert not isinstance(lowered, Refused)
    journal.write(*lowered)
    journal.sandbox_runs(V1)

    assert promote_by_itself(journal.promotions, momentum, V1, DESK) is None


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        pytest.param(DAVE, "", id="control"),
        pytest.param(ERIN, "", id="promote"),
        pytest.param(FRED, "may_not_demote", id="neither"),
    ],
)
def test_who_may_control_or_promote_may_demote(momentum: Playbook, journal: Journal, person: object, expected: str):
    """S-864."""
    journal.rise(momentum, V1, Stage.CANARY)

    assert code(demote(journal.promotions, NAME, person, "")) == expected  # type: ignore[arg-type]


def test_demoting_takes_out_all_that_serves_or_the_version_named(momentum: Playbook, journal: Journal):
    journal.put_in_production(momentum, V2)
    journal.rise(momentum, V1, Stage.CANARY)

    everything = demote(journal.promotions, NAME, DAVE, "")
    canary = demote(journal.promotions, NAME, DAVE, "", V1)

    assert not isinstance(everything, Refused)
    assert not isinstance(canary, Refused)
    assert [change.content_hash for change in everything] == [V2, V1]
    assert [change.content_hash for change in canary] == [V1]
    assert code(demote(journal.promotions, "other", DAVE, "")) == "not_promoted"


def test_how_much_is_needed_can_be_said(momentum: Playbook):
    journal = Journal()
    journal.sandbox_runs(V1, 1, 1)
    wish = Wish(momentum, V1, Stage.CANARY, "carol", DIFF, DIFF)

    assert code(promote(journal.promotions, wish, DESK, Needed(1, 1))) == ""


def test_canary_openings_are_those_of_the_version(playbook: Playbook, journal: Journal):
    five = replace(staged(playbook), stages=replace(staged(playbook).stages, promote=Promotion(5, AutoPromote.NEVER)))
    journal.rise(five, V1, Stage.CANARY)

    assert journal.promotions.serving(NAME).openings_left == 5
