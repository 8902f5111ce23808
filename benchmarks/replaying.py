"""
Replaying a generated export, against orjson.loads of the same file in 4 MB blocks with the collector off (BASE).

The export holds talk, a quarter of it with markup, emoji or links, and one alert in twenty messages; the playbook has
two hundred patterns. What is compiled when first used is compiled before the clock starts.
"""

import gc
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.exports import MEGABYTE, write_export, write_playbook
from benchmarks.measure import Figure, compare, table
from benchmarks.replay_stages import stages
from engine.journal.store import DuckStore
from engine.playbook.rulebook import Rulebook, load_rulebook
from engine.replay.archive_convert import convert
from engine.replay.archive_files import archives_in
from engine.replay.archive_json import read_runs
from engine.replay.run import ReplayOptions, replay

SIZE, LARGER = 60 * MEGABYTE, 240 * MEGABYTE
SMALL, BIG = 20 * MEGABYTE, 500 * MEGABYTE
ROUNDS = 5
MOST_MEMORY = 60 * MEGABYTE
_BLOCK = 4 << 20
_MESSAGE_END = b"\n    },"


def figures() -> tuple[Figure, ...]:
    """Measure speed, what two processes gain, memory, and the stages."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_playbook(folder)
        rulebook = load_rulebook([folder])
        speed = tuple(_speed(folder, rulebook))
        return (*speed, _processes(folder, rulebook), *_memory(folder), *stages(folder / "mixed.json", rulebook))


def _speed(folder: Path, rulebook: Rulebook) -> Iterator[Figure]:
    mixed, talk, parquet = folder / "mixed.json", folder / "talk.json", folder / "mixed.parquet"
    counts = write_export(mixed, SIZE), write_export(talk, SIZE, with_alerts=False)
    list(convert(archives_in([mixed]), parquet))
    with _store(folder) as store:
        yield _against_base("typed decoding alone", mixed, counts[0], partial(_decode, mixed), 0.5)
        for what, file, count, target in (
            ("replay, every decision in DuckDB", mixed, counts[0], 1.6),
            ("replay of talk only", talk, counts[1], 1.1),
            ("replay from Parquet", parquet, counts[0], 0.7),
        ):
            exported = talk if file is talk else mixed
            work = partial(_replay, file, rulebook, store)
            yield _against_base(what, exported, count, work, target)


def _processes(folder: Path, rulebook: Rulebook) -> Figure:
    file = folder / "larger.json"
    count = write_export(file, LARGER)
    with _store(folder) as store:
        one, two = (partial(_replay, file, rulebook, store, processes) for processes in (1, 2))
        took = compare(one, two, ROUNDS)
    measured = f"{took.first * 1e6 / count:,.2f} → {took.second * 1e6 / count:,.2f} µs"
    return Figure("replay of 240 MB, one process → two", measured, took.ratio, 0.67)


def _memory(folder: Path) -> Iterator[Figure]:
    peaks = []
    for size in (SMALL, BIG):
        file = folder / "memory.json"
        write_export(file, size)
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            peaks.append(alone.submit(memory_of, folder, file).result())
        what = f"memory above what imports take, replay of {size // MEGABYTE} MB"
        yield Figure(what, f"{peaks[-1] / MEGABYTE:,.0f} MB", peaks[-1] / MOST_MEMORY, 1.0)
    measured = f"{peaks[0] / MEGABYTE:,.0f} → {peaks[1] / MEGABYTE:,.0f} MB"
    yield Figure("memory at 20 MB → at 500 MB", measured, peaks[1] / peaks[0], 1.1)


def memory_of(folder: Path, file: Path) -> int:
    """Return by how many bytes the largest memory of a replay exceeds what the process had before it."""
    rulebook = load_rulebook([folder])
    gc.collect()
    before = _status("VmRSS")
    with _store(folder) as store:
        _replay(file, rulebook, store)
    return _status("VmHWM") - before


def _status(what: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def _against_base(what: str, file: Path, count: int, work: partial[object], target: float) -> Figure:
    took = compare(partial(_base, file), work, ROUNDS)
    measured = f"{took.first * 1e6 / count:,.2f} → {took.second * 1e6 / count:,.2f} µs"
    return Figure(f"BASE → {what}", measured, took.ratio, target)


def _base(file: Path) -> None:
    gc.disable()
    try:
        for block in _blocks(file):
            orjson.loads(block)
    finally:
        gc.enable()


def _blocks(file: Path) -> Iterator[bytes]:
    rest = b""
    with file.open("rb") as opened:
        rest = opened.read(_BLOCK).split(b'"messages": [', 1)[1]
        while block := opened.read(_BLOCK):
            text = rest + block
            end = text.rfind(_MESSAGE_END) + len(_MESSAGE_END)
            yield b"[%b]" % text[: end - 1]
            rest = text[end:]
    yield b"[%b]" % rest[: rest.rindex(b"\n  ]")]


def _decode(file: Path) -> None:
    for _ in read_runs(file, lambda _: None):
        pass


def _replay(file: Path, rulebook: Rulebook, store: DuckStore, processes: int = 1) -> None:
    replay(rulebook, archives_in([file]), store, ReplayOptions("benchmark", processes=processes), lambda _: None)


@contextmanager
def _store(folder: Path) -> Iterator[DuckStore]:
    with TemporaryDirectory(dir=folder) as name, DuckStore(Path(name) / "runs.duckdb", _now) as store:
        yield store


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    print(table(figures()))
