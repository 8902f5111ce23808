"""Decisions as rows of the tables, and back."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from engine.decide.record import Record
from engine.journal.stored_json import (
    OutcomeWriter,
    as_json,
    embeds_from,
    facts_from,
    message_from,
    outcome_from,
    texts_from,
)
from engine.model.alert import Alert
from engine.model.decision import Decision, Size, Verdict
from engine.model.position import Closed
from engine.model.run import BadRow, PatternHits
from engine.model.source import Span

Row = tuple[Any, ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_LARGE: Final = Decimal(10**12)  # for a decimal(18, 6)
_TOO_MANY: Final = 2**63  # for a bigint
_NO_SIZE: Final = (None,) * 5
_NO_ALERT: Final = (None,) * 9

# What `decisions_of` and `records_of` need, in their order; times as microseconds, because DuckDB gives out
# aware times only with the help of a library we do not need otherwise.
DECISION_COLUMNS: Final = """
    decision_id, playbook, content_hash, message_id, event, channel_id, author_id, author_name, epoch_us(posted_at),
    epoch_us(judged_at), text, text_after_edit, assumed, embeds, account, cancels, outcome, message, facts
"""
_DECISION_CELLS: Final = 16  # before the outcome


def is_chatter(decision: Decision) -> bool:
    """Whether it is kept without its text: ignored, without an alert, not order-shaped, its ids numbers."""
    for outcome in decision.outcomes:
        if outcome.verdict is not Verdict.IGNORED or outcome.alert is not None or outcome.is_order_shaped:
            return False
    return is_number(decision.message_id) and is_number(decision.author_id)


def is_number(text: str) -> bool:
    """Whether a column of numbers holds this id, so that the same text comes out again."""
    return text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0") and int(text) < _TOO_MANY


def chatter_row(run_id: int, decision: Decision) -> Row:
    """Return the row of `chatter`."""
    return (
        run_id,
        decision.playbook,
        decision.channel_id,
        int(decision.message_id),
        decision.event,
        int(decision.author_id),
        decision.at,
        decision.outcomes[0].reason,
    )


class DecisionRows:
    """Makes the rows of `decisions`."""

    def __init__(self) -> None:
        self._outcomes = OutcomeWriter()

    def of(self, run_id: int, record: Record) -> Iterator[Row]:
        """Yield a row for each outcome of a decision."""
        decision = record.decision
        message, facts = as_json(record.message), as_json(record.facts)
        head = (
            decision.playbook,
            decision.content_hash,
            decision.message_id,
            decision.event,
            decision.channel_id,
            decision.author_id,
            decision.author_name,
            decision.at,
            decision.now,
        )
        cancels, assumed = _texts(decision.cancels), _texts(decision.assumed)
        embeds = as_json(decision.embeds) if decision.embeds else b"[]"
        for outcome in decision.outcomes:
            yield (
                run_id,
                decision.decision_id,
                outcome.index,
                *head,
                outcome.verdict,
                outcome.reason,
                outcome.rule,
                outcome.detail,
                _place(outcome.span),
                decision.text,
                decision.text_after_edit,
                outcome.nearest,
                outcome.is_order_shaped,
                decision.account,
                outcome.intent_key,
                outcome.house_key,
                cancels,
                assumed,
                embeds,
                *_size_cells(outcome.size),
                *_alert_cells(outcome.alert),
                self._outcomes.json(outcome),
                message,
                facts,
            )


def closed_row(run_id: int, closed: Closed) -> Row:
    """Return the row of `closed_positions`."""
    return (
        run_id,
        closed.playbook,
        closed.author_id,
        closed.symbol,
        closed.contract,
        closed.opened_by,
        closed.opened_at,
        closed.closed_by,
        closed.closed_at,
        whole_number(closed.quantity),
        amount(closed.open_price),
        amount(closed.close_price),
        amount(closed.profit),
        closed.is_expired,
        closed.is_assumed,
    )


def bad_row(run_id: int, row: BadRow) -> Row:
    """Return the row of `bad_rows`."""
    return run_id, row.file, row.index, row.code, row.reason


def pattern_row(run_id: int, hits: PatternHits) -> Row:
    """Return the row of `pattern_hits`."""
    return run_id, hits.playbook, hits.pattern, hits.hits


def decisions_of(rows: Iterable[Row]) -> Iterator[Decision]:
    """Yield the decisions that rows of DECISION_COLUMNS hold; rows of one decision stand together."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield _decision(list(group))


def records_of(rows: Iterable[Row]) -> Iterator[Record]:
    """Yield the decisions that rows of DECISION_COLUMNS hold, with the messages and facts they rest on."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        of_decision = list(group)
        message, facts = of_decision[0][_DECISION_CELLS + 1 :]
        yield Record(message_from(message), facts_from(facts), _decision(of_decision))


def amount(value: Decimal | None) -> str | None:
    """Return a number as the cell of a decimal column; None when the column cannot hold it."""
    return None if value is None or not value.is_finite() or abs(value) >= _TOO_LARGE else str(value)


def whole_number(value: int | None) -> int | None:
    """Return a number as the cell of a bigint column; None when the column cannot hold it."""
    return None if value is None or abs(value) >= _TOO_MANY else value


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
        assumed=texts_from(first[12]),
        embeds=embeds_from(first[13]),
        account=first[14],
        cancels=texts_from(first[15]),
        outcomes=tuple(outcome_from(row[_DECISION_CELLS]) for row in rows),
    )


def _alert_cells(alert: Alert | None) -> Row:
    if alert is None:
        return _NO_ALERT
    leg = alert.legs[0] if len(alert.legs) == 1 else None
    return (
        alert.action,
        alert.symbol,
        alert.asset,
        amount(leg.strike) if leg else None,
        leg.right if leg else None,
        leg.expiry if leg else None,
        amount(alert.price),
        alert.structure,
        alert.pattern,
    )


def _size_cells(size: Size | None) -> Row:
    if size is None:
        return _NO_SIZE
    return whole_number(size.quantity), amount(size.unit_cost), amount(size.cost), amount(size.price), size.bound_by


@lru_cache(maxsize=256)
def _texts(texts: tuple[str, ...]) -> bytes:
    return as_json(texts)


def _place(span: Span | None) -> str:
    return "" if span is None else str(span)
