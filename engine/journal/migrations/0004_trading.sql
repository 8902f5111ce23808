-- What the journal holds of trading. `seq` is the entry a row comes of, `written_at` when it was written; `run_id` is 0
-- for an entry of no run. Rows of trading stay when their run is dropped.
-- Money in dollars, prices in dollars per share; null where not known or too large for the column.

-- When the journal had the decisions orders came of: with `seq` the way from the decision to the order can be timed.
create table journaled_decisions (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    decision_id varchar not null,
    message_id varchar not null,
    event integer not null
);

-- What approved outcomes ask of an account.
create table intents (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    intent_id varchar not null,
    intent_key varchar not null,
    decision_id varchar not null,
    alert_index integer not null,
    playbook varchar not null,
    content_hash varchar not null,
    stage varchar not null,
    message_id varchar not null,
    event integer not null,
    channel_id varchar not null,
    author_id varchar not null,
    account varchar not null,
    is_opening boolean not null,
    contract varchar not null,      -- symbols of its legs, in order
    legs varchar not null,          -- JSON
    units bigint,
    price decimal(18, 6),           -- net of one unit
    effect varchar,                 -- debit, credit
    alert_price decimal(18, 6),
    risk decimal(18, 6),
    decided_at timestamptz not null,
    good_until timestamptz not null
);

-- Steps of an intent's way: probed, approval_asked, approved, declined, checked, dropped, ended.
create table flow_events (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    intent_id varchar not null,
    event varchar not null,
    code varchar not null,          -- of probed: the verdict; dropped: why; ended: the order's state; checked: sound or not
    by_whom varchar not null,       -- names of people
    why varchar not null,
    body varchar not null           -- JSON: all of it
);

-- One row for each check an order was put to, in their order.
create table checks (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    intent_id varchar not null,
    check_index integer not null,
    name varchar not null,
    status varchar not null,        -- passed, failed, not_run, not_applicable
    blocks boolean not null,
    code varchar not null,
    detail varchar not null
);

-- Orders as they were planned, before anything was sent.
create table orders (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    account varchar not null,
    slot_id varchar not null,
    client_id varchar not null,
    intent_id varchar not null,
    role varchar not null,          -- trade, probe, unwind, mirror
    purpose varchar not null,       -- entry, exit
    units bigint,                   -- of the order
    slot_units bigint,              -- what its slot may fill in all
    contract varchar not null,
    legs varchar not null,          -- JSON
    order_type varchar not null,
    time_in_force varchar not null,
    price decimal(18, 6),
    effect varchar,
    stop_trigger decimal(18, 6),
    refusal varchar not null,       -- why its slot took no such order; ''
    body varchar not null           -- JSON: all of it
);

-- One row for each event of an order, with what was known of the order from then on.
create table order_events (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    account varchar not null,
    slot_id varchar not null,
    client_id varchar not null,
    intent_id varchar not null,
    role varchar not null,
    event varchar not null,
    order_id varchar not null,      -- the broker's, where the event names it
    broker_status varchar not null,
    price decimal(18, 6),           -- where the event tells one
    state varchar not null,         -- docs/lifecycle.md; '' for an order that was never planned
    filled bigint,                  -- units of which every leg filled
    could_fill bigint,              -- units that could still fill
    is_whole boolean,               -- every leg filled as far as every other, and no fill is known to be missing
    why varchar not null,
    anomaly varchar not null,       -- why the event was not expected
    alarms varchar not null,        -- what a person was called for
    body varchar not null           -- JSON: all of it
);

-- Each fill once, however often it was told.
create table fills (
    run_id integer not null,
    seq bigint not null,            -- the entry that told it first
    written_at timestamptz not null,
    account varchar not null,
    slot_id varchar not null,
    client_id varchar not null,
    intent_id varchar not null,
    role varchar not null,
    order_id varchar not null,      -- the broker's, as the next
    fill_id varchar not null,
    symbol varchar not null,
    action varchar not null,
    quantity bigint,
    price decimal(18, 6),
    filled_at timestamptz not null
);

