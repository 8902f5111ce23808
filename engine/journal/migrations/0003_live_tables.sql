-- Tables for live runs as well as replays: decisions with the message and the facts they rest on, chatter as
-- numbers, the rulebook of a run, what it closed, and how far the journal has been taken in.

alter table run_starts add column kind varchar default 'replay';  -- replay, feed, live
alter table run_starts add column name varchar default '';        -- of the run in the journal; '' for a replay

-- The playbooks, libraries and desk of a run, as written; a run that went on from others has several.
create table rulebook_texts (
    run_id integer not null,
    rulebook varchar not null,      -- a hash of all its files
    file varchar not null,
    text varchar not null
);

-- Positions, or parts of one, that came to their end. Money in dollars, null where it is not known.
create table closed_positions (
    run_id integer not null,
    playbook varchar not null,
    author_id varchar not null,
    symbol varchar not null,
    contract varchar not null,
    opened_by varchar not null,     -- ids of messages
    opened_at timestamptz not null,
    closed_by varchar not null,     -- '' when it expired
    closed_at timestamptz not null,
    quantity bigint,
    open_price decimal(18, 6),
    close_price decimal(18, 6),
    profit decimal(18, 6),
    is_expired boolean not null,
    is_assumed boolean not null
);

-- The names of those who chatted; decisions carry the name of their author themselves.
create table authors (
    run_id integer not null,
    author_id bigint not null,
    name varchar not null
);

-- Up to where the journal has been taken in: one row, changed in the transaction that takes entries in.
create table journal_position (
    seq bigint not null,
    hash varchar not null
);

-- Runs whose rows were dropped after they had been exported.
create table dropped_runs (
    run_id integer not null,
    dropped_at timestamptz not null,
    rows bigint not null,
    export varchar not null,        -- the folder it was exported to
    sha256 varchar not null         -- of the list of files there
);

insert into journal_position values (0, '');

drop view all_decisions;
drop view outcomes;
drop view runs;

-- One row per alert of a message, or one for a message without an alert that is not chatter.
create table whole_decisions (
    run_id integer not null,
    decision_id varchar not null,
    alert_index integer not null,
    playbook varchar not null,
    content_hash varchar not null,
    message_id varchar not null,
    event integer not null,
    channel_id varchar not null,
    author_id varchar not null,
    author_name varchar not null,
    posted_at timestamptz not null,
    judged_at timestamptz not null,
    verdict varchar not null,
    reason varchar not null,
    rule varchar not null,          -- the playbook's own code, when one of its rules refused
    detail varchar not null,
    place varchar not null,         -- the line of the playbook that decided: file:line:column; ''
    text varchar not null,
    text_after_edit boolean not null,
    nearest varchar not null,       -- the pattern that came nearest
    is_order_shaped boolean not null,
    account varchar not null,
    intent_key varchar not null,
    house_key varchar not null,
    cancels varchar not null,       -- JSON: intent keys of earlier openings that are taken back
    assumed varchar not null,       -- JSON
    embeds varchar not null,        -- JSON: the cards as posted
    quantity bigint,                -- what may be traded: contracts, shares or units; null where it was not sized
    unit_cost decimal(18, 6),       -- dollars; too large for their column: null here, exact in `outcome`
    cost decimal(18, 6),
    size_price decimal(18, 6),      -- dollars per share it was sized at
    bound_by varchar,               -- the limit that was the smallest
    action varchar,                 -- of the alert, as all that follow
    symbol varchar,
    asset varchar,
    strike decimal(18, 6),          -- strike, right, expiry: of a single leg
    option_right varchar,
    expiry date,
    price decimal(18, 6),
    structure varchar,
    pattern varchar,
    -- JSON, not checked again for every row that is written:
    outcome varchar not null using compression zstd,  -- exactly: the alert, the size, every gate's answer
    message varchar using compression zstd,           -- the message event; null in runs of older versions
    facts varchar using compression zstd              -- what else it rests on; null in runs of older versions
);

insert into whole_decisions
select
    d.run_id, d.decision_id, d.alert_index, d.playbook, d.content_hash, d.message_id, d.event, d.channel_id,
    d.author_id, d.author_name, d.posted_at, d.judged_at, d.verdict, d.reason, d.rule, d.detail,
    coalesce(d.playbook_file || ':' || d.playbook_line || ':' || d.playbook_column, ''), d.text, d.text_after_edit,
    d.nearest, d.is_order_shaped, '', '', '', '[]', d.assumed, d.embeds, null, null, null, null, null,
    a.action, a.symbol, a.asset, a.strike, a.option_right, a.expiry, a.price, a.structure, a.pattern,
    json_object(
        'index', d.alert_index, 'verdict', d.verdict, 'reason', d.reason, 'detail', d.detail, 'alert', a.whole,
        'at', coalesce(concat(
            d.playbook_file || ':', d.playbook_line || ':', d.playbook_column || ':', d.playbook_end_line || ':',
            d.playbook_end_column), ''),
        'place', case when d.text_part is not null
            then json_object('part', d.text_part, 'start', d.text_start, 'end', d.text_end) end,
        'gates', to_json(list_transform(from_json(d.gates, '["json"]'), lambda g: json_object(
            'gate', g ->> '$.gate', 'status', g ->> '$.status', 'code', g ->> '$.code',
            'detail', coalesce(g ->> '$.detail', ''), 'rule', coalesce(g ->> '$.rule', ''), 'place', g -> '$.place',
            'at', coalesce(concat(
                (g ->> '$.span.file') || ':', (g ->> '$.span.line') || ':', (g ->> '$.span.column') || ':',
                (g ->> '$.span.end_line') || ':', g ->> '$.span.end_column'), '')))),
        'nearest', d.nearest, 'is_order_shaped', d.is_order_shaped, 'rule', d.rule
    ),
    null, null
