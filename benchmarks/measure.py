"""Timing that a busy machine does not spoil: the two sides of a ratio take turns, and medians count."""

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Work = Callable[[], object]
ROUNDS = 7
MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One measured thing.

    what: a name that says what is compared. measured: times with their units.
    ratio: of the two sides; None when there is only one. target: the ratio it should not pass.
    """

    what: str
    measured: str
    ratio: float | None = None
    target: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the ratio stays within its target."""
        return self.ratio is None or self.target is None or self.ratio <= self.target


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of seconds of two sides that took turns, and the median of each round's ratio."""

    first: float
    second: float
    ratio: float


def compare(first: Work, second: Work, rounds: int = ROUNDS) -> Compared:
    """Measure two works in turns; ratio is second to first. One round more warms up."""
    pairs = [(seconds(first), seconds(second)) for _ in range(rounds + 1)][1:]
    return Compared(
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
        median(other / one for one, other in pairs),
    )


def typical(work: Work, rounds: int = ROUNDS) -> float:
    """Return the median of seconds a work takes, after one round to warm up."""
    return median([seconds(work) for _ in range(rounds + 1)][1:])


def seconds(work: Work) -> float:
    """Return how long a work takes once, the garbage of others taken out before."""
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def table(figures: Iterable[Figure]) -> str:
    """Return figures as aligned lines under a heading."""
    rows = [("figure", "measured", "ratio", "target", "")]
    rows += [
        (each.what, each.measured, _number(each.ratio), _number(each.target, "≤ "), _mark(each)) for each in figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    what, measured, ratio, target, mark = row
    cells = (what.ljust(widths[0]), measured.rjust(widths[1]), ratio.rjust(widths[2]), target.rjust(widths[3]), mark)
    return "  ".join(cells).rstrip()


def _number(value: float | None, before: str = "") -> str:
    return "" if value is None else f"{before}{value:.2f}"


def _mark(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return "kept" if figure.is_kept else "MISSED"