-- Each run of an opening in the sandbox: a probe before production, or the trade of a version that is in the sandbox.
create table test_results (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    intent_id varchar not null,
    role varchar not null,          -- probe, trade
    slot_id varchar not null,       -- '' when no order was made
    playbook varchar not null,
    content_hash varchar not null,
    stage varchar not null,
    contract varchar not null,
    verdict varchar not null,       -- pass, refused, cannot_represent, outage
    codes varchar not null,         -- JSON: in the broker's words
    why varchar not null,
    took_ms bigint not null,        -- since the order was planned
    day date not null               -- New York's
);

create table stage_changes (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    playbook varchar not null,
    content_hash varchar not null,
    stage varchar not null,
    by_whom varchar not null,
    why varchar not null,
    engine varchar not null,
    openings bigint,
    evidence varchar not null       -- JSON
);

-- What people, or the engine, changed about what may be sent.
create table control_actions (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    kind varchar not null,          -- control, desk, loosening
    what varchar not null,
    by_whom varchar not null,
    why varchar not null,
    body varchar not null           -- JSON: all of it, the restrictions in force from then on too
);

create table account_events (
    run_id integer not null,
    seq bigint not null,
    written_at timestamptz not null,
    account varchar not null,
    fact varchar not null,
    symbol varchar not null,        -- '' for the whole account
    detail varchar not null,
    holding varchar,                -- JSON
    booking varchar                 -- JSON
);

-- Each order with the latest that is known of it. Prices of more than one leg are net of one unit, never negative.
create view order_states as
with latest as (
    select
        account, slot_id, client_id,
        max_by(state, seq) as state, max_by(filled, seq) as filled, max_by(could_fill, seq) as could_fill,
        max_by(is_whole, seq) as is_whole, max_by(order_id, seq) filter (order_id <> '') as order_id,
        max_by(broker_status, seq) filter (broker_status <> '') as broker_status,
        max_by(price, seq) as price,
        max_by(why, seq) filter (why <> '' and event not in ('not_found', 'probe_unanswered')) as why,
        min(written_at) filter (event = 'send_started') as sent_at,
        min(written_at) filter (event in ('acknowledged', 'found', 'reported')) as seen_at,
        min(written_at) filter (filled > 0) as filled_at,
        min(written_at) filter (
            state in ('filled', 'cancelled', 'expired', 'rejected', 'unsent', 'absent')
        ) as ended_at,
        max(written_at) as changed_at
    from order_events
    group by account, slot_id, client_id
),
paid as (
    select account, slot_id, client_id, sum(if(starts_with(action, 'buy'), quantity, -quantity) * price) as paid
    from fills
    group by account, slot_id, client_id
)
select
    o.account, o.slot_id, o.client_id, o.intent_id, o.role, o.purpose, o.contract, o.legs, o.units, o.order_type,
    o.time_in_force, coalesce(l.price, o.price) as price, o.effect, coalesce(l.state, 'draft') as state,
    coalesce(l.filled, 0) as filled, coalesce(l.could_fill, 0) as could_fill,
    if(l.is_whole and l.filled > 0, abs(p.paid)::double / l.filled, null) as average_price,
    coalesce(l.order_id, '') as order_id, coalesce(l.broker_status, '') as broker_status,
    case
        when o.refusal <> '' then o.refusal
        when l.state in ('intended', 'sent', 'working', 'partly_filled', 'filled') then ''
        else coalesce(l.why, '')
    end as why, o.seq, o.written_at at time zone 'UTC' as planned_at,
    l.sent_at at time zone 'UTC' as sent_at, l.seen_at at time zone 'UTC' as seen_at,
    l.filled_at at time zone 'UTC' as filled_at, l.ended_at at time zone 'UTC' as ended_at,
    coalesce(l.changed_at, o.written_at) at time zone 'UTC' as changed_at
from orders o
left join latest l using (account, slot_id, client_id)
left join paid p using (account, slot_id, client_id);

