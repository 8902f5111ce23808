"""Whether a long text costs more per kilobyte than a short one: it must not."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from engine.model.message import Message
from engine.parse.reader import Reader
from tests.corpus.rows import message_of

SHORT, LONG = 1_000, 16_000
ORDER = "BTO SPY 660c 11/27 @ 1.2\n"
KINDS = {
    "chatter": "the tape is slow today, watching 660 and 655 on SPY, patience. ",
    "chatter, one order": "the tape is slow today, watching the levels, patience. ",
    "orders": ORDER,
    "spreads": "STO SPX 6850P / BTO SPX 6840P / STO SPX 6950C / BTO SPX 6960C 11/27 @ 2.20 Credit\n",
    "one number": "7",
    "numbers": "660 1.2 11/27 ",
    "actions": "BTO ",
    "spaces": " ",
    "points": ".",
    "at signs": "@ ",
    "slashes": "1/",
    "capital letters": "A",
    "markdown": "**~~`__",
    "brackets": "[](",
    "mentions": "<@&845120934512304> ",
    "emoji": "🚀",
    "other scripts": "購入しました ",
}


@dataclass(frozen=True, slots=True)
class LengthCost:
    """Microseconds per 1,000 bytes of one kind of text, short and long."""

    kind: str
    short: float
    long: float

    @property
    def ratio(self) -> float:
        """How many times dearer a kilobyte of the long text is."""
        return self.long / self.short


def costs_by_length(reader: Reader, rounds: int = 7) -> tuple[LengthCost, ...]:
    """Measure every kind of text, short and long in turn, medians of the rounds."""
    return tuple(_cost(reader, kind, rounds) for kind in KINDS)


def text_of(kind: str, size: int) -> str:
    """Return a text of one kind that is that many bytes long, give or take a character."""
    piece = KINDS[kind]
    text = (piece * (size // len(piece) + 1)).encode()[:size].decode(errors="ignore")
    return text[: -len(ORDER)] + "\n" + ORDER[:-1] if kind == "chatter, one order" else text


def _cost(reader: Reader, kind: str, rounds: int) -> LengthCost:
    short, long = message_of(text_of(kind, SHORT)), message_of(text_of(kind, LONG))
    times = LONG // SHORT
    rows = [(_seconds(reader.read, short, times), _seconds(reader.read, long, 1)) for _ in range(rounds + 1)][1:]
    return LengthCost(kind, *(median(column) * 1e6 / times for column in zip(*rows, strict=True)))


def _seconds(read: Callable[[Message], object], message: Message, times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        read(message)
    return perf_counter() - start
