from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.model.alert import Level
from engine.model.ladder import (
    Adverse,
    AlertStop,
    LadderEnd,
    LossStop,
    OneContract,
    Partial,
    PercentRung,
    PricePoint,
    Requote,
    TickRung,
    Trigger,
)
from engine.model.limits import AlertQuantity, SizeBase, SizeBasis, Strategy, UndefinedRisk
from engine.model.listen import AuthorKind, Forwards, Images, OnDelete, OnEdit, Quotes, ReadFrom
from engine.model.message import Author, EventKind
from engine.model.playbook import Playbook, StrikeChoice
from engine.model.reading import Anchor, Words
from engine.model.stages import (
    AutoPromote,
    GivesAlerts,
    GivesRefusal,
    NoAlert,
    NotifyTo,
    OnTimeout,
    OnUnavailable,
    SandboxEach,
    SandboxPass,
)
from engine.playbook.compile_playbook import compile_playbook
from engine.playbook.libraries import Libraries
from engine.playbook.rulebook import load_rulebook
from engine.playbook.schema import bind, load_schema
from engine.playbook.yaml_tree import read_yaml
from tests.unit.playbook.texts import BASE, LIBRARIES, Load, reading

SKETCH = Path(__file__).parents[2] / "playbooks"


@pytest.fixture(scope="module")
def sketch() -> Playbook:
    """Return a playbook that says everything the language can say."""
    return load_rulebook([SKETCH], shipped=LIBRARIES, runs_examples=False).playbooks[0].playbook


def compiled(text: str) -> Playbook:
    node, _ = read_yaml(text, "book.yaml")
    assert node is not None
    bound, issues = bind(node, load_schema("playbook"))
    assert bound is not None
    assert issues == ()
    return compile_playbook(bound, Libraries(()))[0]


def test_listen_says_who_is_heard(sketch: Playbook):
    listen = sketch.listen

    assert [(channel.id, channel.name, channel.hears_threads) for channel in listen.channels] == [
        ("1255265167113978008", "momentum", True)
    ]
    assert [(rule.id, rule.name, rule.kind, rule.allocation) for rule in listen.authors] == [
        ("301234567890123456", "alice", AuthorKind.PERSON, Decimal("0.03")),
        ("301234567890123457", "bob", AuthorKind.PERSON, Decimal("0.02")),
        ("401234567890123456", "flow-bot", AuthorKind.WEBHOOK, Decimal("0.02")),
    ]
    assert [(rule.may_open, rule.may_close) for rule in listen.authors] == [(True, True), (False, True), (True, True)]
    assert (listen.max_age.open, listen.max_age.close) == (timedelta(seconds=30), timedelta(minutes=10))
    assert (listen.on_edit, listen.on_delete) == (OnEdit.REPLACE, OnDelete.CANCEL)


def test_spans_point_at_what_a_refusal_names(sketch: Playbook):
    text = (SKETCH / "momentum-options.yaml").read_text("utf-8").splitlines()

    def at(line: int, column: int, end: int) -> str:
        return text[line - 1][column - 1 : end - 1]

    age, bob = sketch.listen.max_age, sketch.listen.authors[1]
    spans = [age.open_span, bob.may_span, bob.span, sketch.refuse_when[0].span, sketch.risk.max_spread.span]  # type: ignore[union-attr]
    assert [at(span.line, span.column, span.end_column) for span in spans] == [
        "30s",
        "[close]",
        '"301234567890123457"',
        '"price > 50"',
        "20%",
    ]


def test_own_patterns_come_first_and_words_extend_the_libraries(sketch: Playbook):
    read = sketch.read

    assert [pattern.name for pattern in read.patterns[:3]] == ["own-entry", "card", "bot-signal"]
    assert len(read.patterns) > 3
    words = {(words.field, words.value): words for words in read.words}
    assert {"BOIGHT", "BTO"} <= set(words["action", "buy_to_open"].spellings)
    assert {"lottery", "lotto"} <= set(words["size", "lotto"].spellings)


