"""
Random orders through the exchange at its worst: `python -m tests.soak.hostile --steps 100000 --seed 1`.

See tests.contract.hostile_orders for what is tried and what must hold. The same seed plays the same episodes.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields

from tests.contract.hostile_orders import Tally, play

_PER_EPISODE = 120


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    began = time.monotonic()
    shares = [(given.seed * 1000 + n, given.steps // given.processes + 1) for n in range(given.processes)]
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        tally = _added(pool.imap_unordered(_play, shares))  # whichever breaks first ends it
    seconds = time.monotonic() - began
    print(f"{tally.steps} steps in {seconds:.0f} s, {tally.steps / seconds:.0f} a second; nothing was broken")
    print(f"  {tally.episodes} exchanges, {tally.hours:.0f} hours there, {tally.requests} requests")
    print(f"  {tally.restarts} engines killed, {tally.resets} resets of a sandbox")
    print(f"  {tally.placed} orders reached the exchange, {tally.fills} fills")
    for name in ("ends", "refused", "struck", "facts"):
        print(f"  {name}: {_line(getattr(tally, name))}")
    return 0


def _play(share: tuple[int, int]) -> Tally:
    seed, steps = share
    return play(seed, steps, _PER_EPISODE)


def _added(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        for each in fields(Tally):
            setattr(whole, each.name, getattr(whole, each.name) + getattr(tally, each.name))
    return whole


def _line(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
