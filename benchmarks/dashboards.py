"""
The dashboards over a log of ten million rows: one of twenty a decision with its message and facts, the rest chatter.

    python -m benchmarks.dashboards
"""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Figure, table, typical
from engine.journal.dashboards import DASHBOARDS, Dashboard, ask
from engine.journal.database import Connection, open_database
from engine.journal.sql_rows import FileRows

CHATTER, DECISIONS = 9_500_000, 500_000
AT_MOST = 0.3  # seconds
ROUNDS = 5
EVER = datetime(1970, 1, 1, tzinfo=UTC)
RUN = """
    insert into run_starts by name
    select 1 as run_id, now() as started_at, 'benchmark' as engine_version, '[]' as arguments, '[]' as assumptions,
        '[]' as archives, 'feed' as kind, 'feed' as name
"""
TALK = f"""
    insert into chatter
    select 1, 'playbook-' || hash(i) % 12, (1255265167113978000 + hash(i) % 12)::varchar,
        1455000000000000000 + i * 29360128, 1, 301234567890123456 + hash(i * 7) % 400,
        timestamptz '2025-01-01' + to_microseconds(i * 3310000), 'not_an_alert'
    from range({CHATTER}) r(i)
"""
ALERTS = f"""
    insert into decisions by name
    select 1 as run_id, md5(i::varchar) as decision_id, 0 as alert_index, 'playbook-' || h % 12 as playbook,
        md5((h % 12)::varchar || i // 100000) as content_hash,
        (1455000000000000000 + i * 557842432)::varchar as message_id, 1 as event,
        (1255265167113978000 + h % 12)::varchar as channel_id, (301234567890123456 + h % 40)::varchar as author_id,
        'author ' || h % 40 as author_name, timestamptz '2025-01-01' + to_microseconds(i * 62890000) as posted_at,
        posted_at + to_microseconds(200000 + (h % 1800000)::bigint) as judged_at,
        case when h % 100 < 40 then 'approved' when h % 100 < 95 then 'denied' else 'ignored' end as verdict,
        case when verdict = 'approved' then 'approved' else reasons[1 + (h % 8)::integer] end as reason,
        '' as rule, '61 s old, at most 30 s; ' || h % 1000 as detail,
        'playbooks/playbook-' || h % 12 || '.yaml:' || h % 90 || ':5' as place,
        'BTO ' || symbols[1 + (h % 8)::integer] || ' ' || 400 + h % 200 || 'C 11/27 @ ' || h % 9 || '.25' as text,
        false as text_after_edit, 'entry' as nearest, h % 100 < 90 as is_order_shaped, 'main' as account,
        md5('intent' || i) as intent_key, md5('house' || i) as house_key, '[]' as cancels,
        '["now","fills"]' as assumed, '[]' as embeds,
        case when verdict = 'approved' then (1 + h % 10)::bigint end as quantity, 125 as unit_cost,
        quantity * 125 as cost, 1.25 as size_price, 'size.percent' as bound_by, 'buy_to_open' as action,
        symbols[1 + (h % 8)::integer] || case when h % 3 = 0 then '' else (h % 60)::varchar end as symbol,
        'option' as asset, 400 + h % 200 as strike, 'call' as option_right, date '2026-11-27' as expiry,
        1.25 as price, '' as structure, 'entry' as pattern,
        repeat('{{"gate":"freshness","detail":"within its limits ' || h % 50 || '"}},', 20) as outcome,
        '{{"id":"' || i || '","content":"BTO SPY 600C 11/27","channel_id":"1255265167113978000"}}' as message,
        repeat('{{"net_liq":"100000","' || h % 30 || '":1}},', 15) as facts
    from (
        select i, hash(i) as h, ['SPY', 'QQQ', 'AAPL', 'TSLA', 'NVDA', 'AMD', 'META', 'IWM'] as symbols,
            ['too_late', 'no_pattern', 'leftover', 'duplicate', 'symbol_denied', 'too_small', 'market_closed',
             'daily_loss'] as reasons
        from range({DECISIONS}) r(i)
    )
"""


def figures() -> tuple[Figure, ...]:
    """Return how long each dashboard takes, as a part of what it may take."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.duckdb"
        with closing(open_database(path)) as connection:
            _fill(connection)
        with closing(open_database(path, read_only=True)) as connection:
            rows = FileRows(connection, path)
            return tuple(_figure(each, partial(ask, rows, each, 1, EVER)) for each in DASHBOARDS.values())


def _fill(connection: Connection) -> None:
    # Only the filling is hurried: what is measured is read by a connection like any other.
    connection.execute("set threads = 2; set memory_limit = '1GB'; set checkpoint_threshold = '256MB'")
    for statement in (RUN, TALK, ALERTS):
        connection.execute(statement)


def _figure(dashboard: Dashboard, question: Callable[[], object]) -> Figure:
    seconds = typical(question, ROUNDS)
    what = f"dashboard {dashboard.name}, {(CHATTER + DECISIONS) // 1_000_000} million rows, of {AT_MOST * 1e3:.0f} ms"
    return Figure(what, f"{seconds * 1e3:.0f} ms", seconds / AT_MOST, 1.0)


if __name__ == "__main__":
    print(table(figures()))