def test_a_card_keeps_labels_templates_and_what_may_be_missing():
    fields = '{Ticker: "{symbol}", "Note?": "{text}"}'
    playbook = compiled(reading(f'{{patterns: [{{name: card, card: {{title: "{{action}}", fields: {fields}}}}}]}}'))
    card = playbook.read.patterns[0].card

    assert card is not None
    assert card.title is not None
    assert card.title.text == "{action}"
    assert [(field.label.text, field.template.text, field.is_required) for field in card.fields] == [
        ("Note", "{text}", False),
        ("Ticker", "{symbol}", True),
    ]


def test_a_flat_list_of_words_means_its_field():
    playbook = compiled(reading("{use: [], patterns: [], words: {part: [trim, trimming]}}"))

    assert playbook.read.words == (Words("part", "part", ("trim", "trimming")),)


def test_pattern_settings():
    settings = "anchored: anywhere, contract_order: as_written, unless: [watch], ignore_guards: [condition]"
    pattern = f"{{name: one, match: '{{contract}}', set: {{action: BTO}}, {settings}}}"
    rule = compiled(reading(f"{{patterns: [{pattern}]}}")).read.patterns[0]

    assert (rule.anchored, rule.any_contract_order) == (Anchor.ANYWHERE, False)
    assert rule.constants == (("action", "buy_to_open"),)
    assert (rule.unless, rule.ignore_guards) == (("watch",), ("condition",))


def test_defaults_of_reading(sketch: Playbook):
    expiry, contract, part = sketch.defaults.expiry, sketch.defaults.contract, sketch.defaults.part

    assert expiry is not None
    assert (expiry.symbols, expiry.listed, expiry.other) == (frozenset({"SPY", "QQQ"}), "0dte", "this_week")
    assert contract is not None
    assert (contract.min_days, contract.max_days, contract.strike) == (0, 7, StrikeChoice.ATM)
    assert part is not None
    assert part.fraction == Decimal("0.5")


@pytest.mark.parametrize(
    ("written", "listed", "other"),
    [
        pytest.param("next week", None, "next_week", id="one for all"),
        pytest.param("{symbols: [SPY], is: 0dte}", "0dte", None, id="the rest is refused"),
    ],
)
def test_default_expiry(written: str, listed: str | None, other: str | None):
    expiry = compiled(reading(f"{{use: [], defaults: {{expiry: {written}}}}}")).defaults.expiry

    assert expiry is not None
    assert (expiry.listed, expiry.other) == (listed, other)


def test_a_strike_by_delta():
    contract = compiled(reading("{use: [], defaults: {contract: {dte: 7, strike: delta 0.40}}}")).defaults.contract

    assert contract is not None
    assert (contract.min_days, contract.max_days) == (7, 7)
    assert (contract.strike, contract.delta) == (StrikeChoice.DELTA, Decimal("0.40"))


def test_sizes(sketch: Playbook):
    size = sketch.size

    assert (size.percent, size.of, size.basis) == (Decimal("0.02"), SizeBase.NET_LIQ, SizeBasis.MAX_LOSS)
    assert (size.tags, size.by_symbol) == ((("lotto", Decimal("0.25")),), (("SPY", Decimal("0.01")),))
    assert (size.most_contracts, size.most_cost) == (10, Decimal(2500))


def test_a_share_of_a_fixed_amount():
    assert compiled(BASE + 'size: {percent: 2%, of: "$50,000"}\n').size.of == Decimal(50000)


