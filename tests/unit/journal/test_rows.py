"""Whatever the readers and gates come to say, it is logged exactly."""

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide.facts import AlertFacts, Earlier, Facts
from engine.decide.record import Record
from engine.journal.rows import is_number
from engine.journal.run_rows import ChatterRow
from engine.journal.store import DuckStore
from engine.model.activity import Activity, History, Restriction, Scope, SimilarOpening, TradingState
from engine.model.alert import Action, Alert, Asset, Found, Leg, Level, Problem
from engine.model.decision import Decision, GateResult, GateStatus, Outcome, Reason, Size, Verdict
from engine.model.instrument import Right
from engine.model.market import AccountState, Market, Quote
from engine.model.message import Author, Embed, EmbedField, EventKind, Message
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
    size=st.none() | st.builds(Size, st.integers(), numbers, st.none() | numbers, names),
    intent_key=names,
    house_key=names,
    said=st.none() | alerts,
)
ids = names | st.integers(0, 2**64).map(str)
decisions = st.builds(
    Decision,
    decision_id=names,
    playbook=names,
    content_hash=names,
    message_id=ids,
    event=small,
    channel_id=names,
    author_id=ids,
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
    account=names,
    cancels=tuples(names),
)
messages = st.builds(
    Message,
    id=names,
    channel_id=names,
    author=st.builds(Author, names, names, st.booleans()),
    at=moments,
    content=names,
    edited_at=st.none() | moments,
    kind=st.sampled_from(EventKind),
    event=small,
)
amounts = st.none() | numbers
quotes = st.builds(Quote, moments, amounts, amounts, amounts)
activities = st.builds(Activity, open_positions=small, openings=small, profit=numbers)
histories = st.builds(
    History,
    playbook=activities,
    house=activities,
    losses_in_a_row=small,
    last_loss_at=st.none() | moments,
    similar=tuples(st.builds(SimilarOpening, moments, names, names, names, names, names)),
    intents=st.frozensets(names, max_size=3),
)
facts = st.builds(
    Facts,
    now=moments,
    content_hash=names,
    own_author_ids=st.frozensets(names, max_size=3),
    earlier=st.none() | st.builds(Earlier, small, tuples(alerts), tuples(names)),
    account=st.none() | st.builds(AccountState, names, amounts, amounts),
    restrictions=st.none()
    | tuples(st.builds(Restriction, st.sampled_from(TradingState), st.sampled_from(Scope), names, names, names)),
    alerts=tuples(
        st.builds(AlertFacts, st.none() | st.builds(Market, names, st.none() | quotes), st.none() | histories)
    ),
    assumed=tuples(names),
)


def as_kept(decision: Decision) -> Decision | ChatterRow:
    if any(o.alert or o.is_order_shaped or o.verdict is not Verdict.IGNORED for o in decision.outcomes):
        return decision
    if not (is_number(decision.message_id) and is_number(decision.author_id)):
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
@given(decision=decisions, message=messages, facts=facts)
def test_a_logged_decision_is_read_back_exactly(
    shared_store: DuckStore, decision: Decision, message: Message, facts: Facts
):
    record = Record(message, facts, decision)
    with shared_store.run(RunStart("1.0")) as writer:
        writer.write([record])
        writer.finish(RunCounts())

    kept = as_kept(decision)
    log = shared_store.log()
    assert log.decision(writer.run_id, decision.message_id) == (kept,)
    assert tuple(log.records(writer.run_id)) == ((record,) if kept is decision else ())


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        pytest.param("1191500000000000000", True, id="an id"),
        pytest.param("0", True, id="nought"),
        pytest.param("007", False, id="zeros in front would be lost"),
        pytest.param("9223372036854775808", False, id="too large"),
        pytest.param("-1", False, id="a sign"),
        pytest.param("٣", False, id="other digits"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_an_id_is_a_number_where_the_same_text_comes_out_again(text: str, *, is_kept: bool):
    assert is_number(text) is is_kept
