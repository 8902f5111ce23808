"""
YAML text as a tree of nodes that know where they stand and keep every scalar as text.

Nothing here gives a scalar a type: the schema does, by its place (see `schema.bind`).
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import yaml

from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.yaml_events import EventReader, duplicate_key
from engine.playbook.yaml_faults import explain_syntax, start_of_file
from engine.playbook.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, source_lines

__all__ = ["Entry", "Mapping", "Node", "Scalar", "Sequence", "read_text", "read_yaml", "read_yaml_file", "source_lines"]

MOST_BYTES: Final = 1_000_000
_MOST_SECTIONS: Final = 200
_SECTION: Final = re.compile(r"""(?P<key>[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ ]*:(?:\s|$)""")


def read_yaml_file(path: Path, file: str = "") -> tuple[Node | None, tuple[Issue, ...]]:
    """Read one file; `file` is what issues call it, the path itself when empty."""
    file = file or str(path)
    text = read_text(path, file)
    return (None, (text,)) if isinstance(text, Issue) else read_yaml(text, file)


def read_text(path: Path, file: str) -> str | Issue:
    """Return the text of a file, or why it cannot be had."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        return Issue("unreadable_file", f"the file cannot be read: {reason}", start_of_file(file), "a readable file")
    if len(data) > MOST_BYTES:
        return _too_large(file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        return _not_utf8(before, f"byte 0x{data[error.start]:02x}", file)


def read_yaml(text: str, file: str) -> tuple[Node | None, tuple[Issue, ...]]:
    """
    Read one YAML document.

    Returns what could be read and everything that is wrong, in file order. The tree is None when
    nothing could be read. Where the syntax breaks, each top-level section is read by itself, so that
    one broken section does not hide what is wrong in the others.
    """
    if len(text) > MOST_BYTES:
        return None, (_too_large(file),)
    text = text.removeprefix("\ufeff")
    try:
        if len(text.encode("utf-8")) > MOST_BYTES:
            return None, (_too_large(file),)
    except UnicodeEncodeError as error:
        return None, (_not_utf8(text[: error.start], "half a character", file),)
    reader = EventReader(text, file)
    try:
        return reader.document(), _in_file_order(reader.issues())
    except yaml.YAMLError as error:
        return _read_sections(text, file, error)


def _too_large(file: str) -> Issue:
    message = f"the file is larger than {MOST_BYTES:,} bytes"
    return Issue("file_too_large", message, start_of_file(file), "a smaller file")


def _not_utf8(before: str, found: str, file: str) -> Issue:
    lines = source_lines(before)
    line, column = len(lines), len(lines[-1]) + 1
    message = f"the file is not UTF-8 text: {found} at line {line}"
    return Issue("not_utf8", message, Span(file, line, column, line, column + 1), "a file saved as UTF-8")


def _read_sections(text: str, file: str, error: yaml.YAMLError) -> tuple[Node | None, tuple[Issue, ...]]:
    lines = source_lines(text)
    starts = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    if not 1 < len(starts) <= _MOST_SECTIONS:
        return None, _in_file_order(explain_syntax(error, lines, 1, file))
    merged = _Sections(file)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        merged.add(lines[start:end], start + 1)
    issues = merged.issues if merged.found_the_fault else [*merged.issues, *explain_syntax(error, lines, 1, file)]
    whole = Span(file, starts[0] + 1, 1, len(lines), len(lines[-1]) + 1)
    return Mapping(tuple(merged.entries.values()), whole, is_flow=False), _in_file_order(issues)


def _in_file_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(sorted(issues, key=lambda issue: (issue.span.line, issue.span.column)))


class _Sections:
    """The top-level sections of a broken file, each read by itself."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.entries: dict[str, Entry] = {}
        self.issues: list[Issue] = []
        self.found_the_fault = False

    def add(self, lines: list[str], first_line: int) -> None:
        reader = EventReader("\n".join(lines), self._file, first_line)
        try:
            node = reader.document()
        except yaml.YAMLError as error:
            self.found_the_fault = True
            self.issues.extend(explain_syntax(error, lines, first_line, self._file))
            node = self._unread(lines[0], first_line)
        self.issues.extend(reader.issues())
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.key.text in self.entries:
                self.issues.append(duplicate_key(entry.key, self.entries[entry.key.text].key))
            else:
                self.entries[entry.key.text] = entry

    def _unread(self, line: str, number: int) -> Mapping:
        found = _SECTION.match(line)
        key = found["key"] if found else ""
        span = Span(self._file, number, 1, number, len(key) + 1)
        entry = Entry(Scalar(key.strip("\"'"), span, is_plain=True), Scalar("", span, is_plain=True, is_unread=True))
        return Mapping((entry,), span, is_flow=False)