def test_ladders(sketch: Playbook):
    normal, fast = sketch.open_ladder, sketch.close_ladder

    assert [rung.hold.seconds for rung in normal.rungs] == [10, 10, 5]
    assert isinstance(normal.rungs[1], PercentRung)
    assert normal.rungs[1].at == Decimal("0.5")
    assert isinstance(normal.rungs[2], TickRung)
    assert (normal.rungs[2].ticks, normal.rungs[2].repeat) == (1, 3)
    assert [(cap.origin, cap.dollars, cap.share) for cap in normal.never_beyond] == [
        (PricePoint.MID, Decimal("0.10"), None),
        (PricePoint.ALERT, None, Decimal("0.1")),
    ]
    assert (normal.too_good, normal.requote, normal.partial) == (Decimal("0.3"), Requote.EVERY_RUNG, Partial.KEEP)
    assert normal.market_moves is not None
    assert (normal.market_moves.ticks, normal.market_moves.do) == (3, Adverse.PAUSE)
    assert (normal.final.do, normal.final.leave) == (LadderEnd.LEAVE, timedelta(minutes=1))
    assert (fast.final.do, fast.allow_market) == (LadderEnd.MARKETABLE_LIMIT, True)


def test_a_ladder_without_a_budget_may_use_what_it_needs():
    rungs = "rungs: [{at: 0%, hold: 10s}, {ticks: +1, hold: 5s, repeat: 2}], finally: leave 2m then cancel"
    ladder = compiled(BASE + f"ladders: {{a: {{{rungs}}}}}\nladder: {{open: a}}\n").open_ladder

    assert ladder.budget.time == timedelta(seconds=140)
    assert ladder.budget.replaces == 2
    assert ladder.budget.slippage_per_day is None


def test_exits(sketch: Playbook):
    exits = sketch.exits

    assert exits.stop is not None
    assert [type(source) for source in exits.stop.sources] == [AlertStop, LossStop]
    assert (exits.stop.is_required, exits.stop.trigger) == (True, Trigger(PricePoint.BID, timedelta(seconds=3)))
    assert [(target.gain, target.close, target.trail) for target in exits.targets] == [
        (Decimal("0.5"), Decimal("0.5"), None),
        (Decimal(1), None, Decimal("0.2")),
    ]
    assert (exits.stop_after_first_target, exits.one_contract) == (Decimal(0), OneContract.LAST_TARGET)
    assert exits.flatten is not None
    assert (exits.flatten.before_close, exits.flatten.ladder) == (timedelta(minutes=10), sketch.close_ladder)


def test_times_of_day_are_not_numbers():
    session = compiled(BASE + "risk: {session: {from: 9:45, to: 15:30}}\n").risk.session

    assert (session.starts, session.ends) == (time(9, 45), time(15, 30))


def test_tickers_survive_yaml():
    symbols = compiled(BASE + "risk: {symbols: {allow: [ON, TRUE, NULL, NO, SPY]}}\n").risk.symbols

    assert symbols.allow == {"ON", "TRUE", "NULL", "NO", "SPY"}


def test_stages(sketch: Playbook):
    sandbox, production = sketch.stages.sandbox, sketch.stages.production

    assert sandbox is not None
    assert (sandbox.account, sandbox.each, sandbox.passes_at) == ("cert", SandboxEach.OPENS, SandboxPass.LIVE)
    assert sandbox.on_unavailable is OnUnavailable.ASK
    assert production is not None
    assert production.approval is not None
    assert (production.approval.above, production.approval.by) == (Decimal(5000), ())
    assert production.approval.on_timeout is OnTimeout.REFUSE
    assert (sketch.stages.promote.canary_openings, sketch.stages.promote.auto) == (5, AutoPromote.CANARY)


def test_approval_by_people():
    stages = "stages: {production: {account: main, approval: {by: [carol, dave]}}}\n"
    production = compiled(BASE + stages).stages.production

    assert production is not None
    assert production.approval is not None
    assert production.approval.by == ("carol", "dave")


