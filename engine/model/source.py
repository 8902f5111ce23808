"""Where things are written: a stretch of a file, or of a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """
    A stretch of a text file.

    line, column: of the first character, counted from 1.
    end_line, end_column: of the character after the last one.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def within(self, text: str, start: int, end: int) -> "Span":
        """
        Return where characters start to end of `text` stand, this being the span of `text` as a YAML value.

        The whole span when that cannot be told: a value over several lines, or quoted with escapes.
        """
        quotes = self.end_column - self.column - len(text)
        if self.line != self.end_line or quotes not in (0, 2) or not 0 <= start < end <= len(text):
            return self
        column = self.column + quotes // 2
        return Span(self.file, self.line, column + start, self.line, column + end)


@dataclass(frozen=True, slots=True)
class Place:
    """
    A stretch of a message's raw text.

    part: which text of the message ("content", "embed 1", …; see `message.Part`).
    start, end: offsets in code points into that part's raw text; end is exclusive.
    """

    part: str
    start: int
    end: int
