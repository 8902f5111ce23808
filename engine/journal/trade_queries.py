"""Questions to the log about trading: orders, and the whole way of one message."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from engine.journal.rows import Row, moment
from engine.journal.sql_rows import SqlRows
from engine.journal.trade_answers import (
    CheckSeen,
    FillSeen,
    FlowSeen,
    IgnoredSeen,
    OrderFilter,
    OrderPlanned,
    OrderRow,
    OrderSeen,
    OutcomeSeen,
    TradeRow,
)
from engine.model.order import OrderLeg

_SHORT_ID: Final = 8  # so many characters of an intent's id stand for it
_PLACES: Final = Decimal("0.000001")

_ORDERS: Final = """
    select
        o.intent_id, coalesce(i.playbook, ''), coalesce(i.stage, ''), coalesce(i.message_id, ''), o.account, o.role,
        o.client_id, o.legs, o.units, o.price::varchar, o.effect, o.state, o.filled, o.could_fill,
        o.average_price::varchar, o.order_id, o.broker_status, o.why, epoch_us(o.planned_at), epoch_us(o.sent_at),
        epoch_us(o.seen_at), epoch_us(o.filled_at), epoch_us(o.ended_at)
    from order_states o
    left join intents i on i.intent_id = o.intent_id
"""
_CONDITIONS: Final = {
    "account": "o.account = $account",
    "playbook": "i.playbook = $playbook",
    "state": "o.state = $state",
}
_OPEN: Final = "o.state not in ('filled', 'cancelled', 'expired', 'rejected', 'unsent', 'absent')"
_TRADES: Final = """
    select
        intent_id, message_id, event, decision_id, alert_index, playbook, content_hash, stage, account, is_opening,
        legs, units, price::varchar, effect, alert_price::varchar, risk::varchar, sandbox, approval, approval_by,
        state, why, filled, average_price::varchar, order_id, seq, epoch_us(decided_at), epoch_us(intended_at),
        epoch_us(ended_at)
    from trades
"""
_OF_MESSAGE: Final = f"""{_TRADES}
    where message_id = $id or (length($id) >= $short and (starts_with(intent_id, $id) or starts_with($id, intent_id)))
    order by seq
"""
# A message that was fed more than once: as the newest run decided it.
_OUTCOMES: Final = """
    select
        d.decision_id, d.alert_index, d.playbook, d.event, d.verdict, if(d.rule = '', d.reason, d.rule), d.detail,
        d.author_name, d.author_id, d.text, epoch_us(d.posted_at), epoch_us(d.judged_at), epoch_us(j.written_at)
    from decisions d
    left join journaled_decisions j on j.run_id = d.run_id and j.decision_id = d.decision_id
    where d.message_id = $id and d.run_id = (select max(run_id) from decisions where message_id = $id)
    order by d.event, d.playbook, d.alert_index
"""
# Of the same run, what said nothing.
_IGNORED: Final = """
    select playbook, event, c.author_id::varchar, coalesce(name, ''), epoch_us(posted_at), reason
    from chatter c
    left join authors a on a.run_id = c.run_id and a.author_id = c.author_id
    where c.message_id = try_cast($id as bigint) and c.run_id = greatest(
        coalesce((select max(run_id) from chatter where message_id = try_cast($id as bigint)), 0),
        coalesce((select max(run_id) from decisions where message_id = $id), 0)
    )
    order by event, playbook
"""
_NEWEST: Final = """
    select message_id from (
        select message_id, posted_at from decisions union all select message_id::varchar, posted_at from chatter
    )
    group by message_id order by max(posted_at) desc, message_id desc limit $limit
"""
_FLOW: Final = """
    select seq, epoch_us(written_at), event, code, by_whom, why from flow_events where intent_id = $id order by seq
"""
_CHECKS: Final = """
    select seq, name, status, blocks, code, detail from checks where intent_id = $id order by seq, check_index
"""
_PLANNED: Final = """
    select seq, epoch_us(written_at), account, role, client_id, legs, price::varchar, effect, refusal
    from orders where intent_id = $id order by seq
"""
_EVENTS: Final = """
    select
        seq, epoch_us(written_at), account, role, client_id, event, order_id, broker_status, price::varchar, state,
        filled, why, anomaly, alarms
    from order_events where intent_id = $id order by seq
"""
_FILLS: Final = """
    select seq, client_id, fill_id, symbol, action, quantity, price::varchar
    from fills where intent_id = $id order by seq, rowid
