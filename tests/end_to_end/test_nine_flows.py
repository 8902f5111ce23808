"""Nine kinds of alert, each from the message to the fill in production, as DuckDB and `signalbook trace` tell it."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from engine.cli.main import app
from engine.journal.live_queries import readable
from engine.journal.sql_rows import SqlRows
from engine.model.message import Message
from engine.paper.opening import Opening
from engine.paper.venue import Environment
from tests.trading_week import CAROL, FRIDAY, SEED, Traded, posted, shipped, steady, traded_week

SPEED: Final = 3.0
CALM: Final = Opening(seed=SEED, pace=0.0, is_calm=True)
AWKWARD: Final = Opening(seed=SEED, pace=0.1)  # as the real sandbox is, but for how long it takes

Legs = dict[str, int]
"""What an order of one unit, or of all its units, adds to the position in each contract."""


def call(strike: int) -> str:
    return f"SPY   261211C{strike:05}000"


def put(strike: int) -> str:
    return f"SPY   261211P{strike:05}000"


MES, ES_CALL = "/MESZ6", "./ESZ6 EW2Z6 261211C6850"


@dataclass(frozen=True)
class Opens:
    """An opening: the message it comes of, by its place, and what it adds."""

    place: int
    legs: Legs
    approved_for: str = ""


@dataclass(frozen=True)
class Closes:
    """A close: the message it comes of, and that of the opening, by their places."""

    place: int
    legs: Legs
    opened_by: int


OPENINGS: Final = {
    "equity": Opens(0, {"NVDA": 5}),
    "single option": Opens(1, {call(690): 2}),
    "vertical": Opens(2, {call(680): 1, call(685): -1}),
    "butterfly": Opens(3, {call(668): 1, call(678): -2, call(688): 1}),
    "iron condor": Opens(4, {put(660): 1, put(665): -1, call(695): -1, call(700): 1}),
    "future": Opens(5, {MES: 1}),
    "future option": Opens(6, {ES_CALL: 1}, approved_for="above $2,500"),
}
CLOSES: Final = {
    "part of a position": Closes(7, {call(690): -1}, opened_by=1),
    "all out": Closes(8, {"NVDA": -5}, opened_by=0),
}
AT_AN_AWKWARD_SANDBOX: Final = {
    "future": Opens(0, {MES: 1}, approved_for="the sandbox could not judge it (cannot_represent)"),
    "future option": Opens(
        1, {ES_CALL: 1}, approved_for="above $2,500, the sandbox could not judge it (cannot_represent)"
    ),
}


@dataclass(frozen=True)
class World:
    """A week of the example desk, and the rows it has left."""

    week: Traded
    database: SqlRows

    def rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        return self.database.query(sql, values)

    def intent(self, place: int) -> str:
        """Return the one intent of a message, which the log has as approved for production."""
        found = self.rows(
            """
            select i.intent_id, i.stage, i.account, d.verdict
            from intents i join decisions d using (decision_id, alert_index) where i.message_id = $message
            """,
            message=self.week.messages[place].id,
        )
        assert [row[1:] for row in found] == [("production", "main", "approved")], "\n".join(self.week.said)
        return str(found[0][0])

    def steps(self, intent: str) -> list[tuple[str, ...]]:
        return self.rows(
            "select event, code, by_whom from flow_events where intent_id = $intent order by seq", intent=intent
        )

    def proof(self, intent: str) -> list[tuple[str, ...]]:
        """Return what the sandbox has said of an intent."""
        return self.rows("select role, verdict, codes from test_results where intent_id = $intent", intent=intent)

    def checks(self, intent: str) -> dict[str, str]:
        """Return how each check came out; the order was put to each once."""
        found = self.rows(
            "select name, status from checks where intent_id = $intent order by check_index", intent=intent
        )
        assert len(found) == len(dict(found))
        return dict(found)

    def planned(self, intent: str) -> dict[tuple[str, str], Legs]:
        """Return what every order of an intent asked for, by account and role."""
        found = self.rows("select account, role, legs from orders where intent_id = $intent", intent=intent)
        assert len(found) == len({row[:2] for row in found})
        return {(account, role): added(json.loads(legs)) for account, role, legs in found}

    def filled(self, account: str, intent: str = "", role: str = "") -> Legs:
        """Return what the fills in an account add up to; of all intents and roles, or of one."""
        found = self.rows(
            """
            select symbol, sum(if(starts_with(action, 'buy'), quantity, -quantity))::integer from fills
            where account = $account and $intent in ('', intent_id) and $role in ('', role) group by symbol
            """,
            account=account,
            intent=intent,
            role=role,
        )
        return {symbol: quantity for symbol, quantity in found if quantity}

    def events(self, intent: str, account: str, role: str) -> list[tuple[str, ...]]:
        """Return what happened to an order, with the state it was in from then on."""
        return self.rows(
            """
            select event, state from order_events
            where intent_id = $intent and account = $account and role = $role order by seq
            """,
            intent=intent,
            account=account,
            role=role,
        )

    def must_be_sent_and_filled(self, intent: str, legs: Legs) -> None:
        """See to it that production got one order for an intent, all of which is filled."""
        events = self.events(intent, "main", "trade")
        assert events[:2] == [("intent_journaled", "intended"), ("send_started", "sent")]
        assert ("reported", "filled") in events
        assert self.filled("main", intent, "trade") == legs
        states = self.rows(
            """
            select state, filled = units, could_fill::integer from order_states
            where intent_id = $intent and role = 'trade'
            """,
            intent=intent,
        )
        assert states == [("filled", True, 0)]

    def entries(self, intent: str) -> list[str]:
        """Return what was written of an intent's way, in the order it was written; times never go back."""
        found = self.rows(_ENTRIES, intent=intent)
        times = [at for _, at in found]
        assert times == sorted(times)
        return [what for what, _ in found]


