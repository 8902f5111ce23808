"""Whatever the readers and gates come to say, it is logged exactly."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.journal.run_rows import ChatterRow
from engine.journal.store import DuckStore
from engine.model.alert import Action, Alert, Asset, Found, Leg, Level, Problem
from engine.model.decision import Decision, GateResult, GateStatus, Outcome, Reason, Verdict
from engine.model.instrument import Right
from engine.model.message import Embed, EmbedField
from engine.model.run import RunCounts, RunStart
from engine.model.source import Place, Span

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
numbers = st.decimals(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC))
small = st.integers(0, 2**31 - 1)
actions = st.sampled_from(Action)
spans = st.none() | st.builds(Span, names, small, small, small, small)
places = st.builds(Place, names, small, small)
levels = st.builds(Level, st.none() | numbers, st.none() | numbers, names, st.none() | numbers)
legs = st.builds(
    Leg,
    actions,
    st.none() | names,
    st.sampled_from(Asset),
    st.none() | numbers,
    st.none() | st.sampled_from(Right),
    st.none() | st.dates(),
    small,
)


def tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=2).map(tuple)


alerts = st.builds(
    Alert,
    action=actions,
    symbol=st.none() | names,
    asset=st.none() | st.sampled_from(Asset),
    legs=tuples(legs),
    price=st.none() | numbers,
    price_high=st.none() | numbers,
    is_market=st.booleans(),
    is_credit=st.none() | st.booleans(),
    quantity=st.none() | st.integers(),
    fraction=st.none() | numbers,
    is_part=st.booleans(),
    stop=st.none() | levels,
    targets=tuples(levels),
    size_tags=tuples(names),
    structure=names,
    pattern=names,
    problems=tuples(st.builds(Problem, names, names)),
    found=tuples(st.builds(Found, names, names, places)),
)
gates = st.builds(
    GateResult,
    names,
    st.sampled_from(GateStatus),
    st.none() | st.sampled_from(Reason),
    names,
    spans,
    st.none() | places,
    names,
)
outcomes = st.builds(
    Outcome,
    index=st.just(0),
    verdict=st.sampled_from(Verdict),
    reason=st.sampled_from(Reason),
    detail=names,
    alert=st.none() | alerts,
    span=spans,
    place=st.none() | places,
    gates=tuples(gates),
    nearest=names,
    is_order_shaped=st.booleans(),
    rule=names,
)
decisions = st.builds(
    Decision,
    decision_id=names,
    playbook=names,
    content_hash=names,
    message_id=names,
    event=small,
    channel_id=names,
    author_id=names,
    author_name=names,
    at=moments,
    now=moments,
    text=names,
    outcomes=st.lists(outcomes, min_size=1, max_size=2).map(
        lambda found: tuple(replace(outcome, index=index) for index, outcome in enumerate(found))
    ),
    text_after_edit=st.booleans(),
    assumed=tuples(names),
    embeds=tuples(st.builds(Embed, title=names, fields=tuples(st.builds(EmbedField, names, names)), color=names)),
)


def as_kept(decision: Decision) -> Decision | ChatterRow:
    if any(o.alert or o.is_order_shaped or o.verdict is not Verdict.IGNORED for o in decision.outcomes):
        return decision
    return ChatterRow(
        decision.message_id,
        decision.event,
        decision.playbook,
        decision.channel_id,
        decision.author_id,
        decision.author_name,
        decision.at,
        decision.outcomes[0].reason,
    )


@settings(max_examples=60, deadline=None)
@given(decision=decisions)
def test_a_logged_decision_is_read_back_exactly(shared_store: DuckStore, decision: Decision):
    with shared_store.run(RunStart("1.0")) as writer:
        writer.write([decision])
        writer.finish(RunCounts())

    assert shared_store.log().decision(writer.run_id, decision.message_id) == (as_kept(decision),)
