"""
The authored schemas as JSON Schema: valid, and of one mind with what binds files to them.

The judge is the jsonschema library, on data typed as a YAML 1.2 language server types it. Whatever
we accept it accepts. What it accepts we refuse only where JSON Schema cannot see: a `pattern` judges
texts and no numbers, and no keyword knows that February has no 30th.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from engine.model.source import Span
from engine.playbook.scalar_rule import Findings
from engine.playbook.schema import bind, load_schema, rule_for
from engine.playbook.schema_source import NAMES, Json, read_schema, resolve
from engine.playbook.schema_words import written
from engine.playbook.yaml_tree import Mapping, Node, Scalar, read_yaml

FILES = ("scalars.schema.json", "read.schema.json", *(f"{name}.schema.json" for name in NAMES))
BASE = "https://schemas.invalid/"
REGISTRY: Registry[Any] = Registry().with_resources(
    (BASE + file, Resource.from_contents(read_schema(file), default_specification=DRAFT202012)) for file in FILES
)
WHOLE = (Path(__file__).parent / "whole.yaml").read_text("utf-8")
HERE = Span("a.yaml", 1, 1, 1, 1)
MEANING = {"bad_moment", "bad_date", "bad_time", "bad_time_zone", "bad_range", "bad_duration", "out_of_range"}
TEXTS = (
    "yes", "true", "TRUE", "on", "ON", "null", "~", "5", "-1", "0", "012", "1e3", "1.5", "$5,000", "$5,00", "5000",
    "0%", "2%", "250%", "-20%", "+10%", "30s", "1h 30m", "1m30", "10 min", "0s", "999999d", "9:30", "24:00",
    "2026-11-27",
    "2026-02-30", "2026-11-24 10:05 America/New_York", "2026-03-08 02:30 America/New_York", "2026-11-24 10:05",
    "America/New_York", "Mars/Olympus", "0..7", "7..0", "+1", "momentum", "Momentum", "too_dear", "SPY", "spy", "/ES",
    "BRK.B", "123456789012345678", "TASTY_SECRET", "hunter2", "cancel", "leave 2m then cancel", "mid", "bid held 3s",
    "atm", "delta 0.40", "BTO", "call", "rest", "breakeven", "approvers", "no alert", "1/2", "net_liq", "this week",
)  # fmt: skip


def schemas(file: str, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (pointer, schema) of every schema of a file."""
    schema: Any = read_schema(file)
    for step in pointer.split("/")[1:]:
        schema = schema[int(step) if isinstance(schema, list) else step]
    if pointer or "properties" in schema:
        yield pointer, schema
    inner = [f"{keyword}/{key}" for keyword in ("$defs", "properties") for key in schema.get(keyword, {})]
    inner += [word for word in ("items", "additionalProperties", "propertyNames") if isinstance(schema.get(word), dict)]
    branches = enumerate(schema.get("anyOf", ()))
    inner += [f"anyOf/{index}" for index, branch in branches if set(branch) != {"required"}]
    for steps in inner:
        yield from schemas(file, f"{pointer}/{steps}")


def samples_of(pointer: str, schema: dict[str, Any]) -> list[Any]:
    """Return the examples and the default that a schema itself gives; every key must give one."""
    is_key = pointer.split("/")[-2:-1] == ["properties"] and "$ref" not in schema
    assert not is_key or {"title", "description", "examples"} <= set(schema), pointer
    return [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]


def standard(file: str, pointer: str = "") -> Draft202012Validator:
    """Return the standard validator of one schema."""
    return Draft202012Validator({"$ref": f"{BASE}{file}#{pointer}"}, registry=REGISTRY)


def typed(node: Node) -> Json:
    """Return a node as a YAML 1.2 reader types it (core schema)."""
    if isinstance(node, Scalar):
        return typed_text(node.text) if node.is_plain else node.text
    if isinstance(node, Mapping):
        return {entry.key.text: typed(entry.value) for entry in node.entries}
    return [typed(item) for item in node.items]


