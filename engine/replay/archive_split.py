"""
A JSON export cut into runs of whole messages, without ever holding the file.

The document is {…, "messages": [message, message, …], …}. What stands outside the list of messages
is small and kept (the frame); the list is handed on a few hundred messages at a time, as text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

FRAME_LIMIT: Final = 16 << 20
MESSAGE_LIMIT: Final = 16 << 20

# Everything up to the next bracket or brace that does not stand inside a string. Possessive: each
# byte is looked at once, whatever the file holds.
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NEXT: Final = re.compile(rb'(?:[^"\[\]{}]*+' + _STRING + rb')*+[^"\[\]{}]*+([\[\]{}])', re.DOTALL)
_KEY: Final = re.compile(rb'"messages"\s*:\s*\Z')
_INDENTED: Final = re.compile(rb'\n([ \t]+)"messages": ?\[\Z')
_OPENERS: Final = (b"[", b"{")


class CutShort(Exception):
    """The file ends before its document does."""


class TooLarge(Exception):
    """One message, or what stands around the messages, is larger than any export's."""


@dataclass(slots=True)
class Frame:
    """
    The document without its messages.

    before, after: the text up to and with the opening bracket of the list, and from its closing
    one; before holds everything when there is no list. has_messages: the list was found.
    """

    before: bytes = b""
    after: bytearray = field(default_factory=bytearray)
    has_messages: bool = False


@dataclass(slots=True)
class _Brackets:
    """Walks over brackets and braces outside strings. depth: how many are open. position: in the text."""

    depth: int = 0
    position: int = 0

    def step(self, text: bytes) -> bytes:
        """Move behind the next bracket and return it; b"" when the text holds no further one."""
        match = _NEXT.match(text, self.position)
        if match is None:
            return b""
        self.position = match.end()
        bracket = match.group(1)
        self.depth += 1 if bracket in _OPENERS else -1
        return bracket


class Finder(Protocol):
    """Finds where the messages in a text end that starts inside the list, between two messages."""

    def find(self, text: bytes) -> tuple[int, bool]:
        """Return the end of the last whole message (0: none), or of the list and True."""
        ...


class BracketFinder:
    """Counts brackets: right for every JSON document."""

    def __init__(self) -> None:
        self._brackets = _Brackets()

    def find(self, text: bytes) -> tuple[int, bool]:
        """See Finder. Expects the text of the call before, less what was found in it, and more."""
        brackets = self._brackets
        end = 0
        while brackets.step(text):
            if brackets.depth < 0:
                return brackets.position - 1, True
            if brackets.depth == 0:
                end = brackets.position
        brackets.position -= end
        return end, False


class IndentFinder:
    """
    Looks for the line that ends a message: only right where every line is indented by its depth.

    Line breaks inside strings are escaped in JSON, so such a line can be nothing else; a document
    of mixed layout gives pieces that are not JSON, which tells it apart.
    """

    def __init__(self, indent: bytes) -> None:
        self._message_end = message_end(indent)
        self._list_end = b"\n" + indent + b"]"

    def find(self, text: bytes) -> tuple[int, bool]:
        """See Finder."""
        list_end = text.find(self._list_end)
        if list_end >= 0:
            return list_end + len(self._list_end) - 1, True
        end = text.rfind(self._message_end)
        return (end + len(self._message_end) - 1, False) if end >= 0 else (0, False)


def message_end(indent: bytes) -> bytes:
    """Return what ends a message that another follows, where a level is indented so."""
    return b"\n" + indent * 2 + b"},"


def split(blocks: Iterator[bytes], frame: Frame, *, trust_indent: bool) -> Iterator[bytes]:
    """
    Yield runs of whole messages as text, "{…}, {…}", those after the first led by their comma.

    frame: filled while reading; complete when the iterator ends.
    trust_indent: find messages by their indentation where the file looks indented: faster, and
    wrong pieces where it is indented inconsistently.
    Raises: CutShort, TooLarge.
    """
    text = read_before(blocks, frame)
    if not frame.has_messages:
        return
    finder = _finder(frame.before, text) if trust_indent else BracketFinder()
    is_closed = False
    while not is_closed:
        end, is_closed = finder.find(text)
        if end:
            yield text[:end]
            text = text[end:]
        if len(text) > MESSAGE_LIMIT:
            raise TooLarge
        if not is_closed:
            text += _next_block(blocks)
    read_after(text, blocks, frame)


def _finder(before: bytes, text: bytes) -> Finder:
    indent = indent_of(before, text)
    return IndentFinder(indent) if indent else BracketFinder()


def indent_of(before: bytes, text: bytes) -> bytes:
    """Return by what one level is indented, judged by what stands before the messages and where they begin; or b""."""
    indent = _INDENTED.search(before)
    if indent is None or not re.match(rb"\r?\n" + indent.group(1) * 2 + rb"\{", text):
        return b""
    return indent.group(1)


def read_before(blocks: Iterator[bytes], frame: Frame) -> bytes:
    """
    Read up to the first message and fill what stands before it; return what was read further.

    Raises: CutShort, TooLarge.
    """
    brackets = _Brackets()
    text = b""
    for block in blocks:
        text += block
        while bracket := _step_at_top(brackets, text):
            if bracket == b"[" and brackets.depth == 2 and _KEY.search(text, 0, brackets.position - 1):
                frame.before, frame.has_messages = text[: brackets.position], True
                return text[brackets.position :]
        frame.before = text
        if len(text) > FRAME_LIMIT:
            raise TooLarge
    if brackets.depth > 0:
        raise CutShort
    return b""


def _step_at_top(brackets: _Brackets, text: bytes) -> bytes:
    # A document that is a list, or one that has ended, has no messages where we look for them.
    return brackets.step(text) if brackets.depth >= 0 else b""


def read_after(text: bytes, blocks: Iterator[bytes], frame: Frame) -> None:
    """
    Read what follows the messages, from the closing bracket of their list on, and fill the frame.

    Raises: CutShort, TooLarge.
    """
    brackets = _Brackets(depth=2)
    frame.after += text
    for block in blocks:
        frame.after += block
        if len(frame.after) > FRAME_LIMIT:
            raise TooLarge
    after = bytes(frame.after)
    while brackets.step(after):
        pass
    if brackets.depth > 0:
        raise CutShort


def _next_block(blocks: Iterator[bytes]) -> bytes:
    block = next(blocks, None)
    if block is None:
        raise CutShort
    return block
