"""Named questions to a run: what a desk asks most, answered from the tables as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.journal.sql_rows import SqlRow, SqlRows

_OF_RUN: Final = "run_id = $run and posted_at >= make_timestamptz($since)"
_LATEST: Final = 50


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A named question. says: what it tells, in one sentence. sql: asks about a $run, from $since on."""

    name: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class DashboardAnswer:
    """The answer to one: cells are numbers, texts or None."""

    columns: tuple[str, ...]
    rows: tuple[SqlRow, ...]


_ALL: Final = (
    Dashboard(
        "reasons",
        "Outcomes by day (UTC), verdict and reason.",
        f"""
        with counted as (
            select epoch_us(posted_at) // 86400000000 as day, verdict, reason, count(*) as outcomes
            from decisions where {_OF_RUN} group by all
            union all
            select epoch_us(posted_at) // 86400000000, 'ignored', reason, count(*)
            from chatter where {_OF_RUN} group by all
        )
        select (date '1970-01-01' + day::integer)::varchar as day, verdict, reason, sum(outcomes)::bigint as outcomes
        from counted group by all order by day desc, outcomes desc, verdict, reason
        """,
    ),
    Dashboard(
        "authors",
        "What became of each author's alerts, and of what looked like one.",
        f"""
        select author_id, last(author_name order by posted_at) as author, count(*) as outcomes,
            count(*) filter (verdict = 'approved') as approved, count(*) filter (verdict = 'denied') as denied,
            count(*) filter (is_order_shaped and verdict <> 'approved') as missed,
            round(100.0 * approved / outcomes, 1)::double as percent_approved
        from decisions where {_OF_RUN} group by author_id order by outcomes desc, author_id
        """,
    ),
    Dashboard(
        "missed",
        f"The latest {_LATEST} messages that look like orders and were not approved.",
        f"""
        select (posted_at at time zone 'UTC')::varchar as posted, message_id, playbook, author_name as author, reason,
            detail, place, nearest, text
        from decisions where {_OF_RUN} and is_order_shaped and verdict <> 'approved'
        order by posted_at desc, message_id desc, playbook, alert_index limit {_LATEST}
        """,
    ),
    Dashboard(
        "symbols",
        "Alerts by symbol, and what the approved ones would cost.",
        f"""
        select symbol, count(*) as alerts, count(*) filter (verdict = 'approved') as approved,
            count(*) filter (verdict = 'denied') as denied, sum(quantity)::bigint as quantity, sum(cost)::double as cost
        from decisions where {_OF_RUN} and symbol is not null group by symbol order by alerts desc, symbol
        """,
    ),
    Dashboard(
        "latency",
        "Seconds from posting to judging, by hour of the day (UTC).",
        f"""
        with judged as (
            select hour(posted_at at time zone 'UTC') as hour,
                (epoch_us(judged_at) - epoch_us(posted_at)) / 1e6 as seconds
            from decisions where {_OF_RUN}
        )
        select hour, count(*) as outcomes, quantile_disc(seconds, 0.5) as p50, quantile_disc(seconds, 0.9) as p90,
            quantile_disc(seconds, 0.99) as p99, max(seconds) as most
        from judged group by hour order by hour
        """,
    ),
    Dashboard(
        "playbooks",
        "Each playbook and version: how much it approves, of what size and cost.",
        f"""
        select playbook, content_hash as version, count(*) as outcomes,
            count(*) filter (verdict = 'approved') as approved,
            round(100.0 * approved / outcomes, 1)::double as percent_approved, avg(quantity) as average_quantity,
            sum(cost)::double as cost
        from decisions where {_OF_RUN} group by all order by outcomes desc, playbook, version
        """,
    ),
)
DASHBOARDS: Final[Mapping[str, Dashboard]] = {dashboard.name: dashboard for dashboard in _ALL}


def ask(rows: SqlRows, dashboard: Dashboard, run_id: int, since: datetime) -> DashboardAnswer:
    """Return the answer about one run, from a time on. Raises: StoreError."""
    values = {"run": run_id, "since": int(since.timestamp() * 1_000_000)}
    columns = rows.query(f"select column_name from (describe {dashboard.sql})", values)
    return DashboardAnswer(tuple(name for (name,) in columns), tuple(rows.query(dashboard.sql, values)))