-- Each intent with what came of it. state: of its newest order; without one dropped, awaiting_approval or intended.
create view trades as
with told as (
    select
        intent_id, max_by(code, seq) filter (event = 'probed') as sandbox,
        max_by(event, seq) filter (event in ('approval_asked', 'approved', 'declined')) as approval,
        max_by(by_whom, seq) filter (event in ('approved', 'declined')) as approval_by,
        max_by(code, seq) filter (event = 'checked') as checked,
        max_by(code, seq) filter (event = 'dropped') as dropped,
        max_by(why, seq) filter (event in ('dropped', 'declined')) as why,
        min(written_at) filter (event in ('dropped', 'ended')) as ended_at
    from flow_events
    group by intent_id
),
done as (
    select
        intent_id, count(*) as orders, max_by(state, seq) as state, sum(filled)::bigint as filled,
        sum(average_price * filled) / nullif(sum(filled) filter (average_price is not null), 0) as average_price,
        max_by(order_id, seq) as order_id, max_by(why, seq) as why, min(sent_at) as sent_at
    from order_states
    where role = 'trade'
    group by intent_id
)
select
    i.intent_id, i.message_id, i.event, i.decision_id, i.alert_index, i.playbook, i.content_hash, i.stage,
    i.channel_id, i.author_id, i.account, i.is_opening, i.contract, i.legs, i.units, i.price, i.effect, i.alert_price,
    i.risk, coalesce(t.sandbox, '') as sandbox, coalesce(t.approval, '') as approval,
    coalesce(t.approval_by, '') as approval_by, coalesce(t.checked, '') as checked,
    coalesce(t.dropped, '') as dropped,
    case
        when d.orders > 0 then d.state
        when t.dropped is not null then 'dropped'
        when t.approval = 'approval_asked' then 'awaiting_approval'
        else 'intended'
    end as state,
    coalesce(nullif(t.why, ''), d.why, '') as why, coalesce(d.filled, 0) as filled, d.average_price,
    coalesce(d.orders, 0) as orders, coalesce(d.order_id, '') as order_id, i.seq,
    i.decided_at at time zone 'UTC' as decided_at, i.written_at at time zone 'UTC' as intended_at,
    d.sent_at, t.ended_at at time zone 'UTC' as ended_at
from intents i
left join told t using (intent_id)
left join done d using (intent_id);

create trigger journaled_decisions_kept after update on journaled_decisions for each statement insert into refuse values (0);
create trigger journaled_decisions_stay after delete on journaled_decisions for each statement insert into refuse values (0);
create trigger intents_kept after update on intents for each statement insert into refuse values (0);
create trigger intents_stay after delete on intents for each statement insert into refuse values (0);
create trigger flow_events_kept after update on flow_events for each statement insert into refuse values (0);
create trigger flow_events_stay after delete on flow_events for each statement insert into refuse values (0);
create trigger checks_kept after update on checks for each statement insert into refuse values (0);
create trigger checks_stay after delete on checks for each statement insert into refuse values (0);
create trigger orders_kept after update on orders for each statement insert into refuse values (0);
create trigger orders_stay after delete on orders for each statement insert into refuse values (0);
create trigger order_events_kept after update on order_events for each statement insert into refuse values (0);
create trigger order_events_stay after delete on order_events for each statement insert into refuse values (0);
create trigger fills_kept after update on fills for each statement insert into refuse values (0);
create trigger fills_stay after delete on fills for each statement insert into refuse values (0);
create trigger test_results_kept after update on test_results for each statement insert into refuse values (0);
create trigger test_results_stay after delete on test_results for each statement insert into refuse values (0);
create trigger stage_changes_kept after update on stage_changes for each statement insert into refuse values (0);
create trigger stage_changes_stay after delete on stage_changes for each statement insert into refuse values (0);
create trigger control_actions_kept after update on control_actions for each statement insert into refuse values (0);
create trigger control_actions_stay after delete on control_actions for each statement insert into refuse values (0);
create trigger account_events_kept after update on account_events for each statement insert into refuse values (0);
create trigger account_events_stay after delete on account_events for each statement insert into refuse values (0);
