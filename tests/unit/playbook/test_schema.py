"""Files bound to the schemas: typed values, and everything that is wrong with the others."""

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.errors import InvariantBroken
from engine.playbook.bound import Amount, Bound, BoundValue
from engine.playbook.schema import bind, load_schema, rule_for
from engine.playbook.schema_source import SchemaNode
from engine.playbook.shipped import library_files
from engine.playbook.yaml_tree import read_yaml, read_yaml_file

HEAD = """\
signalbook: 1
playbook: momentum
listen:
  channels: {"1255265167113978008": {name: momentum, threads: yes}}
  authors: {"301234567890123456": {name: alice, may: [open, close], allocation: 3%}}
read: {use: [us-options]}
"""
DESK = """\
signalbook: 1
desk: morning
accounts:
  cert:
    kind: sandbox
    number: TT_CERT_ACCOUNT
    secrets: {client_secret: TT_CERT_SECRET, refresh_token: TT_CERT_REFRESH}
people: {carol: {discord: "501234567890123456", permissions: [approve]}}
"""
WHOLE = (Path(__file__).parent / "whole.yaml").read_text("utf-8")


def bound(text: str, schema: str = "playbook") -> Bound:
    """Return the tree of a text without mistakes."""
    node, issues = read_yaml(text, "a.yaml")
    assert node is not None
    assert issues == ()
    tree, issues = bind(node, load_schema(schema))
    assert issues == ()
    assert tree is not None
    return tree


def at(tree: Bound, path: str) -> Bound:
    """Return what stands at a dotted path."""
    for step in path.split("."):
        if isinstance(tree.value, dict):
            tree = tree.value[step]
        else:
            assert isinstance(tree.value, tuple)
            item = tree.value[int(step)]
            assert isinstance(item, Bound)
            tree = item
    return tree


def told(text: str, schema: str = "playbook") -> list[str]:
    """Return the issues of a text, one line each: place, code, message, and the nearest spelling."""
    node, found = read_yaml(text, "a.yaml")
    issues = [*found, *(bind(node, load_schema(schema))[1] if node is not None else ())]
    return [
        f"{i.span.line}:{i.span.column} {i.code}: {i.message}{f' ({i.nearest}?)' if i.nearest else ''}" for i in issues
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("signalbook", 1),
        ("listen.channels.1255265167113978008.threads", True),
        ("listen.authors.301234567890123456.allocation", Decimal("0.03")),
        ("listen.max_age.open", timedelta(seconds=30)),
        ("read.words.size.lotto.0", "lottery"),
        ("read.defaults.expiry.symbols.2", "ON"),
        ("read.defaults.contract.dte", (0, 7)),
        ("read.defaults.contract.strike", "delta 0.40"),
        ("read.symbols.also.1", "TRUE"),
        ("size.of", "net_liq"),
        ("size.at_most.cost", Decimal(2500)),
        ("ladders.normal.rungs.2.ticks", 1),
        ("ladders.normal.never_beyond.0.from_mid", Amount(Decimal("0.10"), is_share=False)),
        ("ladders.normal.never_beyond.1.from_alert", Amount(Decimal("0.10"), is_share=True)),
        ("ladders.normal.finally", timedelta(minutes=2)),
        ("exits.stop.from.0", "alert"),
        ("exits.stop.from.1.loss", Decimal("0.40")),
        ("exits.stop.trigger", ("bid", timedelta(seconds=3))),
        ("exits.targets.1.close", "rest"),
        ("exits.after_first_target.stop", "breakeven"),
        ("risk.session.from", time(9, 45)),
        ("risk.symbols.deny", ()),
        ("stages.production.approval.by", "approvers"),
        ("examples.0.gives.strike", Decimal(602)),
        ("examples.1.gives", "no alert"),
        ("examples.2.gives.refused", "may_not_open"),
    ],
)
def test_its_place_gives_a_scalar_its_type(path: str, value: BoundValue):
    """S-102, S-103, S-105."""
    found = at(bound(WHOLE), path).value

    assert found == value
    assert type(found) is type(value)


