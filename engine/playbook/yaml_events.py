"""
YAML's events turned into nodes.

Events rather than PyYAML's composed nodes: anchors, aliases and tags are seen, and refused, before
anything is expanded, nesting is bounded before it can cost anything, and no scalar is given a type.
"""

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeGuard, cast

import yaml

from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.wording import quoted
from engine.playbook.yaml_faults import empty_file
from engine.playbook.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, source_lines

MOST_NESTING: Final = 50
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DOCUMENT_START: Final[object] = yaml.DocumentStartEvent
_SCALAR: Final[object] = yaml.ScalarEvent
_ALIAS: Final[object] = yaml.AliasEvent
_MAPPING_START: Final[object] = yaml.MappingStartEvent
_MAPPING_END: Final[object] = yaml.MappingEndEvent
_SEQUENCE_END: Final[object] = yaml.SequenceEndEvent
_MOST_SHOWN: Final = 60
_LIST_ENTRY: Final = re.compile(r"[ ]*-(?=[ ])")
_COLON: Final = re.compile(r"\s*:")
_DIGITS_BEFORE_COMMA: Final = re.compile(r"\$\s?[0-9]{1,3}$")
_DIGITS_AFTER_COMMA: Final = re.compile(r"[0-9]{3}(\.[0-9]+)?$")


class _Mark(Protocol):
    line: int
    column: int
    index: int


class _Event(Protocol):
    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool


class _TooDeep(Exception):
    """Nesting that no playbook needs; reading stops at once."""


