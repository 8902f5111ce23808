"""Takes in what was read of archives: chatter goes to the store at once, what is to be decided waits its turn."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from engine.model.chatter import ChatterBatch
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import RunWriter
from engine.replay.archive_message import Channel
from engine.replay.archive_tally import ReadTally
from engine.replay.columns import MICROSECONDS, Columns
from engine.replay.event_time import moment_at
from engine.replay.known_ids import KnownIds
from engine.replay.piece import Event
from engine.replay.reading import FoundPiece
from engine.replay.spool import Spool
from engine.replay.tally import Tally


@dataclass(slots=True)
class _Place:
    """One channel. chatter: how many messages of each author said nothing."""

    channel: Channel
    playbooks: tuple[LivePlaybook, ...]
    chatter: Counter[int] = field(default_factory=Counter)


class Gathering:
    """
    Everything read so far of a replay.

    spool: what is to be decided. read: how far it has come.
    """

    def __init__(self, rulebook: Rulebook, writer: RunWriter, tally: Tally) -> None:
        self.spool = Spool()
        self.read = ReadTally()
        self._rulebook = rulebook
        self._writer = writer
        self._tally = tally
        self._known = KnownIds()
        self._places: dict[Channel, _Place] = {}
        self._names: dict[str, str] = {}
        self._positions: dict[Path, int] = {}
        self._last = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.spool.__exit__()
        self._known.__exit__()

    @property
    def last(self) -> datetime | None:
        """When the last event happened, of all that was read."""
        return moment_at(self._last) if self._last else None

    def take(self, found: FoundPiece) -> None:
        """
        Take in a piece; messages that stood in an earlier one are left out.

        Raises: ArchiveError, StoreError.
        """
        piece = found.piece
        place = self._place(piece.channel)
        chatter, events = self._new(piece.channel, piece.columns, piece.events)
        self.read.messages += len(chatter) + len(events)
        self.read.skipped_system += piece.skipped
        self._count_bytes(found)
        self._take_bad_rows(found)
        self._take_chatter(place, chatter)
        for event in events:
            self.spool.add(event.moment, event.body)
            self._last = max(self._last, event.moment.at)
        self._names |= piece.names
        for message in piece.texts:
            for live in place.playbooks:
                self._tally.keep_ignored(message, live.playbook.name, message.content)

    def count(self) -> None:
        """Hand the counts of chatter, and the names of authors, on; the last call."""
        heard = {live.playbook.name for place in self._places.values() for live in place.playbooks}
        self._tally.watch(live.playbook for live in self._rulebook.playbooks if live.playbook.name in heard)
        self._writer.write_authors(self._names)
        for place in self._places.values():
            self._count_place(place)

    def _place(self, channel: Channel) -> _Place:
        if channel not in self._places:
            playbooks = self._rulebook.by_channel(channel.id, channel.parent_id)
            self._places[channel] = _Place(channel, playbooks)
        return self._places[channel]

    def _new(self, channel: Channel, chatter: Columns, events: tuple[Event, ...]) -> tuple[Columns, list[Event]]:
        """Return what was not there before; later events of a message are told apart when they are decided."""
        created = pa.array([event.moment.id for event in events if event.moment.event == 1], pa.int64())
        is_new = self._known.take(channel.id, pa.concat_arrays([chatter.ids, created]))
        if is_new is None:
            return chatter, list(events)
        is_new_event = iter(is_new.slice(len(chatter)).to_pylist())
        return (
            chatter.only(is_new.slice(0, len(chatter))),
            [event for event in events if event.moment.event > 1 or next(is_new_event)],
        )

    def _count_bytes(self, found: FoundPiece) -> None:
        furthest = self._positions.get(found.path, 0)
        self._positions[found.path] = max(furthest, found.piece.position)
        self.read.bytes_read += self._positions[found.path] - furthest

    def _take_bad_rows(self, found: FoundPiece) -> None:
        rows = [replace(row, index=found.first + row.index) for row in found.piece.bad_rows]
        self.read.bad_rows += len(rows)
        if rows:
            self._writer.write_bad_rows(rows)
        for row in rows:
            self._tally.add_bad_row(row)

    def _take_chatter(self, place: _Place, chatter: Columns) -> None:
        if not len(chatter):
            return
        self._last = max(self._last, pc.max(chatter.times).as_py())
        for entry in pc.value_counts(chatter.authors):
            place.chatter[entry["values"].as_py()] += entry["counts"].as_py()
        columns = pa.table(
            {"message_id": chatter.ids, "author_id": chatter.authors, "posted_at": chatter.times.cast(MICROSECONDS)}
        )
        for live in place.playbooks:
            self._writer.write_chatter(ChatterBatch(live.playbook.name, place.channel.id, columns))

    def _count_place(self, place: _Place) -> None:
        channel = place.channel
        if not place.playbooks:
            self._tally.add_unwatched(channel.id, channel.name, place.chatter.total())
            return
        authors = {str(author): messages for author, messages in place.chatter.items()}
        listed = {author.id for live in place.playbooks for author in live.playbook.listen.authors}
        for live in place.playbooks:
            self._tally.add_chatter(live.playbook.name, (channel.id, channel.name), authors)
        for author, messages in authors.items():
            if author not in listed:
                self._tally.add_unheard(author, self._names.get(author, ""), messages)
