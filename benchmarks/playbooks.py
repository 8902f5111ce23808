"""A folder of as many playbooks as one likes, each as long as a real one."""

from pathlib import Path

DESK = """\
signalbook: 1
desk: generated
time_zone: America/New_York
accounts:
  cert: {kind: sandbox, number: CERT_ACCOUNT, secrets: {client_secret: CERT_SECRET, refresh_token: CERT_REFRESH}}
  main: {kind: production, number: MAIN_ACCOUNT, secrets: {client_secret: MAIN_SECRET, refresh_token: MAIN_REFRESH}}
people:
  operator: {discord: "100000000000000001", permissions: [approve, control, promote]}
"""
PLAYBOOK = """\
# yaml-language-server: $schema=../schemas/playbook.schema.json
signalbook: 1
playbook: channel-INDEX
about: Option alerts of the analysts in channel INDEX
owner: ops

listen:
  channels:
    "NUMBER01": {name: alerts, threads: yes}
    "NUMBER02": {name: swings}
  authors:                                   # nobody else, whatever they call themselves
    "NUMBER11": {name: first, may: [open, close], allocation: 3%}
    "NUMBER12": {name: second, may: [close]}
    "NUMBER13": {name: flow-bot, kind: webhook, may: [open, close]}
  read_from: [content, embeds]
  quotes: ignore
  forwards: refuse
  images: refuse
  max_age: {open: 30s, close: 10m}
  good_for: 3m
  on_edit: replace
  on_delete: cancel

read:
  use: [us-options]
  words:
    action: {BTO: [snagged], STC: [dumped]}
    size: {lotto: [lottery]}
  patterns:
    - {name: desk, match: "desk-INDEX {action} {contract} {price}", anchored: segment}
    - {name: call, match: "call INDEX: {contract} {price}", anchored: message, set: {action: BTO}}
    - name: card
      card:
        title: "{action} INDEX"
        fields: {Ticker: "{symbol}", Expiry: "{expiry}", Contract: "{strike}{right}", Entry: "{price}"}
    - name: bot-signal
      regex: '(?P<right>CALL|PUT): signal INDEX confirmed on (?P<symbol>[A-Z]+)'
      set: {action: BTO}
    - {name: closed, match: "INDEX closed {contract}", anchored: segment, set: {action: STC}}
  defaults:
    expiry: {symbols: [SPY, QQQ], is: 0dte, else: this week}
  refuse_when:
    - {if: "price > 50", code: too_dear}
    - {if: "symbol in ['GME', 'AMC'] and price < 1", code: too_cheap}

allow: {kinds: [long_option, debit_vertical], undefined_risk: never}

size:
  percent: 2%
  of: net_liq
  basis: max_loss
  tags: {lotto: 25%}
  by_symbol: {SPX: 1%}
  alert_quantity: at_most
  at_most: {contracts: 10, cost: "$2,500"}

ladder: {open: normal, close: fast}
ladders:
  normal:
    path: {from: mid, to: natural}
    rungs:
      - {at: 0%, hold: 10s}
      - {at: 50%, hold: 10s}
      - {ticks: +1, hold: 5s, repeat: 3}
    requote: every rung
    never_beyond: [{from_mid: "$0.10"}, {from_alert: 10%}]
    too_good: 30%
    budget: {time: 120s, replaces: 8, slippage_per_day: "$400"}
    partial: keep
    finally: cancel
  fast:
    path: {from: mid, to: natural}
    rungs: [{at: 50%, hold: 5s}, {at: 100%, hold: 5s}]
    finally: marketable_limit
    allow_market: yes

exits:
  stop: {from: [alert, {loss: 40%}], required: yes, trigger: bid held 3s}
  targets: [{gain: 50%, close: 50%}, {gain: 100%, close: rest, trail: 20%}]
  after_first_target: {stop: breakeven}
  one_contract: last_target
  flatten: {before_close: 10m, ladder: fast, deadline: 2m}

risk:
  symbols: {deny: [GME, AMC]}
  session: {hours: regular, not_before_open: 2m, stop_before_close: 1m}
  expiry: {min_days: 0, max_days: 60}
  max_open_positions: 5
  max_orders_per_day: 20
  max_daily_loss: "$1,000"
  price_collar: {from_alert: 10%, from_mid: 15%}
  max_spread: 20%
  duplicate_window: 10m
  cooldown: {after_losses: 3, for: 1h}

stages:
  sandbox: {account: cert, each: opens, pass: live, within: 20s, on_unavailable: ask}
  production: {account: main, approval: {above: "$5,000", by: approvers, within: 2m, on_timeout: refuse}}
  promote: {canary: {openings: 5}, auto: canary}

notify:
  accepted: "✅ {{ author.name }}: {{ order }} · {{ stage }}"
  refused: "⛔ {{ reason }}"
  to: [reply, control]
"""
EXAMPLES = """
examples:
  - at: 2026-11-24 10:05 America/New_York
    by: first
    says: "desk-INDEX BTO SPY 602C 11/27 @ 1.25"
    gives: {action: buy_to_open, symbol: SPY, strike: 602, right: call, expiry: 2026-11-27, price: 1.25}
  - at: 2026-11-24 10:05 America/New_York
    by: first
    says: should I BTO SPY 602C?
    gives: no alert
"""


def write_playbooks(folder: Path, count: int, *, with_examples: bool = True) -> tuple[Path, ...]:
    """Write a desk and that many playbooks; return every file."""
    files = [folder / "desk.yaml"]
    files[0].write_text(DESK, encoding="utf-8")
    for index in range(count):
        files.append(folder / f"channel-{index}.yaml")
        files[-1].write_text(playbook_text(index, with_examples=with_examples), encoding="utf-8")
    return tuple(files)


def playbook_text(index: int, *, with_examples: bool = True) -> str:
    """Return one playbook; every index has its own name, channels, authors and patterns."""
    text = PLAYBOOK + EXAMPLES if with_examples else PLAYBOOK
    return text.replace("INDEX", str(index)).replace("NUMBER", f"{10**15 + index}")
