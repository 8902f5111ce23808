"""What each step of a message's path costs: first look, normalise, match, read fields, decide, store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.chat import alerts, chatter
from benchmarks.measure import MICROSECONDS, Figure, Work, table, typical
from benchmarks.playbooks import write_playbooks
from engine.decide.decide import decide
from engine.decide.facts import AlertFacts, Facts
from engine.decide.record import Record
from engine.decide.rehearsal import ASSUMED, USUAL_ACCOUNT
from engine.journal.store import DuckStore
from engine.model.activity import History
from engine.model.alert import Reading
from engine.model.message import Author, Message
from engine.model.run import RunCounts, RunStart
from engine.parse.hints import HintSet
from engine.parse.normalise import Normal
from engine.parse.reader import normal_parts
from engine.playbook.rulebook import LivePlaybook, load_rulebook

BATCH = 2_000
CHANNEL, AUTHOR = "100000000000000001", "100000000000000011"


def figures() -> tuple[Figure, ...]:
    """Measure the steps for talk and for alerts, each by itself."""
    with TemporaryDirectory() as name:
        live = load_rulebook(write_playbooks(Path(name), 1)).playbooks[0]
    return (*_steps("talk", live, chatter()), *_steps("alerts", live, alerts()))


def _steps(what: str, live: LivePlaybook, messages: Sequence[Message]) -> list[Figure]:
    heard, reader, hints = [_heard(message) for message in messages], live.reader, HintSet(live.reader.hints)
    normalise = [partial(normal_parts, message, reader.rules) for message in heard]
    texts = _results(normalise)
    match = [partial(_matched, hints, parts) for parts in texts]
    read = list(map(partial, repeat(reader.read_parts), heard, texts, _results(match)))
    judge = list(map(partial, repeat(_decided), repeat(live), heard, _results(read)))
    return [
        _figure(f"first look, {what}", [partial(hints.look, message.content) for message in heard]),
        _figure(f"normalise, {what}", normalise),
        _figure(f"match, {what}", match),
        _figure(f"read fields, {what}", read),
        _figure(f"decide, {what}", judge),
        _stored(f"store, {what}", _results(judge)),
    ]


def _results(works: Sequence[Work]) -> list[Any]:
    return [work() for work in works]


def _figure(what: str, works: Sequence[Work]) -> Figure:
    return Figure(what, f"{typical(partial(_results, works)) * MICROSECONDS / len(works):,.1f} µs")


def _matched(hints: HintSet, parts: Sequence[Normal]) -> list[tuple[int, ...]]:
    return [hints.match(part.text) for part in parts]


def _stored(what: str, records: Sequence[Record]) -> Figure:
    batch = [records[index % len(records)] for index in range(BATCH)]
    with TemporaryDirectory() as name, DuckStore(Path(name) / "runs.duckdb", lambda: datetime.now(UTC)) as store:
        took = typical(partial(_write_run, store, batch))
    return Figure(what, f"{took * MICROSECONDS / BATCH:,.1f} µs")


def _write_run(store: DuckStore, batch: Sequence[Record]) -> None:
    with store.run(RunStart(engine_version="benchmark")) as writer:
        writer.write(batch)
        writer.finish(RunCounts(messages=BATCH))


def _decided(live: LivePlaybook, message: Message, reading: Reading) -> Record:
    facts = Facts(
        now=message.at,
        content_hash=live.content_hash,
        positions=(),
        account=USUAL_ACCOUNT,
        restrictions=(),
        alerts=(AlertFacts(history=History()),) * len(reading.alerts),
        assumed=ASSUMED,
    )
    return Record(message, facts, decide(live.terms, message, reading, facts))


def _heard(message: Message) -> Message:
    return Message(message.id, CHANNEL, Author(AUTHOR, "first"), message.at, content=message.content)


if __name__ == "__main__":
    print(table(figures()))
