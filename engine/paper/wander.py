"""A price's path without a memory: any moment of it follows from a seed alone."""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from math import sqrt
from typing import Final

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_YEAR: Final = 365.0 * 86400
_SCALE: Final = 0.9  # makes a day's change about as wide as a random walk's
# Periods in seconds, up to some seven weeks, and how wide the noise of each is.
_OCTAVES: Final = tuple((4.0**power, _SCALE * sqrt(4.0**power / _YEAR)) for power in range(12))


def wander(name: str, moment: datetime) -> float:
    """
    Return where a path stands at a moment, in standard deviations of one year: 0 is its anchor.

    It is bounded, about a random walk from seconds up to weeks, and returns to its anchor over months: smooth
    noise of periods from a second to seven weeks added up, each as wide as the root of its period.
    """
    seconds = (moment - _EPOCH).total_seconds()
    return sum(width * _noise(name, octave, seconds / period) for octave, (period, width) in enumerate(_OCTAVES))


def _noise(name: str, octave: int, place: float) -> float:
    """Return noise between -1 and 1 that changes smoothly from one whole place to the next."""
    start = int(place // 1)
    part = place - start
    smooth = part * part * (3 - 2 * part)
    left, right = lattice(name, octave, start), lattice(name, octave, start + 1)
    return left + (right - left) * smooth


@lru_cache(maxsize=65536)
def lattice(name: str, octave: int, place: int) -> float:
    """Return the noise of one whole place: evenly between -1 and 1."""
    digest = blake2b(f"{name}/{octave}/{place}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / (1 << 47) - 1
