"""
Every figure in one table; each script in a process of its own, one after another.

    python -m benchmarks [SCRIPT...]
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from math import inf
from multiprocessing import get_context

from benchmarks.measure import Figure, table

SCRIPTS = ("matching", "load", "reading", "stages", "length", "journaling", "replaying", "dashboards", "sending")


def figures_of(script: str) -> tuple[Figure, ...]:
    """Run one script and return what it measured."""
    measured: tuple[Figure, ...] = import_module(f"benchmarks.{script}").figures()
    return measured


def _failed(script: str, failure: BaseException) -> Figure:
    print(f"{script}: {type(failure).__name__}: {failure}", file=sys.stderr)
    return Figure(script, "could not be measured", ratio=inf, target=1.0)


def main(wanted: Sequence[str] = ()) -> int:
    """Measure the scripts named, or everything; 1 when a target is missed, 2 when there is no such script."""
    unknown = [script for script in wanted if script not in SCRIPTS]
    if unknown:
        print(f"no script {', '.join(unknown)}; there are {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for script in wanted or SCRIPTS:
        print(f"measuring {script} …", file=sys.stderr)
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            measuring = alone.submit(figures_of, script)
            failure = measuring.exception()
        figures += measuring.result() if failure is None else [_failed(script, failure)]
    print(table(figures))
    return 0 if all(figure.is_kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
