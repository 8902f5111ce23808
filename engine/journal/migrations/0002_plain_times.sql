-- The views to query give times as plain timestamps in UTC: with a zone, Python cannot fetch them
-- without a library that DuckDB does not bring along.

-- A run without an end is still running, or its process was killed.
create or replace view runs as
select
    s.run_id, s.started_at at time zone 'UTC' as started_at, e.finished_at at time zone 'UTC' as finished_at,
    coalesce(e.status, 'unfinished') as status, coalesce(e.error, '') as error, s.engine_version, s.arguments, s.assumptions, s.archives,
    e.messages, e.unwatched, e.bad_rows, e.skipped_system
from run_starts s
left join run_ends e using (run_id);

-- One row per outcome, chatter included, of every run whatever became of it.
create or replace view outcomes as
select
    d.run_id, d.decision_id, d.message_id, d.event, d.alert_index, d.playbook, d.channel_id, d.author_id,
    d.author_name, d.posted_at at time zone 'UTC' as posted_at, d.verdict, d.reason, d.rule, d.detail,
    d.playbook_file, d.playbook_line, d.playbook_column, d.text, d.nearest, d.is_order_shaped, a.action, a.symbol
from decisions d
left join alerts a using (run_id, decision_id, alert_index)
union all
select
    run_id, null, message_id, event, 0, playbook, channel_id, author_id,
    author_name, posted_at at time zone 'UTC', 'ignored', reason, '', '', null, null,
    null, null, '', false, null, null
from chatter;

-- The finished runs: exactly one record for each message event and playbook (several rows where a
-- message holds several alerts).
create or replace view all_decisions as
select * from outcomes
where run_id in (select run_id from run_ends where status = 'finished');
