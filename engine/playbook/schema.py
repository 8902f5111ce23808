"""
The authored JSON Schemas, compiled once into rules, and the binding of files to them.

The subset of draft 2020-12 the schemas use: $ref, type, format, properties, required,
additionalProperties, propertyNames, minProperties, maxProperties, items, minItems, maxItems,
uniqueItems, enum, const, pattern, minimum, maximum; oneOf and anyOf of `required` (exactly or at
least one of these keys); anyOf of forms that differ by kind of node or by their keys. Beside them
x-retired (former key → what to write instead) and, with the meaning they have in ajv-formats,
formatMinimum, formatMaximum and formatExclusiveMinimum. Any other keyword is refused, so that a
schema never promises editors what is not checked here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from engine.model.errors import InvariantBroken, Issue
from engine.playbook import schema_source
from engine.playbook.bound import Amount, Bound, BoundValue
from engine.playbook.rules import ChoiceRule, ListRule, MappingRule
from engine.playbook.scalar_rule import Findings, Limit, Rule, ScalarRule
from engine.playbook.scalars import READERS, TYPE_READERS, read_text
from engine.playbook.schema_source import SchemaNode
from engine.playbook.schema_words import what, with_examples, written
from engine.playbook.yaml_nodes import Node

__all__ = ["Amount", "Bound", "BoundValue", "Schema", "bind", "load_schema", "rule_for"]

_KEYWORDS: Final = frozenset((
    "$schema", "$defs", "title", "description", "examples", "default", "type", "format", "enum", "const", "pattern",
    "minimum", "maximum", "formatMinimum", "formatMaximum", "formatExclusiveMinimum", "properties", "required",
    "additionalProperties", "propertyNames", "minProperties", "maxProperties", "items", "minItems", "maxItems",
    "uniqueItems", "oneOf", "anyOf", "x-retired",
))  # fmt: skip
_CODES: Final[Mapping[str, str]] = {
    "time-span": "bad_duration",
    "percent": "bad_percent",
    "signed-percent": "bad_percent",
    "money": "bad_money",
    "amount": "bad_amount",
    "yes-no": "not_a_choice",
    "clock-time": "bad_time",
    "date": "bad_date",
    "moment": "bad_moment",
    "time-zone": "bad_time_zone",
    "range": "bad_range",
    "ticks": "bad_number",
    "integer": "bad_number",
    "number": "bad_number",
    "snowflake": "bad_snowflake",
    "id": "bad_name",
    "code": "bad_name",
    "fraction": "bad_fraction",
    "ticker": "bad_symbol",
    "env-name": "secret_in_file",
    "color": "bad_color",
    "ladder-end": "not_a_choice",
    "trigger": "not_a_choice",
    "strike-choice": "not_a_choice",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """
    One schema, ready to bind files.

    homes: every key by name → the sections it belongs to ("risk.session"; "the top level").
    """

    name: str
    root: Rule
    homes: Mapping[str, tuple[str, ...]]


@cache
def load_schema(name: str) -> Schema:
    """Return a shipped schema: "playbook", "desk" or "library"."""
    node = schema_source.root(name)
    homes: dict[str, dict[str, None]] = {}
    for section, key in _keys(node, ""):
        homes.setdefault(key, {})[section or "the top level"] = None
    return Schema(name, rule_for(node), {key: tuple(sections) for key, sections in homes.items()})


def bind(node: Node, schema: Schema) -> tuple[Bound | None, tuple[Issue, ...]]:
    """
    Give every scalar of a file the type its place has, and check its shape.

    Returns the typed tree and everything that is wrong, in file order. What is wrong is left out of
    the tree, and marked by `is_whole` in all that holds it: compile only what is whole.
    """
    findings = Findings(schema.homes)
    bound = schema.root.bind(node, None, findings)
    return bound, tuple(sorted(findings.issues, key=lambda issue: (issue.span.line, issue.span.column)))


def _keys(node: SchemaNode, path: str) -> Iterator[tuple[str, str]]:
    """Yield (section, key) of every key known by name, sections as dotted paths."""
    inner = f"{path}." if path else ""
    for key, child in node.properties().items():
        yield path, key
        yield from _keys(child, f"{inner}{key}")
    for keyword, step in (("items", ""), ("additionalProperties", f"{inner}<name>")):
        if isinstance(node.get(keyword), Mapping):
            yield from _keys(node.child(node.get(keyword)), step or path)
    for branch in node.get("anyOf", ()):
        yield from _keys(node.child(branch), path)


def rule_for(node: SchemaNode) -> Rule:
    """Return the rule of one schema; raises InvariantBroken when it says what nothing here checks."""
    unknown = sorted(set(node.keywords) - _KEYWORDS)
    if unknown:
        raise InvariantBroken(f"{node.file}: {unknown} are keywords that nothing here checks")
    if "object" in node.types:
        return _mapping(node)
    if "array" in node.types:
        return _list(node)
    return _choice(node) if "anyOf" in node.keywords else _scalar(node)


def _scalar(node: SchemaNode) -> ScalarRule:
    kind = node.get("format") or ("text" if "string" in node.types else node.types[0] if node.types else "text")
    choices = () if kind == "yes-no" else node.get("enum", [node.get("const")] if "const" in node.keywords else ())
    pattern = node.get("pattern")
    return ScalarRule(
        what=what(node),
        expected=with_examples(node),
        code="not_a_choice" if choices else _CODES.get(kind, "wrong_type"),
        read=READERS.get(kind) or TYPE_READERS.get(kind, read_text),
        pattern=None if pattern is None else _compiled(pattern),
        choices=tuple(map(str, choices)),
        limits=tuple(_limits(node, kind)),
        samples=tuple(map(str, choices or (node.get("examples", ()) if _CODES.get(kind) == "not_a_choice" else ()))),
        is_secret=kind == "env-name",
        refusal=f"this engine reads version {node.get('const')} of the language" if "const" in node.keywords else "",
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    """Python's $ also matches before a line break at the end; that of JSON Schema does not."""
    return re.compile(rf"{pattern[:-1]}\Z" if pattern.endswith("$") else pattern)


