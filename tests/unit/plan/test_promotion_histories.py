"""Whatever happens in whatever order: real money only after a person's yes on evidence, by one version at a time."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.playbook import Playbook
from engine.model.stages import AutoPromote, Stage
from engine.plan.entries import ENGINE, FlowHappened, Intended, StageChanged, TradeBody
from engine.plan.flow import Approved, Dropped, Ended, Probed, ProbeVerdict
from engine.plan.promoting import Wish, demote, engine_drops, promote, promote_by_itself
from engine.plan.promotion import Promotions
from tests.unit.plan.staged import (
    CAROL,
    DAVE,
    DESK,
    DIFF,
    ENGINE_1,
    ENGINE_2,
    NAME,
    V1,
    V2,
    V3,
    Journal,
    intent,
    staged,
)

VERSIONS = (V1, V2, V3)
MESSAGES = ("m1", "m2", "m3")
NAMES = st.integers(0, 40).map(lambda number: f"i{number}")
STEPS = st.one_of(
    st.tuples(st.just("runs"), st.sampled_from(VERSIONS), st.integers(1, 4)),
    st.tuples(st.just("open"), st.sampled_from(VERSIONS), st.sampled_from(MESSAGES)),
    st.tuples(st.just("flow"), NAMES, st.sampled_from(["pass", "refused", "outage", "dropped", "filled", "rejected"])),
    st.tuples(st.just("promote"), st.sampled_from(VERSIONS), st.sampled_from(Stage)),
    st.tuples(st.just("auto"), st.sampled_from(VERSIONS), st.just("")),
    st.tuples(st.just("demote"), st.sampled_from(["", *VERSIONS]), st.just("")),
    st.tuples(st.just("upgrade"), st.sampled_from([ENGINE_1, ENGINE_2]), st.booleans()),
    st.tuples(st.just("forged"), st.sampled_from(VERSIONS), st.sampled_from(Stage)),
)
FLOW = {
    "pass": Probed(ProbeVerdict.PASS, ""),
    "refused": Probed(ProbeVerdict.REFUSED, "no"),
    "outage": Probed(ProbeVerdict.OUTAGE, ""),
    "dropped": Dropped("x", ""),
    "filled": Ended("filled", 1, 0),
    "rejected": Ended("rejected", 0, 1),
}


class World:
    """A journal in which anything may happen, and what a person did in it."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = staged(playbook, auto=AutoPromote.CANARY)
        self.journal = Journal()
        self.by_person: set[str] = set()
        self.sent: dict[str, set[str]] = {}
        self.steps: dict[str, Callable[..., None]] = {
            "runs": lambda version, count: self.journal.sandbox_runs(version, count, count),
            "open": self.open,
            "flow": lambda name, what: self.journal.write(FlowHappened(name, FLOW[what])),
            "promote": self.promote,
            "auto": self.rise_by_itself,
            "demote": self.demote,
            "upgrade": self.upgrade,
            "forged": self.forge,
        }

    @property
    def promotions(self) -> Promotions:
        return self.journal.promotions

    def open(self, version: str, message: str) -> None:
        """Send an opening as the engine does: where it is told to, and unless that is refused."""
        stage = self.promotions.sends_for(self.playbook, version, message)
        opening = intent(f"i{len(self.journal.entries)}", version, stage, f"SPY {message}", message)
        if stage is Stage.OBSERVE or self.promotions.against(opening) is not None:
            return
        self.journal.write(Intended(opening))
        if stage.is_real:
            self.sent.setdefault(message, set()).add(version)
            assert version in self.by_person or stage is Stage.CANARY

    def promote(self, version: str, to: Stage) -> None:
        made = promote(self.promotions, Wish(self.playbook, version, to, "carol", DIFF, DIFF), DESK)
        if isinstance(made, StageChanged):
            if to is Stage.PRODUCTION:
                self.by_person.add(version)
            self.journal.write(made)
            assert self.promotions.stage_of(self.playbook, version) is to

    def rise_by_itself(self, version: str, _: str) -> None:
        made = promote_by_itself(self.promotions, self.playbook, version, DESK)
        if made is not None:
            assert made.stage is Stage.CANARY
            self.journal.write(made)
            assert self.promotions.stage_of(self.playbook, version) is Stage.CANARY

    def demote(self, version: str, _: str) -> None:
        made = demote(self.promotions, NAME, DAVE, "", version)
        if isinstance(made, tuple):
            self.journal.write(*made)

    def upgrade(self, engine: str, drops: bool) -> None:
        self.journal.promotions = replace(self.promotions, engine=engine)
        if drops:
            self.journal.write(*engine_drops(self.promotions))

    def forge(self, version: str, stage: Stage) -> None:
        """An entry the engine itself could write by mistake."""
        self.journal.write(StageChanged(NAME, version, stage, ENGINE, "", (), self.promotions.engine, 0, DIFF))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=40))