_ENTRIES: Final = """
    select what, epoch_us(written_at) from (
        select seq, 'decided' as what, written_at from journaled_decisions
        where decision_id = (select decision_id from intents where intent_id = $intent)
        union all select seq, 'intended', written_at from intents where intent_id = $intent
        union all select seq, event, written_at from flow_events where intent_id = $intent
        union all select seq, role || ' planned', written_at from orders where intent_id = $intent
        union all
        select seq, role || ' ' || event, written_at from order_events
        where intent_id = $intent and event = 'send_started'
        union all
        select min(seq), role || ' filled', min(written_at) from fills where intent_id = $intent group by role
    ) order by seq
"""


def added(legs: list[dict[str, Any]]) -> Legs:
    return {leg["symbol"]: int(leg["quantity"]) * (1 if leg["action"].startswith("buy") else -1) for leg in legs}


def must_come_in_order(found: Sequence[object], wanted: Sequence[object]) -> None:
    places = [found.index(each) for each in wanted]
    assert places == sorted(places), (wanted, found)


@contextmanager
def world(home: Path, opening: Opening, friday: tuple[Message, ...]) -> Iterator[World]:
    week = traded_week(home, steady(opening), friday, SPEED)
    with readable(home / "signalbook.duckdb") as database:
        yield World(week, database)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The example's Friday at an exchange that is not slow, strict or moody."""
    # What a close has earned is written down with the decision that follows it.
    friday = (*shipped("4-friday.json"), *posted(FRIDAY + timedelta(minutes=4), ("that was it for today",)))
    with world(tmp_path_factory.mktemp("calm"), CALM, friday) as made:
        yield made


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Futures at an exchange whose sandbox is as the real one: it rejects them all."""
    friday = posted(FRIDAY, ("BTO 1 /MESZ6 @ 6842", "BTO 1 /ESZ6 6850C 12/11 @ 62"))
    with world(tmp_path_factory.mktemp("awkward"), AWKWARD, friday) as made:
        yield made


PRODUCTION: Final = ("checked", "trade planned", "trade send_started", "trade filled", "ended")


# ---------------------------------------------------------------- openings


@pytest.mark.parametrize("flow", OPENINGS.values(), ids=OPENINGS)
def test_an_opening_is_proven_in_the_sandbox_then_checked_sent_and_filled(calm: World, flow: Opens):
    """S-910, S-911."""
    intent = calm.intent(flow.place)

    [(role, verdict, codes)] = calm.proof(intent)
    assert (role, verdict, codes) == ("probe", "pass", "[]")
    back = {symbol: -quantity for symbol, quantity in flow.legs.items()}
    assert calm.planned(intent) == {
        ("cert", "probe"): flow.legs,
        ("cert", "unwind"): back,
        ("main", "trade"): flow.legs,
    }
    assert calm.filled("cert", intent, "probe") == flow.legs
    assert calm.filled("cert", intent, "unwind") == back
    checks = calm.checks(intent)
    assert set(checks.values()) <= {"passed", "not_applicable"}
    assert {checks[name] for name in ("dry_run", "listed", "tick", "fresh", "promotion", "buying_power")} == {"passed"}
    calm.must_be_sent_and_filled(intent, flow.legs)
    asked = [("approval_asked", "", "carol, dave"), ("approved", "", CAROL)] if flow.approved_for else []
    assert calm.steps(intent) == [
        ("probed", "pass", ""),
        *asked,
        ("checked", "sound", ""),
        ("ended", "filled", ""),
    ]


@pytest.mark.parametrize("flow", OPENINGS.values(), ids=OPENINGS)
def test_nothing_of_an_opening_happens_before_what_it_rests_on_is_written(calm: World, flow: Opens):
    """S-910."""
    found = calm.entries(calm.intent(flow.place))

    sandbox = ("decided", "intended", "probe planned", "probe send_started", "probed")
    approval = ("approval_asked", "approved") if flow.approved_for else ()
    must_come_in_order(found, (*sandbox, *approval, *PRODUCTION))


def test_only_what_is_above_the_playbooks_amount_is_asked_for(calm: World):
    """S-912."""
    asked = calm.rows("select intent_id, why, by_whom from flow_events where event = 'approval_asked'")

    assert asked == [(calm.intent(6), "above $2,500", "carol, dave")]


# ---------------------------------------------------------------- closes


@pytest.mark.parametrize("flow", CLOSES.values(), ids=CLOSES)
def test_a_close_waits_for_nobody_and_is_filled(calm: World, flow: Closes):
    """S-913."""
    intent = calm.intent(flow.place)

    assert calm.steps(intent) == [("checked", "sound", ""), ("ended", "filled", "")]
    assert calm.proof(intent) == []
    checks = calm.checks(intent)
    assert (checks["position"], checks["dry_run"]) == ("passed", "passed")
    calm.must_be_sent_and_filled(intent, flow.legs)
    must_come_in_order(calm.entries(intent), ("decided", "intended", *PRODUCTION))
    closed = calm.rows(
        "select opened_by, quantity, profit is not null from closed_positions where closed_by = $message",
        message=calm.week.messages[flow.place].id,
    )
    assert closed == [(calm.week.messages[flow.opened_by].id, -sum(flow.legs.values()), True)]


# ---------------------------------------------------------------- a sandbox that takes no futures


@pytest.mark.parametrize("flow", AT_AN_AWKWARD_SANDBOX.values(), ids=AT_AN_AWKWARD_SANDBOX)
def test_a_future_the_sandbox_cannot_represent_goes_to_production_once_a_person_says_so(awkward: World, flow: Opens):
    """S-912."""
    intent = awkward.intent(flow.place)

    [(role, verdict, codes)] = awkward.proof(intent)
    assert (role, verdict, json.loads(codes)) == ("probe", "cannot_represent", ["Session offline"])
    [asked] = awkward.rows(
        "select why from flow_events where intent_id = $intent and event = 'approval_asked'", intent=intent
    )
    assert asked == (flow.approved_for,)
    assert awkward.steps(intent) == [
        ("probed", "cannot_represent", ""),
        ("approval_asked", "", "carol, dave"),
        ("approved", "", CAROL),
        ("checked", "sound", ""),
        ("ended", "filled", ""),
    ]
    assert awkward.planned(intent) == {("cert", "probe"): flow.legs, ("main", "trade"): flow.legs}
    assert awkward.events(intent, "cert", "probe")[-1][1] == "rejected"
    assert awkward.filled("cert", intent, "probe") == {}
    assert awkward.checks(intent)["dry_run"] == "passed"
    awkward.must_be_sent_and_filled(intent, flow.legs)
    judged = ("decided", "intended", "probe send_started", "probed", "approval_asked", "approved")
    must_come_in_order(awkward.entries(intent), (*judged, *PRODUCTION))


def test_the_sandbox_is_asked_about_every_opening_however_long_it_takes_to_be_ready(awkward: World):
    """S-938: no time is passed over before an account was looked at."""
    verdicts = awkward.rows("select verdict, count(*) from test_results group by verdict order by verdict")

    assert verdicts == [("cannot_represent", 2), ("pass", 4)]


# ---------------------------------------------------------------- the exchange


@pytest.mark.parametrize("world", ["calm", "awkward"])
def test_production_holds_what_its_fills_add_up_to(world: str, request: pytest.FixtureRequest):
    """S-914: and the one opening of the canary besides."""
    seen: World = request.getfixturevalue(world)
    flows = [*OPENINGS.values(), *CLOSES.values()] if world == "calm" else [*AT_AN_AWKWARD_SANDBOX.values()]
    wanted = Counter({"IWM": 1})
    for flow in flows:
        for symbol, quantity in flow.legs.items():
            wanted[symbol] += quantity

    assert Counter(seen.week.held[Environment.PRODUCTION]) == wanted
    assert seen.filled("main") == {symbol: quantity for symbol, quantity in wanted.items() if quantity}


def test_what_was_probed_in_the_sandbox_is_flat_again(calm: World):
    """S-914: what is left there is what the playbook traded before it was promoted."""
    assert calm.week.held[Environment.SANDBOX] == calm.filled("cert") == {"AAPL": 2, "NVDA": 2, "QQQ": 2}


@pytest.mark.parametrize("world", ["calm", "awkward"])
def test_each_environment_got_its_own_orders_and_no_other(world: str, request: pytest.FixtureRequest):
    """S-914."""
    seen: World = request.getfixturevalue(world)

    for environment, account in ((Environment.SANDBOX, "cert"), (Environment.PRODUCTION, "main")):
        sent = seen.rows(
            "select distinct client_id from order_events where account = $account and order_id <> '' order by 1",
            account=account,
        )
        assert seen.week.named[environment] == tuple(client_id for (client_id,) in sent)
    assert seen.rows("select distinct role from orders where account = 'main'") == [("trade",)]
    stages = seen.rows("select distinct stage from intents where account = 'main' order by 1")
    assert stages == [("canary",), ("production",)]


# ---------------------------------------------------------------- the trace

PROBED: Final = (
    ("decision", "approved"),
    ("decision", "intended"),
    ("sandbox", "probe planned"),
    ("sandbox", "order on disk"),
    ("sandbox", "send begins"),
    ("sandbox", "live"),
    ("sandbox", "sandbox says pass"),
)
REJECTED: Final = (*PROBED[:5], ("sandbox", "rejected"), ("sandbox", "sandbox says cannot represent"))
ASKED: Final = (("approval", "asked"), ("approval", "approved"))
SENT: Final = (
    ("checks", "checked and sound"),
    ("production", "order planned"),
    ("production", "order on disk"),
    ("production", "send begins"),
    ("production", "filled"),
    ("end", "filled"),
)


def shown_of(flow: Opens) -> tuple[tuple[str, str], ...]:
    return (*PROBED, *(ASKED if flow.approved_for else ()), *SENT)


SHOWN: Final = {
    **{name: ("calm", flow.place, shown_of(flow)) for name, flow in OPENINGS.items()},
    **{name: ("calm", flow.place, (*PROBED[:2], *SENT)) for name, flow in CLOSES.items()},
    **{
        f"{name}, awkward": ("awkward", flow.place, (*REJECTED, *ASKED, *SENT))
        for name, flow in AT_AN_AWKWARD_SANDBOX.items()
    },
}


@pytest.mark.parametrize(("world", "place", "wanted"), SHOWN.values(), ids=SHOWN)
def test_the_trace_shows_every_step_in_its_order_with_its_time(
    world: str, place: int, wanted: tuple[tuple[str, str], ...], request: pytest.FixtureRequest
):
    """S-910, S-909."""
    seen: World = request.getfixturevalue(world)

    result = CliRunner().invoke(app, ["trace", seen.week.messages[place].id, "--json", "--home", str(seen.week.home)])

    assert result.exit_code == 0, result.output
    [way] = json.loads(result.stdout)["intents"]
    shown = [(step["where"], step["what"]) for step in way["steps"]]
    must_come_in_order(shown, wanted)
    times = [step["ms"] for step in way["steps"]]
    assert times == sorted(times)
    assert times[0] >= 0
    assert way["is_from_intake"]
    spans = way["spans_ms"]
    parts = {"decision", "checks", "answer to first fill", "send to answer", "in all"}
    parts |= {"sandbox"} if PROBED[2] in wanted else set()
    assert set(spans) == parts | ({"approval"} if ASKED[0] in wanted else set())
    assert all(0 <= span <= spans["in all"] for span in spans.values())
