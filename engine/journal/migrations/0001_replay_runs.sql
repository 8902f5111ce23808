-- Replay runs: what they started from, what they decided, how they ended.
-- Every table only grows: a run that failed is told apart by its end, not by deleting its rows.

create table schema_version (
    version integer not null
);

create table run_starts (
    run_id integer not null,
    started_at timestamptz not null,
    engine_version varchar not null,
    arguments json not null,        -- the command line, word by word
    assumptions json not null,      -- facts the replay assumed, by name
    archives json not null          -- [{name, size, sha256}]
);

create table run_ends (
    run_id integer not null,
    finished_at timestamptz not null,
    status varchar not null,        -- finished, failed, interrupted
    error varchar not null,         -- why it failed; '' otherwise
    messages bigint not null,
    unwatched bigint not null,      -- of these, in channels no playbook listens to
    bad_rows bigint not null,
    skipped_system bigint not null  -- joins, pins and the like
);

create table playbook_versions (
    run_id integer not null,
    name varchar not null,
    content_hash varchar not null,
    file varchar not null,
    text varchar not null           -- the YAML, as written
);

-- One row per alert of a message, or one for a message without an alert that is not chatter.
create table decisions (
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
    playbook_file varchar,          -- the line of the playbook that decided
    playbook_line integer,
    playbook_column integer,
    playbook_end_line integer,
    playbook_end_column integer,
    text_part varchar,              -- the stretch of the message that decided
    text_start integer,
    text_end integer,
    text varchar not null,
    text_after_edit boolean not null,
    embeds json not null,           -- the cards as posted; fields at their default left out
    nearest varchar not null,       -- the pattern that came nearest
    is_order_shaped boolean not null,
    assumed json not null,
    gates json not null             -- every gate's answer, in order
);

create table alerts (
    run_id integer not null,
    decision_id varchar not null,
    alert_index integer not null,
    action varchar not null,
    symbol varchar,
    asset varchar,
    strike decimal(18, 6),          -- strike, right, expiry: of a single leg
    option_right varchar,
    expiry date,
    price decimal(18, 6),           -- numbers too large for their column are null here, exact in `whole`
    is_market boolean not null,
    is_credit boolean,
    quantity bigint,
    fraction decimal(18, 6),
    is_part boolean not null,
    stop json,
    targets json not null,
    size_tags json not null,
    structure varchar not null,
    legs json not null,
    pattern varchar not null,
    whole json not null             -- the alert, exactly; fields at their default left out
);

-- Messages that say nothing about trading: no alert, not order-shaped, ignored.
create table chatter (
    run_id integer not null,
    message_id varchar not null,
    event integer not null,
    playbook varchar not null,
    channel_id varchar not null,
    author_id varchar not null,
    author_name varchar not null,
    posted_at timestamptz not null,
    reason varchar not null
);

create table bad_rows (
    run_id integer not null,
    file varchar not null,
    row_index bigint not null,
    code varchar not null,
    reason varchar not null
);

create table pattern_hits (
    run_id integer not null,
    playbook varchar not null,
    pattern varchar not null,
    hits bigint not null
);

-- A run without an end is still running, or its process was killed.
create view runs as
select
    s.run_id, s.started_at, e.finished_at, coalesce(e.status, 'unfinished') as status,
    coalesce(e.error, '') as error, s.engine_version, s.arguments, s.assumptions, s.archives,
    e.messages, e.unwatched, e.bad_rows, e.skipped_system
from run_starts s
left join run_ends e using (run_id);

-- One row per outcome, chatter included, of every run whatever became of it.
create view outcomes as
select
    d.run_id, d.decision_id, d.message_id, d.event, d.alert_index, d.playbook, d.channel_id, d.author_id,
    d.author_name, d.posted_at, d.verdict, d.reason, d.rule, d.detail, d.playbook_file, d.playbook_line,
    d.playbook_column, d.text, d.nearest, d.is_order_shaped, a.action, a.symbol
from decisions d
left join alerts a using (run_id, decision_id, alert_index)
union all
select
    run_id, null, message_id, event, 0, playbook, channel_id, author_id,
    author_name, posted_at, 'ignored', reason, '', '', null, null,
    null, null, '', false, null, null
from chatter;

-- The finished runs: exactly one record for each message event and playbook (several rows where a
-- message holds several alerts).
create view all_decisions as
select * from outcomes
where run_id in (select run_id from run_ends where status = 'finished');

-- The guard of "only grows": a trigger cannot raise, but it can try to insert what a check refuses.
create table refuse (
    rows_are_never_changed integer check (rows_are_never_changed = 1)
);
create trigger run_starts_kept after update on run_starts for each statement insert into refuse values (0);
create trigger run_starts_stay after delete on run_starts for each statement insert into refuse values (0);
create trigger run_ends_kept after update on run_ends for each statement insert into refuse values (0);
create trigger run_ends_stay after delete on run_ends for each statement insert into refuse values (0);
create trigger playbook_versions_kept after update on playbook_versions for each statement insert into refuse values (0);
create trigger playbook_versions_stay after delete on playbook_versions for each statement insert into refuse values (0);
create trigger decisions_kept after update on decisions for each statement insert into refuse values (0);
create trigger decisions_stay after delete on decisions for each statement insert into refuse values (0);
create trigger alerts_kept after update on alerts for each statement insert into refuse values (0);
create trigger alerts_stay after delete on alerts for each statement insert into refuse values (0);
create trigger chatter_kept after update on chatter for each statement insert into refuse values (0);
create trigger chatter_stay after delete on chatter for each statement insert into refuse values (0);
create trigger bad_rows_kept after update on bad_rows for each statement insert into refuse values (0);
create trigger bad_rows_stay after delete on bad_rows for each statement insert into refuse values (0);
create trigger pattern_hits_kept after update on pattern_hits for each statement insert into refuse values (0);
create trigger pattern_hits_stay after delete on pattern_hits for each statement insert into refuse values (0);