def test_real_money_takes_a_person_with_evidence_and_one_version_for_each_message(
    playbook: Playbook, steps: list[tuple[str, object, object]]
):
    """S-861, S-863, S-867."""
    world = World(playbook)

    for name, one, other in steps:
        world.steps[name](one, other)
        promotions = world.promotions
        serving = promotions.serving(NAME)
        stages = {version: promotions.stage_of(world.playbook, version) for version in VERSIONS}

        assert all(version in world.by_person for version, stage in stages.items() if stage is Stage.PRODUCTION)
        assert sum(stage is Stage.PRODUCTION for stage in stages.values()) <= 1
        assert serving.openings_left <= 2
        assert serving.openings_left == 0 or stages[serving.canary] is Stage.CANARY
        for message in MESSAGES:
            told = [promotions.sends_for(world.playbook, version, message) for version in VERSIONS]
            assert sum(stage.is_real for stage in told) <= 1
        assert all(len(versions) == 1 for versions in world.sent.values())


@st.composite
def anything(draw: st.DrawFn) -> TradeBody:
    """Any entry about stages, whoever wrote it, but no person."""
    version, name = draw(st.sampled_from(VERSIONS)), draw(NAMES)
    stage = draw(st.sampled_from(Stage))
    change = StageChanged(
        NAME,
        version,
        stage,
        draw(st.sampled_from(["", ENGINE])),
        "",
        engine=draw(st.sampled_from(["", ENGINE_1, ENGINE_2])),
        openings=draw(st.integers(0, 3)),
        diff=draw(st.sampled_from(["", DIFF])),
    )
    intended = Intended(intent(name, version, stage, message=draw(st.sampled_from(MESSAGES))))
    flow = FlowHappened(name, draw(st.sampled_from([*FLOW.values(), Approved("carol")])))
    return draw(st.sampled_from([change, intended, flow]))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(anything(), max_size=30))
def test_no_history_without_a_person_leads_to_production(playbook: Playbook, bodies: list[TradeBody]):
    """S-867."""
    journal, momentum = Journal(), staged(playbook)

    journal.write(*bodies)

    for version in VERSIONS:
        assert journal.promotions.stage_of(momentum, version) is not Stage.PRODUCTION
        assert journal.promotions.sends_for(momentum, version, "m1") is not Stage.PRODUCTION


def test_the_fold_of_many_sends_forgets_only_old_messages(playbook: Playbook):
    momentum, journal = staged(playbook), Journal()
    journal.put_in_production(momentum, V1)
    for number in range(4200):
        journal.write(Intended(intent(f"x{number}", V1, Stage.PRODUCTION)), FlowHappened(f"x{number}", FLOW["filled"]))
    lowered = demote(journal.promotions, NAME, CAROL, "", V1)
    assert isinstance(lowered, tuple)
    journal.write(*lowered)
    journal.put_in_production(momentum, V2)

    assert journal.promotions.sends_for(momentum, V2, "x4199") is Stage.OBSERVE
    assert journal.promotions.sends_for(momentum, V2, "x0") is Stage.PRODUCTION
