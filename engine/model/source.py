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
