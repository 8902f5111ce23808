"""
Every figure in one table; each script in a process of its own, one after another.

    python -m benchmarks
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from math import inf
from multiprocessing import get_context

from benchmarks.measure import Figure, table

SCRIPTS = ("matching", "load", "reading", "stages", "length")


def figures_of(script: str) -> tuple[Figure, ...]:
    """Run one script and return what it measured."""
    measured: tuple[Figure, ...] = import_module(f"benchmarks.{script}").figures()
    return measured


def _failed(script: str, failure: BaseException) -> Figure:
    print(f"{script}: {type(failure).__name__}: {failure}", file=sys.stderr)
    return Figure(script, "could not be measured", ratio=inf, target=1.0)


def main() -> int:
    """Measure everything; 1 when a target is missed."""
    figures: list[Figure] = []
    for script in SCRIPTS:
        print(f"measuring {script} …", file=sys.stderr)
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            measuring = alone.submit(figures_of, script)
            failure = measuring.exception()
        figures += measuring.result() if failure is None else [_failed(script, failure)]
    print(table(figures))
    return 0 if all(figure.is_kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
