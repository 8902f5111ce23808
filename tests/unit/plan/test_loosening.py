"""What the desk file tightens acts at once; what it loosens waits for two people."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.desk import AccountKind, Desk, HouseLimits, Permission, Repeats
from engine.model.limits import Counts
from engine.model.source import Span
from engine.model.stages import OnUnavailable
from engine.plan.entries import ENGINE, DeskChanged, LooseningAsked, TradeEntry
from engine.plan.loosening import DeskState, Loosening, change_by_itself, effective_desk, loosen, mark_of
from engine.plan.promotion import Refused
from tests.unit.plan.staged import AT, DAVE, DESK, ERIN, LIMITS, LINE, account

Change = Callable[[HouseLimits], HouseLimits]


def limited(change: Change) -> Desk:
    return replace(DESK, limits=change(LIMITS))


TIGHTER: tuple[tuple[str, Change], ...] = (
    ("max_order_value", lambda limits: replace(limits, max_order_value=Decimal(5_000))),
    ("max_contracts", lambda limits: replace(limits, max_contracts=10)),
    ("max_size", lambda limits: replace(limits, max_size=Decimal("0.01"))),
    ("max_open_positions", lambda limits: replace(limits, max_open_positions=0)),
    ("max_spread", lambda limits: replace(limits, max_spread=Decimal("0.1"))),
    ("messages_per_minute", lambda limits: replace(limits, messages_per_minute=30)),
    ("per_symbol.max_orders_per_day", lambda limits: replace(limits, per_symbol=Counts(None, 1, None, LINE))),
    (
        "price_collar.from_mid",
        lambda limits: replace(limits, price_collar=replace(limits.price_collar, from_mid=Decimal("0.01"))),
    ),
    ("duplicate_window", lambda limits: replace(limits, duplicate_window=timedelta(hours=1))),
    ("repeats", lambda limits: replace(limits, repeats=Repeats(2, timedelta(minutes=1), LINE))),
)


@pytest.mark.parametrize(("name", "change"), TIGHTER, ids=[name for name, _ in TIGHTER])
def test_a_tighter_limit_acts_at_once_and_its_way_back_waits(name: str, change: Change):
    """S-868."""
    tighter = limited(change)

    assert effective_desk(DESK, tighter) == (tighter, ())

    effective, waiting = effective_desk(tighter, DESK)
    assert effective.limits == tighter.limits
    assert [each.path for each in waiting] == [f"limits.{name}"]


def test_what_waits_is_said_in_words():
    looser = limited(lambda limits: replace(limits, max_daily_loss=None, max_size=Decimal("0.10")))

    _, waiting = effective_desk(DESK, looser)

    assert waiting == (
        Loosening("limits.max_size", "0.05", "0.1"),
        Loosening("limits.max_daily_loss", "3000", "nothing"),
    )
    assert str(waiting[0]) == "limits.max_size: 0.05 → 0.1"


def test_a_new_person_or_permission_waits_and_one_taken_away_is_gone():
    """S-868."""
    eve = replace(DAVE, name="eve", id="509")
    newest = replace(
        DESK,
        people=(eve, replace(DAVE, may=DAVE.may | {Permission.PROMOTE}), replace(ERIN, may=frozenset())),
    )

    effective, waiting = effective_desk(DESK, newest)

    assert {person.name: person.may for person in effective.people} == {"dave": DAVE.may, "erin": frozenset()}
    assert [str(each) for each in waiting] == [
        "people.dave.may: control → control, promote",
        "people.eve: nothing → 509 may control",
    ]


def test_another_discord_id_is_another_person():
    """S-868: a name alone carries no permission."""
    effective, waiting = effective_desk(DESK, replace(DESK, people=(replace(DAVE, id="666"),)))

    assert effective.people == ()
    assert [each.path for each in waiting] == ["people.dave"]


def test_where_real_money_goes_waits():
    """S-868."""
    main = DESK.accounts[1]
    changed = replace(DESK, accounts=(DESK.accounts[0], replace(main, secret_from="OTHER"), account("ira", main.kind)))

    effective, waiting = effective_desk(DESK, changed)

    assert effective.accounts == DESK.accounts
    assert [each.path for each in waiting] == ["accounts.main.secret_from", "accounts.ira"]


def test_a_sandbox_account_that_turns_into_real_money_waits_and_is_gone_until_then():
    cert = replace(DESK.accounts[0], kind=AccountKind.PRODUCTION)

    effective, waiting = effective_desk(DESK, replace(DESK, accounts=(cert, DESK.accounts[1])))

    assert [each.name for each in effective.accounts] == ["main"]
    assert [each.path for each in waiting] == ["accounts.cert"]


def test_sandbox_accounts_and_words_for_people_change_freely():
    newest = replace(
        DESK,
        about="other",
        control_channel="77",
        channels=(("1", "one"),),
        accounts=(account("cert2", AccountKind.SANDBOX), DESK.accounts[1]),
    )

    assert effective_desk(DESK, newest) == (newest, ())


def test_the_meaning_of_a_sandbox_that_cannot_judge_waits_where_it_gets_looser():
    newest = replace(DESK, on_cannot_represent=OnUnavailable.BLOCK, on_outage=OnUnavailable.DRY_RUN)

    effective, waiting = effective_desk(DESK, newest)

    assert effective.on_cannot_represent is OnUnavailable.BLOCK
    assert effective.on_outage is OnUnavailable.BLOCK
    assert [each.path for each in waiting] == ["on_outage"]


def test_places_in_the_file_do_not_count():
    moved = replace(DESK, people=tuple(replace(each, span=Span("desk.yaml", 9, 1, 9, 2)) for each in DESK.people))

    assert effective_desk(DESK, moved)[1] == ()
    assert change_by_itself(DeskState(DESK), moved) is None


limits = st.builds(
    lambda value, count, spread, window: replace(
        LIMITS, max_order_value=value, max_contracts=count, max_spread=spread, duplicate_window=window
    ),
    st.none() | st.integers(0, 5).map(Decimal),
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 5).map(Decimal),
    st.integers(0, 5).map(lambda number: timedelta(minutes=number)),
)
desks = st.builds(
    lambda rules, people: replace(DESK, limits=rules, people=people),
    limits,
    st.sets(st.sampled_from(range(4))).map(lambda chosen: tuple(DESK.people[index] for index in sorted(chosen))),
)


@settings(max_examples=100, deadline=None)
@given(files=st.lists(desks, min_size=1, max_size=6))
def test_nothing_gets_looser_by_itself_whatever_files_come(files: list[Desk]):
    """S-868."""
    state, before = DeskState(), None
    for seq, newest in enumerate(files, 1):
        changed = change_by_itself(state, newest)
        if changed is not None:
            assert changed.by == ENGINE
            state = state.after(TradeEntry(seq, AT, changed))
        now, _ = state.in_force(newest)
        if before is not None:
            assert effective_desk(before, now)[1] == ()
            assert _at_most(now.limits.max_order_value, before.limits.max_order_value)
            assert _at_most(now.limits.max_contracts, before.limits.max_contracts)
            assert now.limits.duplicate_window >= before.limits.duplicate_window
            assert {person.name for person in now.people} <= {person.name for person in before.people}
        assert _at_most(now.limits.max_order_value, newest.limits.max_order_value)
        before = now


def _at_most(one: Decimal | int | None, other: Decimal | int | None) -> bool:
    return other is None or (one is not None and one <= other)


LOOSER = limited(lambda rules: replace(rules, max_order_value=Decimal(50_000)))


def agreed(*bodies: DeskChanged | LooseningAsked) -> DeskState:
    state = DeskState(DESK)
    for seq, body in enumerate(bodies, 1):
        state = state.after(TradeEntry(seq, AT, body))
    return state


def code(made: object) -> str:
    return made.code if isinstance(made, Refused) else ""


def test_the_first_desk_of_all_needs_nobody():
    assert DeskState().in_force(DESK) == (DESK, ())
    assert change_by_itself(DeskState(), DESK) == DeskChanged(DESK, ENGINE)
    assert change_by_itself(DeskState(DESK), DESK) is None


def test_two_people_loosen_a_desk():
    """S-868."""
    asked = loosen(DeskState(DESK), LOOSER, "dave")
    assert isinstance(asked, LooseningAsked)

    made = loosen(agreed(asked), LOOSER, "carol", asked.mark)

    assert made == DeskChanged(LOOSER, "carol", "dave", ("limits.max_order_value: 10000 → 50000",))
    assert isinstance(made, DeskChanged)
    assert agreed(asked, made).in_force(LOOSER) == (LOOSER, ())


@pytest.mark.parametrize(
    ("by", "mark", "expected"),
    [
        pytest.param("dave", True, "second_person_needed", id="the same person"),
        pytest.param("carol", True, "", id="another one who may promote"),
        pytest.param("carol", False, "loosening_not_seen", id="who has not looked"),
        pytest.param("fred", True, "may_not_loosen", id="who may neither"),
        pytest.param("mallory", True, "nobody_of_the_desk", id="a stranger"),
        pytest.param(ENGINE, True, "nobody_of_the_desk", id="the engine"),
    ],
)
def test_the_second_person_is_another_who_may_promote_and_has_looked(by: str, mark: bool, expected: str):
    """S-868."""
    _, waiting = effective_desk(DESK, LOOSER)
    state = agreed(LooseningAsked(mark_of(waiting), "dave", ()))

    assert code(loosen(state, LOOSER, by, mark_of(waiting) if mark else "")) == expected


def test_who_may_only_control_asks_and_does_not_agree():
    _, waiting = effective_desk(DESK, LOOSER)
    state = agreed(LooseningAsked(mark_of(waiting), "carol", ()))

    assert code(loosen(state, LOOSER, "dave", mark_of(waiting))) == "may_not_loosen"


def test_nobody_whom_the_file_itself_lets_in_agrees():
    """S-868."""
    newest = replace(LOOSER, people=(*DESK.people, replace(ERIN, name="eve", id="509")))

    assert code(loosen(DeskState(DESK), newest, "eve")) == "nobody_of_the_desk"


def test_after_another_save_it_is_asked_anew():
    """S-868: what was asked for is what is agreed to."""
    asked = loosen(DeskState(DESK), LOOSER, "dave")
    assert isinstance(asked, LooseningAsked)
    loosest = limited(lambda rules: replace(rules, max_order_value=None))

    made = loosen(agreed(asked), loosest, "carol", asked.mark)

    assert isinstance(made, LooseningAsked)
    assert made.by == "carol"


def test_there_is_nothing_to_loosen_where_nothing_got_looser():
    assert code(loosen(DeskState(DESK), DESK, "dave")) == "nothing_to_loosen"