"""
_legs: Final = msgspec.json.Decoder(tuple[OrderLeg, ...]).decode


class TradeQueries:
    """The orders of a file, and what led to them. Every method raises StoreError when the file cannot be read."""

    def __init__(self, rows: SqlRows) -> None:
        self._rows = rows

    def orders(self, wanted: OrderFilter | None = None) -> tuple[OrderRow, ...]:
        """Return the orders asked for, newest first."""
        wanted = wanted or OrderFilter()
        given = {field: getattr(wanted, field) for field in _CONDITIONS if getattr(wanted, field) is not None}
        conditions = [_CONDITIONS[field] for field in given]
        if wanted.open_only:
            conditions.append(_OPEN)
        if wanted.since is not None:
            conditions.append("epoch_us(o.planned_at) >= $since")
            given["since"] = int(wanted.since.timestamp() * 1_000_000)
        where = f"where {' and '.join(conditions)}" if conditions else ""
        rows = self._ask(f"{_ORDERS} {where} order by o.seq desc limit $limit", **given, limit=wanted.limit)
        return tuple(OrderRow(*_read(row, _ORDER_CELLS)) for row in rows)

    def names(self, column: str) -> tuple[str, ...]:
        """Return the accounts or the playbooks there are orders of. column: "account" or "playbook"."""
        table = {"account": "orders", "playbook": "intents"}[column]
        return tuple(name for (name,) in self._ask(f"select distinct {column} from {table} order by 1"))

    def trades(self, wanted: str) -> tuple[TradeRow, ...]:
        """
        Return the intents of a message, or one by its id, oldest first.

        wanted: the id of a message or of an intent, its first 8 characters or more, or an order's client id.
        """
        return _trades(self._ask(_OF_MESSAGE, id=wanted, short=_SHORT_ID))

    def trades_of(self, decisions: Sequence[str]) -> tuple[TradeRow, ...]:
        """Return the intents made of decisions, by their ids."""
        if not decisions:
            return ()
        return _trades(self._ask(f"{_TRADES} where list_contains($ids, decision_id)", ids=list(decisions)))

    def outcomes(self, message_id: str) -> tuple[OutcomeSeen, ...]:
        """Return what was decided about a message, chatter left out."""
        return tuple(OutcomeSeen(*_read(row, _OUTCOME_CELLS)) for row in self._ask(_OUTCOMES, id=message_id))

    def ignored(self, message_id: str) -> tuple[IgnoredSeen, ...]:
        """Return which playbooks found nothing in a message, by its events."""
        return tuple(IgnoredSeen(*_read(row, _IGNORED_CELLS)) for row in self._ask(_IGNORED, id=message_id))

    def newest_messages(self, limit: int) -> tuple[str, ...]:
        """Return the ids of the messages posted last, those that say nothing too, newest first."""
        return tuple(message_id for (message_id,) in self._ask(_NEWEST, limit=limit))

    def flow(self, intent_id: str) -> tuple[FlowSeen, ...]:
        """Return the steps of an intent's way, in order."""
        return tuple(FlowSeen(*_read(row, _FLOW_CELLS)) for row in self._ask(_FLOW, id=intent_id))

    def checks(self, intent_id: str) -> tuple[CheckSeen, ...]:
        """Return every check of an intent's orders, in order."""
        return tuple(CheckSeen(*row) for row in self._ask(_CHECKS, id=intent_id))

    def planned(self, intent_id: str) -> tuple[OrderPlanned, ...]:
        """Return the orders made for an intent, probes too, in order."""
        return tuple(OrderPlanned(*_read(row, _PLANNED_CELLS)) for row in self._ask(_PLANNED, id=intent_id))

    def events(self, intent_id: str) -> tuple[OrderSeen, ...]:
        """Return every event of an intent's orders, in order."""
        return tuple(OrderSeen(*_read(row, _EVENT_CELLS)) for row in self._ask(_EVENTS, id=intent_id))

    def fills(self, intent_id: str) -> tuple[FillSeen, ...]:
        """Return every fill of an intent's orders, in order."""
        return tuple(FillSeen(*_read(row, _FILL_CELLS)) for row in self._ask(_FILLS, id=intent_id))

    def _ask(self, sql: str, **values: Any) -> list[Row]:  # noqa: ANN401
        return self._rows.query(sql, values)


def _decimal(text: str) -> Decimal:
    return Decimal(text).quantize(_PLACES).normalize()


_Cells = Mapping[int, Callable[[Any], object]]
# How cells come out of what JSON knows, by their place.
_ORDER_CELLS: _Cells = {7: _legs, 9: _decimal, 14: _decimal, **dict.fromkeys(range(18, 23), moment)}
_TRADE_CELLS: _Cells = {
    10: _legs,
    **dict.fromkeys((12, 14, 15, 22), _decimal),
    **dict.fromkeys(range(25, 28), moment),
}
_OUTCOME_CELLS: _Cells = dict.fromkeys(range(10, 13), moment)
_IGNORED_CELLS: _Cells = {4: moment}
_FLOW_CELLS: _Cells = {1: moment}
_PLANNED_CELLS: _Cells = {1: moment, 5: _legs, 6: _decimal}
_EVENT_CELLS: _Cells = {1: moment, 8: _decimal}
_FILL_CELLS: _Cells = {6: _decimal}


def _read(row: Row, cells: _Cells) -> Row:
    return tuple(cells[place](cell) if place in cells and cell is not None else cell for place, cell in enumerate(row))


def _trades(rows: Sequence[Row]) -> tuple[TradeRow, ...]:
    return tuple(TradeRow(*_read(row, _TRADE_CELLS)) for row in rows)
