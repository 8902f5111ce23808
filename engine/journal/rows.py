"""Decisions as rows of the tables, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from engine.journal.plain import as_text, from_text, json_text, plain_fields, tuple_from_text
from engine.model.alert import Alert
from engine.model.decision import Decision, GateResult, Outcome, Reason, Verdict
from engine.model.message import Embed
from engine.model.source import Place, Span

Row = tuple[Any, ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_LARGE: Final = Decimal(10**12)  # for a decimal(18, 6)
_TOO_MANY: Final = 2**63  # for a bigint

# What `decision_of` needs, in its order; times as microseconds, because DuckDB gives out aware
# times only with the help of a library we do not need otherwise.
DECISION_QUERY: Final = """
    select
        d.decision_id, d.playbook, d.content_hash, d.message_id, d.event, d.channel_id, d.author_id,
        d.author_name, epoch_us(d.posted_at), epoch_us(d.judged_at), d.text, d.text_after_edit, d.assumed,
        d.embeds, d.alert_index, d.verdict, d.reason, d.rule, d.detail, d.playbook_file, d.playbook_line,
        d.playbook_column, d.playbook_end_line, d.playbook_end_column, d.text_part, d.text_start, d.text_end,
        d.nearest, d.is_order_shaped, d.gates, a.whole
    from decisions d
    left join alerts a using (run_id, decision_id, alert_index)
"""


def is_chatter(decision: Decision) -> bool:
    """Whether it is kept without its text: ignored, without an alert, not order-shaped."""
    return all(
        outcome.verdict is Verdict.IGNORED and outcome.alert is None and not outcome.is_order_shaped
        for outcome in decision.outcomes
    )


def chatter_row(run_id: int, decision: Decision) -> Row:
    """Return the row of `chatter`."""
    return (
        run_id,
        decision.message_id,
        decision.event,
        decision.playbook,
        decision.channel_id,
        decision.author_id,
        decision.author_name,
        decision.at,
        decision.outcomes[0].reason.value,
    )


def decision_rows(run_id: int, decision: Decision) -> Iterator[Row]:
    """Yield the rows of `decisions`, one for each outcome."""
    assumed, embeds = as_text(decision.assumed), as_text(decision.embeds)
    for outcome in decision.outcomes:
        yield (
            run_id,
            decision.decision_id,
            outcome.index,
            decision.playbook,
            decision.content_hash,
            decision.message_id,
            decision.event,
            decision.channel_id,
            decision.author_id,
            decision.author_name,
            decision.at,
            decision.now,
            outcome.verdict.value,
            outcome.reason.value,
            outcome.rule,
            outcome.detail,
            *_span_cells(outcome.span),
            *_place_cells(outcome.place),
            decision.text,
            decision.text_after_edit,
            embeds,
            outcome.nearest,
            outcome.is_order_shaped,
            assumed,
            _gates_text(outcome.gates),
        )


def alert_row(run_id: int, decision_id: str, index: int, alert: Alert) -> Row:
    """Return the row of `alerts`."""
    leg = alert.legs[0] if len(alert.legs) == 1 else None
    whole = plain_fields(alert)
    return (
        run_id,
        decision_id,
        index,
        alert.action.value,
        alert.symbol,
        alert.asset.value if alert.asset else None,
        _storable(leg.strike) if leg else None,
        leg.right.value if leg and leg.right else None,
        leg.expiry if leg else None,
        _storable(alert.price),
        alert.is_market,
        alert.is_credit,
        alert.quantity if alert.quantity is not None and abs(alert.quantity) < _TOO_MANY else None,
        _storable(alert.fraction),
        alert.is_part,
        json_text(whole["stop"]) if alert.stop else None,
        json_text(whole.get("targets", [])),
        json_text(whole.get("size_tags", [])),
        alert.structure,
        json_text(whole.get("legs", [])),
        alert.pattern,
        json_text(whole),
    )


def decisions_of(rows: list[Row]) -> tuple[Decision, ...]:
    """Return the decisions that the rows of DECISION_QUERY hold; rows of one decision stand together."""
    return tuple(_decision(list(group)) for _, group in groupby(rows, key=lambda row: row[0]))


def moment(microseconds: int) -> datetime:
    """Return the time that many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _decision(rows: list[Row]) -> Decision:
    first = rows[0]
    return Decision(
        decision_id=first[0],
        playbook=first[1],
        content_hash=first[2],
        message_id=first[3],
        event=first[4],
        channel_id=first[5],
        author_id=first[6],
        author_name=first[7],
        at=moment(first[8]),
        now=moment(first[9]),
        text=first[10],
        text_after_edit=first[11],
        assumed=tuple_from_text(str, first[12]),
        embeds=tuple_from_text(Embed, first[13]),
        outcomes=tuple(_outcome(row[14:]) for row in rows),
    )


def _outcome(cells: Row) -> Outcome:
    index, verdict, reason, rule, detail = cells[:5]
    span, place = cells[5:10], cells[10:13]
    nearest, is_order_shaped, gates, whole = cells[13:]
    return Outcome(
        index=index,
        verdict=Verdict(verdict),
        reason=Reason(reason),
        detail=detail,
        alert=from_text(Alert, whole) if whole else None,
        span=None if span[0] is None else Span(*span),
        place=None if place[0] is None else Place(*place),
        gates=tuple_from_text(GateResult, gates),
        nearest=nearest,
        is_order_shaped=is_order_shaped,
        rule=rule,
    )


def _gates_text(gates: tuple[GateResult, ...]) -> str:
    return f"[{','.join(map(_gate_text, gates))}]"


# Most gates answer alike about most messages.
@lru_cache(maxsize=1024)
def _gate_text(gate: GateResult) -> str:
    return as_text(gate)


def _span_cells(span: Span | None) -> Row:
    if span is None:
        return (None,) * 5
    return span.file, span.line, span.column, span.end_line, span.end_column


def _place_cells(place: Place | None) -> Row:
    return (place.part, place.start, place.end) if place else (None,) * 3


def _storable(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() and abs(value) < _TOO_LARGE else None
