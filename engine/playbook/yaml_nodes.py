"""The nodes of a YAML text: every scalar kept as text, everything with its place."""

import re
from dataclasses import dataclass
from typing import Final

from engine.model.source import Span

_LINE_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """
    A single value, as text.

    is_plain: written without quotes and not as a block. An absent value is plain and empty.
    is_unread: it stands for something that could not be read and was reported; its text means nothing.
    """

    text: str
    span: Span
    is_plain: bool
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list. is_flow: written with brackets."""

    items: "tuple[Node, ...]"
    span: Span
    is_flow: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping and its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in file order; no key stands twice. is_flow: written with braces."""

    entries: tuple[Entry, ...]
    span: Span
    is_flow: bool


Node = Scalar | Sequence | Mapping


def source_lines(text: str) -> list[str]:
    """Return the lines of a YAML text, divided as spans count them."""
    return _LINE_BREAK.split(text.removeprefix("\ufeff"))