def test_values_know_their_own_place_and_that_of_their_key():
    """S-104."""
    tree = bound(HEAD)

    name = at(tree, "listen.authors.301234567890123456.name")
    assert (name.value, str(name.span)) == ("alice", "a.yaml:5:42")
    assert str(name.key_span) == "a.yaml:5:36"
    assert tree.key_span is None
    assert tree.is_whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("enabeld: no\n", ["7:1 unknown_key: 'enabeld' is not a key here (enabled?)"], id="a misspelt key"),
        pytest.param(
            "risk: {session: {start_after_open: 2m}}\n",
            ["7:18 retired_key: 'start_after_open' is no longer a key (not_before_open?)"],
            id="a retired key",
        ),
        pytest.param(
            "size: {percent: 3}\n",
            ["7:17 bad_percent: '3' is not a percentage above 0% and up to 100% (3%?)"],
            id="a percentage without its sign",
        ),
        pytest.param("size: {percent: 300%}\n", ["7:17 out_of_range: '300%' is above 100%"], id="too much"),
        pytest.param("size: {percent: 0%}\n", ["7:17 out_of_range: '0%' is not above 0%"], id="nothing"),
        pytest.param("size: {percent: }\n", ["7:17 wrong_type: nothing is written here"], id="no value"),
        pytest.param("size: 2%\n", ["7:7 wrong_type: was the text '2%'"], id="a text for a mapping"),
        pytest.param(
            "size: {of: net_lik}\n",
            ["7:12 not_a_choice: 'net_lik' is not a choice here (net_liq?)"],
            id="a choice or money, nearer to the choice",
        ),
        pytest.param(
            "size: {of: 50k}\n",
            ["7:12 bad_money: '50k' is not an amount in dollars ($50,000?)"],
            id="a choice or money, nearer to money",
        ),
        pytest.param(
            "size: {at_most: {contracts: ten}}\n",
            ["7:29 bad_number: 'ten' is not a whole number, 1 or more"],
            id="a word for a number",
        ),
        pytest.param(
            "size: {by_symbol: {spx: 1%}}\n",
            ["7:20 bad_symbol: 'spx' is not a symbol in capitals (SPX?)"],
            id="a symbol in small letters",
        ),
        pytest.param("allow: {kinds: []}\n", ["7:16 too_few: the list is empty"], id="an empty list"),
        pytest.param("allow: {}\n", ["7:8 too_few: nothing is written in it"], id="an empty mapping"),
        pytest.param("allow: {kinds: stock}\n", ["7:16 wrong_type: was the text 'stock'"], id="a text for a list"),
        pytest.param(
            "allow: {kinds: [stock, stok, stock]}\n",
            [
                "7:24 not_a_choice: 'stok' is not a choice here (stock?)",
                "7:30 repeated_item: 'stock' stands twice; the first one is at line 7",
            ],
            id="a choice twice",
        ),
        pytest.param(
            "ladder: {open: Fast One}\n",
            ["7:16 bad_name: 'Fast One' is not a name in lower case (fast-one?)"],
            id="a name with capitals",
        ),
        pytest.param(
            "ladders: {a: {rungs: [{hold: 5s}]}}\n",
            ["7:23 missing_key: one of at, ticks is missing"],
            id="neither of two keys",
        ),
        pytest.param(
            "ladders: {a: {rungs: [{hold: 5s, at: 1%, ticks: 1}]}}\n",
            ["7:42 conflicting_keys: 'at' and 'ticks' exclude each other"],
            id="both of two keys",
        ),
        pytest.param(
            "ladders: {a: {rungs: [{hodl: 5s, at: 1%}]}}\n",
            ["7:24 unknown_key: 'hodl' is not a key here (hold?)"],
            id="a misspelt key is not also missing",
        ),
        pytest.param(
            "ladders: {a: {finally: cancel}}\n", ["7:11 missing_key: the key 'rungs' is missing"], id="a key is missing"
        ),
        pytest.param(
            "ladders: {a: {rungs: [{at: 0%, hold: 5s}], never_beyond: [{from_mid: $1, from_alert: 1%}]}}\n",
            ["7:74 too_many: 'from_alert' is one key too many"],
            id="one key too many",
        ),
        pytest.param(
            "ladders: {a: {rungs: [{at: 0%, hold: 5s}], finally: leave then cancel}}\n",
            ["7:53 not_a_choice: 'leave then cancel' is not a choice here (leave 2m then cancel?)"],
            id="an end of a ladder",
        ),
        pytest.param(
            "exits: {stop: {from: [{los: 40%}]}}\n",
            ["7:24 unknown_key: 'los' is not a key here (loss?)"],
            id="the form that was meant is judged",
        ),
        pytest.param("exits: {stop: {from: [[alert]]}}\n", ["7:23 wrong_type: was a list"], id="no form at all"),
        pytest.param(
            "examples: [{at: 2026-11-24 10:05, by: a, says: x, gives: no alert}]\n",
            [
                "7:17 bad_moment: '2026-11-24 10:05' is not a date, a time and a time zone: it names no time zone"
                " (2026-11-24 10:05 America/New_York?)"
            ],
            id="a moment without a zone",
        ),
        pytest.param(
            "read: []\n",
            ["6:1 duplicate_key: the key 'read' stands twice; the first one is at line 6"],
            id="the tree's own mistakes come first",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, expected: list[str]):
    """S-111, S-113, S-116."""
    lines = [line.replace("6:1 dup", "7:1 dup") for line in expected]

    assert told(HEAD + text) == lines


def test_a_key_in_the_wrong_section_is_sent_home():
    node, _ = read_yaml("channels: {}\n" + HEAD, "a.yaml")
    assert node is not None

    _, issues = bind(node, load_schema("playbook"))

    assert issues[0].expected.endswith("'channels' belongs under listen")