def test_examples_are_the_messages_they_stand_for(sketch: Playbook):
    plain, question, refused, _, close = sketch.examples

    assert plain.message.author == Author("301234567890123456", "alice")
    assert plain.message.at == datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
    assert plain.message.channel_id == "1255265167113978008"
    assert isinstance(plain.gives, GivesAlerts)
    assert {field.field: field.value for field in plain.gives.alerts[0]}["price"] == Decimal("1.25")
    assert question.gives == NoAlert()
    assert isinstance(refused.gives, GivesRefusal)
    assert refused.gives.code == "may_not_open"
    assert [message.at for message in close.before] == [datetime(2026, 11, 24, 16, 29, tzinfo=UTC)]


def test_an_example_with_more_than_text():
    message = """{content: "new", embeds: [{title: BTO, fields: [{name: Ticker, value: SPY}], color: "#19C2FF"}],
      images: 1, forwarded: yes, event: edited, answers: 1}"""
    text = f"""examples:
  - at: 2026-11-24 10:05 America/New_York
    by: nobody
    late: 45s
    given: {{net_liq: "$50,000", earlier: ["BTO SPY 602C 11/27 @ 1.25"]}}
    message: {message}
    gives: {{stop: breakeven, targets: ["$2.50", 100%], tags: [lotto], legs: [{{action: BTO, strike: 602}}]}}
"""
    example = compiled(BASE + text).examples[0]

    assert example.late == timedelta(seconds=45)
    assert example.given == (("net_liq", Decimal(50000)),)
    assert example.message.author.name == "nobody"
    assert (example.message.kind, example.message.event) == (EventKind.EDITED, 2)
    assert (example.message.is_forward, example.message.images) == (True, 1)
    assert example.message.embeds[0].fields[0].value == "SPY"
    assert example.message.reply_to == example.before[0].id
    assert isinstance(example.gives, GivesAlerts)
    fields = {field.field: field.value for field in example.gives.alerts[0]}
    assert fields["stop"] == Level(words="breakeven")
    assert fields["targets"] == (Level(price=Decimal("2.50")), Level(percent=Decimal(100)))
    assert fields["tags"] == ("lotto",)
    assert [[(leg.field, leg.value) for leg in leg] for leg in fields["legs"]] == [  # type: ignore[union-attr]
        [("action", "buy_to_open"), ("strike", Decimal(602))]
    ]


def test_everything_optional_is_filled_in(load: Load):
    playbook = load(BASE).playbook
    listen, risk, exits, stages = playbook.listen, playbook.risk, playbook.exits, playbook.stages

    assert playbook.enabled
    assert (playbook.about, playbook.owner, playbook.examples, playbook.refuse_when) == ("", "", (), ())
    assert listen.read_from == frozenset(ReadFrom)
    assert (listen.quotes, listen.forwards, listen.images) == (Quotes.IGNORE, Forwards.REFUSE, Images.REFUSE)
    assert (listen.on_edit, listen.on_delete) == (OnEdit.IGNORE, OnDelete.IGNORE)
    assert (listen.max_age.open, listen.max_age.close) == (timedelta(seconds=30), timedelta(minutes=10))
    assert listen.good_for == timedelta(minutes=3)
    assert playbook.allow.kinds == {Strategy.LONG_OPTION, Strategy.STOCK}
    assert playbook.allow.undefined_risk is UndefinedRisk.NEVER
    assert (playbook.size.percent, playbook.size.most_contracts, playbook.size.alert_quantity) == (
        None,
        1,
        AlertQuantity.AT_MOST,
    )
    assert (playbook.open_ladder.name, playbook.close_ladder.name) == ("built-in-open", "built-in-close")
    assert (exits.stop, exits.targets, exits.flatten, exits.stop_after_first_target) == (None, (), None, None)
    assert (risk.symbols.allow, risk.symbols.deny) == (None, frozenset())
    assert (risk.expiry.min_days, risk.expiry.max_days) == (0, None)
    assert risk.duplicates.window == timedelta(minutes=10)
    assert (stages.sandbox, stages.production, stages.promote.auto) == (None, None, AutoPromote.NEVER)
    assert playbook.notify.to == (NotifyTo.CONTROL,)
