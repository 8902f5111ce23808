"""What each stage of a replay costs, by itself, in microseconds."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.measure import MICROSECONDS, Figure, typical
from engine.decide.book import Book
from engine.interpret.interpreter import Interpreter
from engine.journal.store import DuckStore
from engine.model.chatter import ChatterBatch
from engine.model.message import Message
from engine.model.run import RunCounts, RunStart
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import Rulebook
from engine.replay.archive_json import Run, read_runs
from engine.replay.archive_message import RawMessage
from engine.replay.assumptions import Assumptions
from engine.replay.columns import MICROSECONDS as TIMES
from engine.replay.columns import columns_of
from engine.replay.piece import Heard, decode_heard, encode_heard
from engine.replay.sifting import Sifter

RUNS = 12
ROUNDS = 5


def stages(file: Path, rulebook: Rulebook) -> tuple[Figure, ...]:
    """Measure each stage over the first megabytes of an export."""
    runs = [run for run, _ in zip(read_runs(file, lambda _: None), range(RUNS), strict=False)]
    raws = [raw for raw in chain.from_iterable(run.entries for run in runs) if isinstance(raw, RawMessage)]
    contents = [raw.content or "" for raw in raws]
    hearing = Hearing(rulebook.by_channel(runs[0].channel.id))
    events = _events(runs, rulebook)
    messages = [event.message for event in events]
    talk, alerts = "a message", "a message that is decided"
    return (
        _figure(f"tell chatter, {talk}", partial(_each, hearing.is_chatter, contents), len(raws)),
        _figure(f"make columns, {talk}", partial(_columns, raws), len(raws)),
        _figure(f"sift as a whole, {talk}", partial(_events, runs, rulebook), len(raws)),
        _stored(f"insert chatter, {talk}", partial(_insert, raws), len(raws)),
        _figure(f"read, {alerts}", partial(_each, partial(_read, hearing), messages), len(events)),
        _figure(f"spool, {alerts}", partial(_each, _spool, events), len(events)),
        _figure(f"decide, {alerts}", partial(_decide, events, rulebook), len(events)),
        _stored(f"store, {alerts}", partial(_write, _decide(events, rulebook)), len(events)),
    )


def _figure(what: str, work: Callable[[], object], count: int) -> Figure:
    return Figure(what, f"{typical(work, ROUNDS) * MICROSECONDS / count:,.2f} µs")


def _stored(what: str, work: Callable[[DuckStore], object], count: int) -> Figure:
    with TemporaryDirectory() as name, DuckStore(Path(name) / "runs.duckdb", lambda: datetime.now(UTC)) as store:
        return _figure(what, partial(work, store), count)


def _each(work: Callable[..., object], things: Sequence[object]) -> None:
    for thing in things:
        work(thing)


def _columns(raws: Sequence[RawMessage]) -> None:
    columns_of([raw.id for raw in raws], [raw.author.id for raw in raws if raw.author], [raw.timestamp for raw in raws])


def _events(runs: Sequence[Run], rulebook: Rulebook) -> list[Heard]:
    sifter, found = Sifter(rulebook, pa.array([], pa.int64())), []
    for run in runs:
        sieve = sifter.sieve(run.channel)
        sieve.take_run(run, "", 0)
        found += [decode_heard(event.body) for event in sieve.piece(len(run.entries), 0).events]
    return found


def _read(hearing: Hearing, message: Message) -> None:
    tuple(hearing.read(message))


def _spool(heard: Heard) -> None:
    decode_heard(encode_heard(heard))


def _decide(events: Sequence[Heard], rulebook: Rulebook) -> list[object]:
    live = {each.playbook.name: each for each in rulebook.playbooks}
    sources = Assumptions().sources(timedelta(seconds=1), frozenset())
    interpreter = Interpreter(rulebook, sources, Book())
    return [
        record
        for event in events
        for record in interpreter.decide(event.message, [(live[name], reading) for name, reading in event.readings])
    ]


def _insert(raws: Sequence[RawMessage], store: DuckStore) -> None:
    ids, authors = [raw.id for raw in raws], [raw.author.id for raw in raws if raw.author]
    columns = columns_of(ids, authors, [raw.timestamp for raw in raws])
    assert columns is not None
    rows = pa.table({"message_id": columns.ids, "author_id": columns.authors, "posted_at": columns.times.cast(TIMES)})
    with store.run(RunStart("benchmark")) as writer:
        for start in range(0, len(rows), 4096):
            writer.write_chatter(ChatterBatch("channel-0", "1", rows.slice(start, 4096)))
        writer.finish(RunCounts())


def _write(records: list[object], store: DuckStore) -> None:
    with store.run(RunStart("benchmark")) as writer:
        for start in range(0, len(records), 1):
            writer.write(records[start : start + 1])
        writer.finish(RunCounts())