def typed_text(text: str) -> Json:
    """Return a plain scalar as a YAML 1.2 reader types it."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def parsed(text: str) -> Node:
    """Return the node of a text without mistakes."""
    node, issues = read_yaml(text, "a.yaml")
    assert issues == ()
    assert node is not None
    return node


@pytest.mark.parametrize("file", FILES)
def test_the_schemas_are_valid_draft_2020_12(file: str):
    """S-107."""
    Draft202012Validator.check_schema(dict(read_schema(file)))


@pytest.mark.parametrize("file", FILES)
def test_every_example_and_default_in_the_schemas_holds(file: str):
    """S-107."""
    wrong = []
    for pointer, schema in schemas(file):
        rule, judge = rule_for(resolve(schema, file)), standard(file, pointer)
        for sample in samples_of(pointer, schema):
            findings = Findings({})
            tree = rule.bind(parsed(written(sample, is_inside=True)), None, findings)
            if tree is None or not tree.is_whole or findings.issues or not judge.is_valid(sample):
                wrong.append((pointer, sample, findings.issues))

    assert wrong == []


@pytest.mark.parametrize("file", FILES)
def test_single_values_are_judged_as_the_standard_judges_them(file: str):
    """S-107."""
    differing = []
    for pointer, schema in schemas(file):
        node = resolve(schema, file)
        if {"object", "array"} & set(node.types):
            continue
        rule, judge = rule_for(node), standard(file, pointer)
        for text in TEXTS:
            findings = Findings({})
            accepted = rule.bind(Scalar(text, HERE, is_plain=True), None, findings) is not None
            value = typed_text(text)
            is_beyond_patterns = not isinstance(value, str) or {issue.code for issue in findings.issues} <= MEANING
            if accepted != judge.is_valid(value) and (accepted or not is_beyond_patterns):
                differing.append((pointer, text, accepted))

    assert differing == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("owner: ops", "owner: ops"),
        ("owner: ops", "ownr: ops"),
        ("owner: ops", "owner: [ops]"),
        ("signalbook: 1", "signalbook: 2"),
        ("signalbook: 1", ""),
        ("threads: yes", "threads: maybe"),
        ("threads: yes", "threads: true"),
        ("name: bob, may: [close]", "name: bob"),
        ("may: [close]", "may: []"),
        ("may: [close]", "may: [close, close]"),
        ("may: [close]", "may: close"),
        ("allocation: 3%", "allocation: 3"),
        ('"301234567890123456"', '"3012345"'),
        ("on_edit: replace", "on_edit: redo"),
        ("use: [us-options]", "use: []"),
        ("read:\n  use: [us-options]", "read:"),
        ('match: "{action} {contract} {price}", ', ""),
        ("name: card, card:", 'name: card, match: "{action}", card:'),
        ("contract: {dte: 0..7, strike: delta 0.40}", "contract: {dte: 0..7}"),
        ("expiry: {symbols: [SPY, QQQ, ON], is: 0dte, else: this week}", "expiry: this week"),
        ("expiry: {symbols: [SPY, QQQ, ON], is: 0dte, else: this week}", "expiry: next year"),
        ("expiry: {symbols: [SPY, QQQ, ON], is: 0dte, else: this week}", "expiry: {symbols: [SPY], is: soon}"),
        ("of: net_liq", 'of: "$50,000"'),
        ("of: net_liq", "of: equity"),
        ("{contracts: 10,", "{contracts: 0,"),
        ("{contracts: 10,", "{contracts: 1.5,"),
        ("{contracts: 10,", "{contract: 10,"),
        ("{at: 0%, hold: 10s}", "{hold: 10s}"),
        ("{at: 0%, hold: 10s}", "{at: 0%, ticks: 1, hold: 10s}"),
        ("{from_mid: \"$0.10\"}", "{from_mid: \"$0.10\", from_alert: 10%}"),
        ("{from_mid: \"$0.10\"}", "{}"),
        ("{gain: 100%, close: rest", "{gain: 100%, close: 40%"),
        ("{gain: 100%, close: rest", "{gain: 100%, close: most"),
        ("stop: breakeven", "stop: +10%"),
        ("not_before_open: 2m", "start_after_open: 2m"),
        ("by: approvers", "by: [carol]"),
        ("by: approvers", "by: []"),
        ("by: approvers", "by: everybody"),
        ("to: [reply, control]", "to: [reply, reply]"),
        ("gives: no alert", "gives: nothing"),
        ("gives: no alert", "gives: []"),
        ("gives: no alert", "gives: [{action: BTO}, {action: STC}]"),
        ("gives: {refused: may_not_open}", "gives: {refused: May Not}"),
        ("says: \"should I", "message: {images: 1}, says: \"should I"),
    ],
)  # fmt: skip
def test_whole_files_are_judged_as_the_standard_judges_them(old: str, new: str):
    """S-107, S-116."""
    node = parsed(WHOLE.replace(old, new, 1))
    _, issues = bind(node, load_schema("playbook"))

    errors = list(standard("playbook.schema.json").iter_errors(typed(node)))

    assert bool(issues) == bool(errors), (issues, errors)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[3] / "playbooks").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_editors_find_no_fault_with_shipped_files(path: Path):
    """S-107."""
    kind = "library" if path.parent.name == "lib" else "desk" if path.stem == "desk" else "playbook"
    node = parsed(path.read_text("utf-8"))

    assert list(standard(f"{kind}.schema.json").iter_errors(typed(node))) == []
