"""Schema nodes as objects that turn YAML nodes into typed values and say what is wrong with them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.model.source import Span
from engine.playbook import yaml_nodes
from engine.playbook.bound import Bound
from engine.playbook.scalar_rule import Findings, Rule, ScalarRule, is_unread, refuse_type
from engine.playbook.wording import quoted
from engine.playbook.yaml_nodes import Entry, Node, Scalar

_MOST_NAMES: Final = 24
_DIGIT: Final = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class ListRule:
    """A list. Zero for least or most: no such limit."""

    expected: str
    item: Rule
    least: int = 0
    most: int = 0
    is_unique: bool = False

    def bind(self, node: Node, key: Span | None, findings: Findings) -> Bound | None:
        """Return the typed items."""
        if not isinstance(node, yaml_nodes.Sequence):
            if not is_unread(node):
                refuse_type(node, self._as_list(node), findings)
            return None
        bound = [self.item.bind(item, None, findings) for item in node.items]
        items = tuple(item for item in bound if item is not None)
        is_whole = len(items) == len(bound) and all(item.is_whole for item in items)
        if self.is_unique and not self._are_different(items, findings):
            is_whole = False
        if len(bound) < self.least:
            findings.add("too_few", "the list is empty", node.span, self.expected)
            return None
        if self.most and len(bound) > self.most:
            findings.add("too_many", f"the list has {len(bound)} entries", node.span, f"at most {self.most} entries")
            return None
        return Bound(items, node.span, key, is_whole)

    def _as_list(self, node: Node) -> str:
        """Return what is expected; of a text that could be an item, the list it was probably meant to be."""
        if not isinstance(node, Scalar) or not isinstance(self.item, ScalarRule) or not node.text:
            return self.expected
        return f"a list, for example [{node.text}]" if self.item.accepts(node.text) else self.expected

    def _are_different(self, items: tuple[Bound, ...], findings: Findings) -> bool:
        seen: dict[object, Bound] = {}
        for item in items:
            if isinstance(item.value, dict | tuple):
                continue
            first = seen.setdefault(item.value, item)
            if first is not item:
                message = f"{item.value!r} stands twice; the first one is at line {first.span.line}"
                findings.add("repeated_item", message, item.span, "each entry once")
        return len(seen) == len(items)


@dataclass(frozen=True, slots=True)
class MappingRule:
    """
    Keys and values.

    known: the keys that have a name. other, other_key: rules of all other keys and of their values;
    None when there are no others. retired: keys of former versions → what to write instead.
    one_of, any_of: of these keys exactly one, at least one, must be there.
    hints: a key → an example of its value. Zero for least or most: no such limit.
    """

    expected: str
    known: Mapping[str, Rule]
    hints: Mapping[str, str]
    required: tuple[str, ...] = ()
    other: Rule | None = None
    other_key: ScalarRule | None = None
    retired: Mapping[str, str] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    def bind(self, node: Node, key: Span | None, findings: Findings) -> Bound | None:
        """Return the typed values by key."""
        if not isinstance(node, yaml_nodes.Mapping):
            if not is_unread(node):
                refuse_type(node, self.expected, findings)
            return None
        values: dict[str, Bound] = {}
        is_whole = True
        meant: set[str] = set()
        for entry in node.entries:
            name = entry.key
            rule = self.known.get(name.text) or self._other(entry, meant, findings)
            value = rule.bind(entry.value, name.span, findings) if rule is not None else None
            if value is None:
                is_whole = False
            else:
                values[name.text] = value
                is_whole = is_whole and value.is_whole
        before = len(findings.issues)
        self._check_keys(node, meant, key or _start(node.span), findings)
        return Bound(values, node.span, key, is_whole and len(findings.issues) == before)

    def _other(self, entry: Entry, meant: set[str], findings: Findings) -> Rule | None:
        """Return the rule of a key that has no name, None when there may be no such key."""
        if self.other is None:
            meant.add(self._refuse_key(entry, findings))
        elif self.other_key is not None and self.other_key.value_of(entry.key, findings) is None:
            return None
        return self.other

    def _refuse_key(self, entry: Entry, findings: Findings) -> str:
        """Report a key that is none, and return the one that was probably meant."""
        key = entry.key
        if key.text in self.retired:
            instead = self.retired[key.text]
            message = f"{quoted(key.text)} is no longer a key"
            findings.add("retired_key", message, key.span, f"write {instead}", instead)
            return instead
        expected = f"one of {_listed(self.known)}" if len(self.known) <= _MOST_NAMES else ""
        homes = findings.homes.get(key.text, ())
        if 0 < len(homes) <= 2:
            expected = f"{expected}; {quoted(key.text)} belongs under {' or '.join(homes)}".removeprefix("; ")
        if isinstance(entry.value, Scalar) and entry.value.is_plain and not entry.value.text:
            expected += "; or, if it belongs to the text before it, quotes around that text"
        near = findings.nearest(key.text, self.known)
        findings.add(
            "unknown_key", f"{quoted(key.text)} is not a key here", key.span, expected.removeprefix("; "), near
        )
        return near

    def _check_keys(self, node: yaml_nodes.Mapping, meant: set[str], at: Span, findings: Findings) -> None:
        """Check which keys there are; a misspelt one counts as the key that was meant."""
        if not (self.required or self.one_of or self.any_of or self.least or self.most):
            return
        present = {entry.key.text: entry.key for entry in node.entries}
        if len(present) < self.least:
            findings.add("too_few", "nothing is written in it", node.span, self.expected)
            return
        for name in self.required:
            if name not in present and name not in meant:
                findings.add("missing_key", f"the key {name!r} is missing", at, f"{name}: {self.hints[name]}")
        for names in (self.any_of, self.one_of):
            if names and meant.isdisjoint(names) and not any(name in present for name in names):
                findings.add("missing_key", f"one of {_listed(names)} is missing", at, self._hint(names))
        self._check_excess(present, findings)

    def _check_excess(self, present: Mapping[str, Scalar], findings: Findings) -> None:
        chosen = [name for name in present if name in self.one_of]
        if len(chosen) > 1:
            message = f"{chosen[0]!r} and {chosen[1]!r} exclude each other"
            findings.add("conflicting_keys", message, present[chosen[1]].span, f"one of {_listed(self.one_of)}")
        if self.most and len(present) > self.most:
            second = list(present.values())[self.most]
            findings.add("too_many", f"{second.text!r} is one key too many", second.span, self.expected)

    def _hint(self, names: Iterable[str]) -> str:
        return " or ".join(f"{name}: {self.hints[name]}" for name in names)


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """
    One of several forms, told apart by what is written: a text, a list, or which keys there are.

    An error is then told in the words of the form that was meant.
    """

    expected: str
    scalars: tuple[ScalarRule, ...]
    sequence: ListRule | None
    mappings: tuple[MappingRule, ...]

    def bind(self, node: Node, key: Span | None, findings: Findings) -> Bound | None:
        """Return the typed value of the form that was meant."""
        if is_unread(node):
            return None
        rule = self._meant(node)
        if rule is not None:
            return rule.bind(node, key, findings)
        if isinstance(node, Scalar) and node.text and self.scalars:
            near = findings.nearest(node.text, [choice for scalar in self.scalars for choice in scalar.choices])
            findings.add("not_a_choice", f"{quoted(node.text)} is not a choice here", node.span, self.expected, near)
        else:
            refuse_type(node, self.expected, findings)
        return None

    def _meant(self, node: Node) -> Rule | None:
        if isinstance(node, yaml_nodes.Mapping):
            keys = {entry.key.text for entry in node.entries}
            return max(self.mappings, key=lambda rule: len(keys & rule.known.keys()), default=None)
        if isinstance(node, yaml_nodes.Sequence):
            return self.sequence
        accepting = (rule for rule in self.scalars if rule.accepts(node.text))
        free = (rule for rule in self.scalars if not rule.choices and _DIGIT.search(node.text))
        return next(accepting, None) or next(free, None)


def _start(span: Span) -> Span:
    return Span(span.file, span.line, span.column, span.line, span.column + 1)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
