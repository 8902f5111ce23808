"""
Read a million arbitrary messages: nothing may raise, and every reading keeps its promises (S-611, S-612).

    python tests/soak/messages.py --count 1000000 --seed 1 --processes 2

Prints what came back and what a kilobyte costs; exits 1 when anything broke.
"""

import argparse
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from time import perf_counter

from engine.model.alert import Reading
from engine.parse.reader import Reader
from tests.corpus.promises import broken_promises
from tests.corpus.rows import corpus_rows
from tests.corpus.shipped import shipped_reader
from tests.soak.forge import Forge
from tests.soak.lengths import costs_by_length

CHUNK = 2_000
SHOWN = 20
WORST_RATIO = 1.5


@dataclass(slots=True)
class Report:
    """What came back. slowest: seconds of the slowest message. failures: index and what broke."""

    seen: Counter[str] = field(default_factory=Counter)
    characters: int = 0
    slowest: float = 0.0
    slowest_index: int = 0
    failures: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Take in what another stretch of messages gave."""
        self.seen += other.seen
        self.characters += other.characters
        self.failures += other.failures
        if other.slowest > self.slowest:
            self.slowest, self.slowest_index = other.slowest, other.slowest_index


@cache
def _reader() -> Reader:
    """A reader that has compiled what it needs, so that no message pays for that."""
    reader = shipped_reader()
    for row in corpus_rows():
        reader.read(row.message)
    return reader


@cache
def _forge(seed: int) -> Forge:
    return Forge(seed)


def read_stretch(seed: int, start: int, end: int) -> Report:
    """Make and read messages `start` to `end` of a seed."""
    report = Report()
    for index in range(start, end):
        _read_one(seed, index, report)
    return report


def _read_one(seed: int, index: int, report: Report) -> None:
    message, reader = _forge(seed).message(index), _reader()
    report.characters += len(message.content)
    begun = perf_counter()
    try:
        reading = reader.read(message)
    except Exception:  # noqa: BLE001 - the soak test exists to find whatever is raised
        report.failures.append((index, traceback.format_exc(limit=-2).strip()))
        return
    took = perf_counter() - begun
    if took > report.slowest:
        report.slowest, report.slowest_index = took, index
    report.seen[_kind(reading)] += 1
    report.failures += [(index, broken) for broken in broken_promises(message, reading)]


def _kind(reading: Reading) -> str:
    if reading.refusal:
        return f"refused: {reading.refusal.code}"
    return "read" if reading.alerts else "quiet"


def _stretches(count: int, seed: int, processes: int) -> Iterator[Report]:
    starts = range(0, count, CHUNK)
    ends = [min(start + CHUNK, count) for start in starts]
    if processes == 1:
        yield from map(read_stretch, [seed] * len(starts), starts, ends)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(read_stretch, [seed] * len(starts), starts, ends)


def run(count: int, seed: int, processes: int) -> Report:
    """Read that many messages, telling stderr how far it is."""
    total, begun, told = Report(), perf_counter(), 0
    for number, report in enumerate(_stretches(count, seed, processes), 1):
        total.add(report)
        done = min(number * CHUNK, count)
        if sys.stderr.isatty() or done * 20 // count > told:
            told = done * 20 // count
            _tell(done, count, done / (perf_counter() - begun))
    return total


def _tell(done: int, count: int, speed: float) -> None:
    end = "\r" if sys.stderr.isatty() and done < count else "\n"
    print(f"{done:>9,} of {count:,} · {speed:,.0f} a second", end=end, file=sys.stderr, flush=True)


def _print(total: Report, count: int, seed: int) -> None:
    print(f"{count:,} messages of seed {seed}, {total.characters / 1e6:.1f} million characters")
    for kind, number in total.seen.most_common():
        print(f"  {number:>9,}  {kind}")
    print(f"slowest message: {total.slowest * 1e3:.1f} ms (index {total.slowest_index})")
    print(f"broken: {len(total.failures)}")
    for index, what in total.failures[:SHOWN]:
        print(f"  index {index}: {what}")


def _print_costs() -> float:
    costs = costs_by_length(_reader())
    print("\nµs per 1,000 bytes       at 1 kB  at 16 kB  ratio")
    for cost in costs:
        print(f"  {cost.kind:20} {cost.short:>9.1f} {cost.long:>9.1f} {cost.ratio:>6.2f}")
    short, long = (sum(chain(values)) for values in ((cost.short for cost in costs), (cost.long for cost in costs)))
    print(f"  {'all together':20} {short:>9.1f} {long:>9.1f} {long / short:>6.2f}   (at most {WORST_RATIO})")
    return max(cost.ratio for cost in costs)


def main() -> int:
    """Run the soak test and return the exit code."""
    parser = argparse.ArgumentParser(description="Read arbitrary messages; nothing may raise.")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    total = run(options.count, options.seed, options.processes)
    _print(total, options.count, options.seed)
    worst = _print_costs()
    return 1 if total.failures or worst > WORST_RATIO else 0


if __name__ == "__main__":
    sys.exit(main())
