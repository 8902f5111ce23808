"""Loading playbooks, against composing the same files to nodes and doing nothing with them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.measure import Figure, compare, table
from benchmarks.playbooks import write_playbooks
from engine.playbook.rulebook import load_rulebook

MANY, SOME = 1_000, 100
ROUNDS = 5
TARGET = 6.0


def figures() -> tuple[Figure, ...]:
    """Measure without and with examples, which run on every load, and against the Python composer."""
    return (
        _figure(MANY, yaml.CSafeLoader, with_examples=False, target=TARGET),
        _figure(SOME, yaml.CSafeLoader, with_examples=True, target=TARGET),
        _figure(SOME, yaml.SafeLoader, with_examples=False, target=None),
    )


def _figure(count: int, loader: type, *, with_examples: bool, target: float | None) -> Figure:
    with TemporaryDirectory() as name:
        files = write_playbooks(Path(name), count, with_examples=with_examples)
        took = compare(partial(_compose, files, loader), partial(_load, Path(name), count), ROUNDS)
    examples = "with 2 examples each" if with_examples else "without examples"
    measured = f"{took.first * 1e3:,.0f} → {took.second * 1e3:,.0f} ms"
    return Figure(f"{loader.__name__} compose → load, {count:,} playbooks {examples}", measured, took.ratio, target)


def _compose(files: Sequence[Path], loader: type) -> None:
    for file in files:
        yaml.compose(file.read_text(encoding="utf-8"), Loader=loader)


def _load(folder: Path, count: int) -> None:
    rulebook = load_rulebook([folder])
    if len(rulebook.playbooks) != count:
        raise SystemExit("\n".join(f"{issue.span}: {issue.code}: {issue.message}" for issue in rulebook.issues[:5]))


if __name__ == "__main__":
    print(table(figures()))