from decisions d
left join alerts a using (run_id, decision_id, alert_index)
order by d.rowid;

-- Messages that say nothing about trading: no alert, not order-shaped, ignored.
create table narrow_chatter (
    run_id integer not null,
    playbook varchar not null,
    channel_id varchar not null,
    message_id bigint not null,
    event integer not null,
    author_id bigint not null,
    posted_at timestamptz not null,
    reason varchar not null
);

insert into narrow_chatter
select run_id, playbook, channel_id, message_id::bigint, event, author_id::bigint, posted_at, reason
from chatter
order by rowid;

insert into authors
select run_id, author_id::bigint, first(author_name order by rowid)
from chatter
group by run_id, author_id
order by run_id, min(rowid);

drop table alerts;
drop table decisions;
drop table chatter;
alter table whole_decisions rename to decisions;
alter table narrow_chatter rename to chatter;

-- A run without an end is still running, or its process was killed.
create view runs as
select
    s.run_id, s.kind, s.name, s.started_at at time zone 'UTC' as started_at,
    e.finished_at at time zone 'UTC' as finished_at,
    coalesce(e.status, 'unfinished') as status, coalesce(e.error, '') as error, s.engine_version, s.arguments,
    s.assumptions, s.archives, e.messages, e.unwatched, e.bad_rows, e.skipped_system,
    d.dropped_at at time zone 'UTC' as dropped_at
from run_starts s
left join run_ends e using (run_id)
left join dropped_runs d using (run_id);

-- One row per alert.
create view alerts as
select
    run_id, decision_id, alert_index, action, symbol, asset, strike, option_right, expiry, price,
    coalesce((outcome ->> '$.alert.is_market')::boolean, false) as is_market,
    (outcome ->> '$.alert.is_credit')::boolean as is_credit,
    try_cast(outcome ->> '$.alert.quantity' as bigint) as quantity,
    try_cast(outcome ->> '$.alert.fraction' as decimal(18, 6)) as fraction,
    coalesce((outcome ->> '$.alert.is_part')::boolean, false) as is_part,
    outcome -> '$.alert.stop' as stop, outcome -> '$.alert.targets' as targets,
    outcome -> '$.alert.size_tags' as size_tags, structure, outcome -> '$.alert.legs' as legs, pattern,
    outcome -> '$.alert' as whole
from decisions
where action is not null;

-- One row per outcome, chatter included, of every run whatever became of it.
create view outcomes as
select
    run_id, decision_id, message_id, event, alert_index, playbook, content_hash, channel_id, author_id, author_name,
    posted_at at time zone 'UTC' as posted_at, epoch_ms(judged_at) - epoch_ms(posted_at) as latency_ms,
    verdict, reason, rule, detail, place, text, nearest, is_order_shaped, account, action, symbol, quantity, cost,
    bound_by
from decisions
union all
select
    c.run_id, null, c.message_id::varchar, c.event, 0, c.playbook, '', c.channel_id, c.author_id::varchar,
    coalesce(a.name, ''), c.posted_at at time zone 'UTC', null, 'ignored', c.reason, '', '', '', null, '', false,
    '', null, null, null, null, null
from chatter c
left join authors a using (run_id, author_id);

-- Finished replays, and what a feed or a live run has decided so far: exactly one record for each message event
-- and playbook (several rows where a message holds several alerts).
create view all_decisions as
select * from outcomes
where run_id in (select run_id from runs where status = 'finished' or kind <> 'replay');

create trigger decisions_kept after update on decisions for each statement insert into refuse values (0);
create trigger decisions_stay after delete on decisions for each statement insert into refuse values (0);
create trigger chatter_kept after update on chatter for each statement insert into refuse values (0);
create trigger chatter_stay after delete on chatter for each statement insert into refuse values (0);
create trigger rulebook_texts_kept after update on rulebook_texts for each statement insert into refuse values (0);
create trigger rulebook_texts_stay after delete on rulebook_texts for each statement insert into refuse values (0);
create trigger closed_positions_kept after update on closed_positions for each statement insert into refuse values (0);
create trigger closed_positions_stay after delete on closed_positions for each statement insert into refuse values (0);
create trigger authors_kept after update on authors for each statement insert into refuse values (0);
create trigger authors_stay after delete on authors for each statement insert into refuse values (0);
create trigger dropped_runs_kept after update on dropped_runs for each statement insert into refuse values (0);
create trigger dropped_runs_stay after delete on dropped_runs for each statement insert into refuse values (0);