def test_a_template_without_quotes_is_told_to_take_them():
    node, _ = read_yaml(HEAD.replace("{use: [us-options]}", "{patterns: [{name: a, match: {action}}]}"), "a.yaml")
    assert node is not None

    _, issues = bind(node, load_schema("playbook"))

    assert [issue.code for issue in issues] == ["wrong_type"]
    assert issues[0].expected.endswith("a text that begins with { must stand in quotes")


def test_a_colour_that_became_a_comment_is_told_so():
    card = "\n  patterns:\n    - name: a\n      card:\n        color: #19C2FF"
    node, _ = read_yaml(HEAD.replace("{use: [us-options]}", card), "a.yaml")
    assert node is not None

    _, issues = bind(node, load_schema("playbook"))

    assert [(issue.code, issue.span.line) for issue in issues] == [("wrong_type", 10)]
    assert 'what follows " #" is a comment' in issues[0].expected


@pytest.mark.parametrize("secret", ["hunter2", "a9F3kq0Zs81nPd7QxYw2", "5WX12345", "$TT_SECRET", "tt_secret"])
def test_a_secret_is_refused_and_never_repeated(secret: str):
    """S-106."""
    node, _ = read_yaml(DESK.replace("TT_CERT_SECRET", secret), "desk.yaml")
    assert node is not None

    _, issues = bind(node, load_schema("desk"))

    assert [issue.code for issue in issues] == ["secret_in_file"]
    assert secret not in f"{issues[0].message} {issues[0].expected} {issues[0].nearest}"


def test_all_mistakes_are_told_in_one_pass_in_file_order():
    """S-112."""
    text = (
        "signalbook: 2\nplaybok: x\nlisten: {authors: {}, chanels: {}}\nread: {use: us-options, pattern: []}\nsize: [\n"
    )

    assert told(text) == [
        "5:7 yaml_syntax: the [ of line 5 is not closed",
        "1:13 not_a_choice: '2' is not a choice here; this engine reads version 1 of the language",
        "2:1 unknown_key: 'playbok' is not a key here (playbook?)",
        "3:19 too_few: nothing is written in it",
        "3:23 unknown_key: 'chanels' is not a key here (channels?)",
        "4:13 wrong_type: was the text 'us-options'",
        "4:25 unknown_key: 'pattern' is not a key here (patterns?)",
    ]


def test_what_is_wrong_is_left_out_and_marks_all_that_holds_it():
    node, _ = read_yaml(HEAD + "size: {percent: 2, at_most: {contracts: 5}}\nrisk: {max_open_positions: 1}\n", "a.yaml")
    assert node is not None

    tree, issues = bind(node, load_schema("playbook"))

    assert tree is not None
    assert len(issues) == 1
    assert not tree.is_whole
    assert not at(tree, "size").is_whole
    assert list(at(tree, "size").value) == ["at_most"]  # type: ignore[arg-type]
    assert at(tree, "size.at_most").is_whole
    assert at(tree, "risk").is_whole


def test_a_name_does_not_end_in_a_line_break():
    assert told(HEAD.replace("playbook: momentum", "playbook: |\n  momentum")) == [
        "2:11 bad_name: 'momentum\\n' is not a name in lower case (momentum?)"
    ]


@pytest.mark.parametrize("text", ["just text\n", "[a, b]\n", "*x\n"])
def test_a_file_that_is_no_mapping_has_no_tree(text: str):
    node, issues = read_yaml(text, "a.yaml")
    assert node is not None

    tree, more = bind(node, load_schema("playbook"))

    assert tree is None
    assert len([*issues, *more]) == 1


def test_a_long_text_is_not_repeated_whole():
    assert told(HEAD + f"enabled: {'x' * 5_000}\n")[0] == f"7:10 not_a_choice: '{'x' * 60}'… is not a choice here"


@pytest.mark.parametrize("path", library_files(), ids=lambda path: path.stem)
def test_shipped_libraries_fit_their_schema(path: Path):
    node, issues = read_yaml_file(path)
    assert issues == ()
    assert node is not None

    tree, issues = bind(node, load_schema("library"))

    assert issues == ()
    assert tree is not None
    assert tree.is_whole


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_edit_of_a_playbook_makes_reading_or_binding_raise(data: st.DataObject):
    """S-116."""
    start = data.draw(st.integers(0, len(WHOLE)))
    length = data.draw(st.integers(0, 12))
    piece = data.draw(st.text(alphabet="\n :{}[],-'\"#$%ab0\t", max_size=6))
    node, issues = read_yaml(WHOLE[:start] + piece + WHOLE[start + length :], "a.yaml")

    if node is not None:
        tree, more = bind(node, load_schema("playbook"))
        assert tree is None or tree.is_whole == (not issues and not more) or issues
        assert all(issue.code and issue.message and issue.span.file == "a.yaml" for issue in more)


def test_a_schema_cannot_promise_what_is_not_checked():
    with pytest.raises(InvariantBroken, match="multipleOf"):
        rule_for(SchemaNode({"type": "integer", "multipleOf": 5}, "x.schema.json"))