class EventReader:
    """Turns the events of one text into nodes; what is wrong but can be stepped over is kept for `issues`."""

    def __init__(self, text: str, file: str, first_line: int = 1) -> None:
        self._text = text
        self._file = file
        self._first_line = first_line
        self._next: Callable[[], _Event]
        self._lines: list[str] = []
        self._last_split: Scalar | None = None
        self._splits: list[Span] = []
        self._issues: list[Issue] = []

    def document(self) -> Node | None:
        """
        Read the one document.

        Raises: yaml.YAMLError where the syntax breaks.
        """
        self._next = _LOADER(self._text).get_event
        self._next()
        first = self._next()
        if type(first) is not _DOCUMENT_START:
            self._issues.append(empty_file(self._file))
            return None
        try:
            node = self._node(self._next(), 0)
        except _TooDeep:
            return None
        self._next()
        after = self._next()
        if type(after) is _DOCUMENT_START:
            expected = "one document a file, without ---"
            self._report("several_documents", "a second document begins here", after, expected)
        if isinstance(node, Scalar) and node.is_plain and not node.text and not node.is_unread:
            self._issues.append(empty_file(self._file))
            return None
        return node

    def issues(self) -> list[Issue]:
        """Return all that was wrong so far, in no order."""
        return [*self._issues, *map(self._split_issue, self._splits)]

    def _node(self, event: _Event, depth: int) -> Node:
        kind = type(event)
        if kind is _ALIAS:
            return self._alias(event)
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event)
        if kind is _SCALAR:
            return self._scalar(event)
        if depth == MOST_NESTING:
            self._report("too_deep", f"nested more than {MOST_NESTING} deep", event, "a flatter text")
            raise _TooDeep
        return self._mapping(event, depth + 1) if kind is _MAPPING_START else self._sequence(event, depth + 1)

    def _scalar(self, event: _Event) -> Scalar:
        start, end, first = event.start_mark, event.end_mark, self._first_line
        is_plain = not event.style
        if is_plain and not event.value:
            return Scalar("", self._place_of_nothing(start), is_plain=True)
        if is_plain and start.line != end.line:
            self._refuse_swallowed_entries(event)
        span = Span(self._file, start.line + first, start.column + 1, end.line + first, end.column + 1)
        return Scalar(event.value, span, is_plain)

    def _mapping(self, start: _Event, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        last: Entry | None = None
        while type(event := self._next()) is not _MAPPING_END:
            if type(event) is not _SCALAR:
                self._refuse_key(event, depth)
                continue
            key = cast("Scalar", self._node(event, depth))
            entry = Entry(key, self._node(self._next(), depth))
            if start.flow_style and last is not None and self._is_split(last.value, entry, event):
                last = self._join(entries, last, key)
            else:
                last = entry
                self._enter(entries, entry)
        span = self._extent(start, event, last.value if last else None)
        return Mapping(tuple(entries.values()), span, start.flow_style)

    def _enter(self, entries: dict[str, Entry], entry: Entry) -> None:
        key = entry.key
        if not key.text and key.is_plain:
            self._issues.append(Issue("not_a_key", "a value without a key", key.span, "key: value"))
        elif key.text in entries:
            self._issues.append(duplicate_key(key, entries[key.text].key))
        elif key.text == "<<" and key.is_plain:
            issue = Issue("alias_not_allowed", "merge keys (<<) are not allowed", key.span, "the keys themselves")
            self._issues.append(issue)
        else:
            entries[key.text] = entry

    def _sequence(self, start: _Event, depth: int) -> Sequence:
        items: list[Node] = []
        while type(event := self._next()) is not _SEQUENCE_END:
            item = self._node(event, depth)
            if start.flow_style and items and self._is_split_money(items[-1], item):
                items[-1] = self._split(items[-1], item.span)
            else:
                items.append(item)
        return Sequence(tuple(items), self._extent(start, event, items[-1] if items else None), start.flow_style)

    def _alias(self, event: _Event) -> Scalar:
        expected = f'the text itself; a text that begins with * must stand in quotes: "*{event.anchor}"'
        self._report("alias_not_allowed", f"the alias *{event.anchor} is not allowed", event, expected)
        return Scalar("", self._span(event.start_mark, event.end_mark), is_plain=True, is_unread=True)

    def _refuse_properties(self, event: _Event) -> None:
        if event.anchor is not None:
            expected = "the value written where it is used; a text that begins with & must stand in quotes"
            self._report("alias_not_allowed", f"the anchor &{event.anchor} is not allowed", event, expected)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            expected = "the value alone; a text that begins with ! must stand in quotes"
            self._report("yaml_tag", f"the tag {tag} is not allowed", event, expected)

    def _refuse_swallowed_entries(self, event: _Event) -> None:
        """A list entry indented too far silently becomes part of the text above it."""
        first = event.start_mark.line
        for number, line in enumerate(self._text_lines()[first + 1 : event.end_mark.line + 1], first + 1):
            if (found := _LIST_ENTRY.match(line)) is not None:
                at_line, column = number + self._first_line, found.end()
                at = Span(self._file, at_line, column, at_line, column + 1)
                message = "this list entry is indented further than the one above and would be part of its text"
                self._issues.append(Issue("bad_indentation", message, at, "the indentation of the entry above"))

    def _refuse_key(self, event: _Event, depth: int) -> None:
        if type(event) is not _ALIAS:
            kind = "a mapping" if type(event) is _MAPPING_START else "a list"
            sign = "{" if type(event) is _MAPPING_START else "["
            expected = f"a plain key; a text that begins with {sign} must stand in quotes"
            self._report("not_a_key", f"{kind} cannot be a key", event, expected)
        self._node(event, depth)
        self._node(self._next(), depth)

    def _is_split(self, before: Node, entry: Entry, key: _Event) -> bool:
        """Tell whether a key without a colon is really the rest of the unquoted value before its comma."""
        value = entry.value
        if not (isinstance(value, Scalar) and value.is_plain and not value.text and self._is_plain_text(before)):
            return False
        return _is_adjacent(before.span, entry.key.span) and not _COLON.match(self._text, key.end_mark.index)

    def _join(self, entries: dict[str, Entry], last: Entry, key: Scalar) -> Entry:
        joined = Entry(last.key, self._split(last.value, key.span))
        if entries.get(last.key.text) is last:
            entries[last.key.text] = joined
        return joined

    def _is_split_money(self, before: Node, after: Node) -> bool:
        if not (self._is_plain_text(before) and self._is_plain_text(after) and _is_adjacent(before.span, after.span)):
            return False
        ends_in_money = before is self._last_split or _DIGITS_BEFORE_COMMA.search(before.text)
        return bool(ends_in_money and _DIGITS_AFTER_COMMA.match(after.text))

    def _is_plain_text(self, node: Node) -> TypeGuard[Scalar]:
        return isinstance(node, Scalar) and node.is_plain and (bool(node.text) or node is self._last_split)

    def _split(self, before: Node, after: Span) -> Scalar:
        """Note that a comma split an unquoted value; one issue for all commas of one value."""
        start = before.span
        span = Span(self._file, start.line, start.column, after.end_line, after.end_column)
        if before is self._last_split:
            self._splits.pop()
        self._splits.append(span)
        self._last_split = Scalar("", span, is_plain=True, is_unread=True)
        return self._last_split

    def _split_issue(self, span: Span) -> Issue:
        whole = self._slice(span)
        shown = whole if len(whole) <= _MOST_SHOWN else f"{whole[:_MOST_SHOWN]}…"
        message = f"the comma splits {shown} in two: inside {{ }} and [ ] it divides entries"
        return Issue("split_by_comma", message, span, f'quote it: "{shown}"')

    def _slice(self, span: Span) -> str:
        return self._text_lines()[span.line - self._first_line][span.column - 1 : span.end_column - 1]

    def _text_lines(self) -> list[str]:
        self._lines = self._lines or source_lines(self._text)
        return self._lines

    def _report(self, code: str, message: str, event: _Event, expected: str) -> None:
        self._issues.append(Issue(code, message, self._span(event.start_mark, event.end_mark), expected))

    def _extent(self, start: _Event, end: _Event, last: Node | None) -> Span:
        if start.flow_style or last is None:
            return self._span(start.start_mark, end.end_mark)
        mark, first = start.start_mark, self._first_line
        return Span(self._file, mark.line + first, mark.column + 1, last.span.end_line, last.span.end_column)

    def _place_of_nothing(self, mark: _Mark) -> Span:
        """At the end of a text the parser is already on the line after it."""
        line, column = mark.line, mark.column
        if line >= len(self._text_lines()):
            line = len(self._text_lines()) - 1
            column = len(self._text_lines()[line])
        line += self._first_line
        return Span(self._file, line, column + 1, line, column + 1)

    def _span(self, start: _Mark, end: _Mark) -> Span:
        first = self._first_line
        return Span(self._file, start.line + first, start.column + 1, end.line + first, end.column + 1)


def _is_adjacent(before: Span, after: Span) -> bool:
    """Tell whether only a comma stands between two stretches of one line."""
    return before.line == before.end_line == after.end_line and before.end_column + 1 == after.column


def duplicate_key(key: Scalar, first: Scalar) -> Issue:
    """Return the issue of a key that stands twice."""
    message = f"the key {quoted(key.text)} stands twice; the first one is at line {first.span.line}"
    return Issue("duplicate_key", message, key.span, "each key once")
