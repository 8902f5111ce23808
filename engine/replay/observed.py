"""A store that lets others see what is written to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from engine.decide.record import Record
from engine.model.chatter import ChatterBatch
from engine.model.position import Closed
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart
from engine.ports import RunWriter, Store


class Observer(Protocol):
    """Somebody who sees every decision of a replay, in order."""

    def add(self, records: Iterable[Record]) -> None:
        """See decisions."""
        ...

    def add_chatter(self, batch: ChatterBatch) -> None:
        """See messages that say nothing."""
        ...


class ObservedStore:
    """Passes everything on to a store, and shows it to observers."""

    def __init__(self, store: Store, observers: Sequence[Observer]) -> None:
        self._store = store
        self._observers = observers

    @contextmanager
    def run(self, start: RunStart) -> Iterator[RunWriter]:
        """Begin a run in the store."""
        with self._store.run(start) as writer:
            yield _ObservedWriter(writer, self._observers)


class _ObservedWriter:
    def __init__(self, writer: RunWriter, observers: Sequence[Observer]) -> None:
        self._writer = writer
        self._observers = observers

    @property
    def run_id(self) -> int:
        return self._writer.run_id

    def write(self, records: Iterable[Record]) -> None:
        kept = tuple(records)
        for observer in self._observers:
            observer.add(kept)
        self._writer.write(kept)

    def write_chatter(self, batch: ChatterBatch) -> None:
        for observer in self._observers:
            observer.add_chatter(batch)
        self._writer.write_chatter(batch)

    def write_authors(self, names: Mapping[str, str]) -> None:
        self._writer.write_authors(names)

    def write_closed(self, closed: Iterable[Closed]) -> None:
        self._writer.write_closed(closed)

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        self._writer.write_bad_rows(rows)

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        self._writer.write_pattern_hits(hits)

    def finish(self, counts: RunCounts) -> None:
        self._writer.finish(counts)


class NoStore:
    """A store that keeps nothing: for replays that are only looked at."""

    @contextmanager
    def run(self, start: RunStart) -> Iterator[RunWriter]:
        """Begin a run that leaves nothing behind."""
        yield _NoWriter()


class _NoWriter:
    run_id = 0

    def write(self, records: Iterable[Record]) -> None:
        pass

    def write_chatter(self, batch: ChatterBatch) -> None:
        pass

    def write_authors(self, names: Mapping[str, str]) -> None:
        pass

    def write_closed(self, closed: Iterable[Closed]) -> None:
        pass

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        pass

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        pass

    def finish(self, counts: RunCounts) -> None:
        pass