def _limits(node: SchemaNode, kind: str) -> Iterator[Limit]:
    read = READERS.get(kind) or TYPE_READERS.get(kind, read_text)
    for keyword, words in (("minimum", "below"), ("formatMinimum", "below"), ("formatExclusiveMinimum", "not above")):
        if keyword in node.keywords and kind not in ("amount", "range"):
            yield Limit.of(f"{words} {node.get(keyword)}", read(str(node.get(keyword))), words)
    for keyword in ("maximum", "formatMaximum"):
        if keyword in node.keywords:
            yield Limit.of(f"above {node.get(keyword)}", read(str(node.get(keyword))), "above")


def _list(node: SchemaNode) -> ListRule:
    return ListRule(
        expected=with_examples(node),
        item=rule_for(node.child(node.get("items"))),
        least=node.get("minItems", 0),
        most=node.get("maxItems", 0),
        is_unique=node.get("uniqueItems", False),
    )


def _mapping(node: SchemaNode) -> MappingRule:
    children = node.properties()
    other = node.get("additionalProperties")
    names = node.get("propertyNames")
    return MappingRule(
        expected=with_examples(node),
        known={key: rule_for(child) for key, child in children.items()},
        hints={key: written(child.get("examples", ["…"])[0]) for key, child in children.items()},
        required=tuple(node.get("required", ())),
        other=rule_for(node.child(other)) if isinstance(other, Mapping) else None,
        other_key=None if names is None else _scalar(node.child(names)),
        retired=node.get("x-retired", {}),
        one_of=_alternatives(node.get("oneOf", ())),
        any_of=_alternatives(node.get("anyOf", ())),
        least=node.get("minProperties", 0),
        most=node.get("maxProperties", 0),
    )


def _alternatives(branches: list[Mapping[str, list[str]]]) -> tuple[str, ...]:
    for branch in branches:
        if set(branch) != {"required"} or len(branch["required"]) != 1:
            raise InvariantBroken(f"a choice between keys may only name one key each, not {branch}")
    return tuple(branch["required"][0] for branch in branches)


def _choice(node: SchemaNode) -> ChoiceRule:
    rules = [rule_for(node.child(branch)) for branch in node.get("anyOf")]
    return ChoiceRule(
        expected=with_examples(node),
        scalars=tuple(rule for rule in rules if isinstance(rule, ScalarRule)),
        sequence=next((rule for rule in rules if isinstance(rule, ListRule)), None),
        mappings=tuple(rule for rule in rules if isinstance(rule, MappingRule)),
    )
