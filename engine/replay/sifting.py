"""
Tells what is to be decided from chatter, many messages at a time.

Most of an archive is talk. What a message is made of is looked at first, its text next, and only where that
leaves a doubt is a Message made and read, by the code that reads live ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from engine.decide.decide import is_chatter
from engine.model.alert import Reading
from engine.model.message import Message, parts_of
from engine.model.run import BadRow
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.archive_json import Run, row_of
from engine.replay.archive_message import SPOKEN, Channel, RawMessage, Unreadable, is_id, message_of
from engine.replay.columns import Columns, columns_of
from engine.replay.event_time import microseconds, moment_of
from engine.replay.piece import Event, Heard, Piece, column_bytes, encode_heard

Row = Message | BadRow | None
_Raw = RawMessage | Unreadable
_Placed = tuple[int, _Raw]
TEXTS_KEPT: Final = 3


class Sifter:
    """
    Sifts the entries of archives for the playbooks of a rulebook.

    edited: ids of messages of which more than their creation is archived; all their events are to be decided.
    """

    def __init__(self, rulebook: Rulebook, edited: pa.Int64Array) -> None:
        self._rulebook = rulebook
        self._edited = edited
        self._hearings: dict[tuple[str, str], Hearing] = {}

    def sieve(self, channel: Channel) -> "Sieve":
        """Return an empty sieve for messages of a channel."""
        place = (channel.id, channel.parent_id)
        if place not in self._hearings:
            self._hearings[place] = Hearing(self._rulebook.by_channel(*place))
        return Sieve(channel, self._hearings[place], self._edited)


class Sieve:
    """Takes in messages of one channel; what is found makes a piece."""

    def __init__(self, channel: Channel, hearing: Hearing, edited: pa.Int64Array) -> None:
        self._channel = channel
        self._hearing = hearing
        self._edited = edited
        self._chatter = [Columns.of([])]
        self._quiet: list[tuple[int, int, int]] = []
        self._names: dict[str, str] = {}
        self._texts: list[Message] = []
        self._events: list[Event] = []
        self._bad_rows: list[BadRow] = []
        self._skipped = 0

    def take_run(self, run: Run, file: str, index: int) -> None:
        """Take a run of an export. index: the place of its first entry in what is read of the file of that name."""
        odd = self._take_plain(run.entries)
        self.take_rows(row_of(raw, index + place, file, self._channel) for place, raw in odd)

    def take_columns(self, columns: Columns, contents: Sequence[str], names: Mapping[str, str]) -> list[bool]:
        """
        Take what is chatter of messages that are nothing but their contents; return which were taken.

        names: of their authors, by id.
        """
        is_quiet = list(map(self._hearing.is_chatter, contents))
        if len(self._edited):
            is_edited = pc.is_in(columns.ids, value_set=self._edited).to_pylist()
            is_quiet = [quiet and not edited for quiet, edited in zip(is_quiet, is_edited, strict=True)]
        self._chatter.append(columns if all(is_quiet) else columns.only(pa.array(is_quiet, pa.bool_())))
        self._names |= names
        return is_quiet

    def take_rows(self, rows: Iterable[Row]) -> None:
        """Take entries that were looked at one by one."""
        for row in rows:
            if row is None:
                self._skipped += 1
            elif isinstance(row, BadRow):
                self._bad_rows.append(row)
            else:
                self.take_message(row)

    def take_message(self, message: Message) -> None:
        """Read a message."""
        readings = tuple(self._hearing.read(message))
        if self._is_quiet(message, readings):
            self._quiet.append((int(message.id), int(message.author.id), microseconds(message.at)))
            self._names[message.author.id] = message.author.name
            self.keep_texts((message,))
            return
        heard = Heard(message, tuple((live.playbook.name, reading) for live, reading in readings))
        self._events.append(Event(moment_of(message), encode_heard(heard)))

    def keep_texts(self, messages: Iterable[Message]) -> None:
        """Keep a few messages that say nothing, for people to look at, as long as some playbook hears them."""
        if self._hearing.playbooks and len(self._texts) < 2 * TEXTS_KEPT:
            self._texts += [message for message in messages if parts_of(message)]

    def piece(self, entries: int, position: int) -> Piece:
        """Return what was found in so many entries. position: see Piece."""
        ids, authors, times = column_bytes(Columns.joined([*self._chatter, Columns.of(self._quiet)]))
        return Piece(
            channel=self._channel,
            entries=entries,
            skipped=self._skipped,
            bad_rows=tuple(self._bad_rows),
            ids=ids,
            authors=authors,
            times=times,
            names=self._names,
            texts=tuple(sorted(self._texts, key=moment_of)[:TEXTS_KEPT]),
            events=tuple(self._events),
            position=position,
        )

    def _take_plain(self, entries: Sequence[_Raw]) -> list[_Placed]:
        """Take what is chatter by its looks; return the other entries, each with its place, each message once."""
        # In one expression: a call for each message would cost as much as everything else here.
        is_plain = [
            type(raw) is RawMessage
            and raw.type in SPOKEN
            and not (raw.embeds or raw.attachments or raw.forwarded_message or raw.timestamp_edited)
            and raw.author is not None
            for raw in entries
        ]
        plain: list[Any] = list(compress(entries, is_plain))
        authors = [raw.author.id for raw in plain]
        columns = columns_of([raw.id for raw in plain], authors, [raw.timestamp for raw in plain])
        if columns is None:
            return _first_of_each(enumerate(entries))
        last = dict(zip(authors, plain, strict=True))
        names = {author: raw.author.name or "" for author, raw in last.items()}
        is_taken = self.take_columns(columns, [raw.content or "" for raw in plain], names)
        first = islice((raw for raw in compress(plain, is_taken) if raw.content), TEXTS_KEPT)
        self.keep_texts(message_of(raw, self._channel) for raw in first)
        taken = iter(is_taken)
        odd = [each for each, flag in zip(enumerate(entries), is_plain, strict=True) if not (flag and next(taken))]
        if odd and pc.any(pc.is_in(self._chatter[-1].ids, value_set=_ids_of(odd))).as_py():
            # Chatter that is something else elsewhere in the run: which of them counts is known by its place only.
            self._chatter.pop()
            return _first_of_each(enumerate(entries))
        return _first_of_each(odd)

    def _is_quiet(self, message: Message, readings: Sequence[tuple[LivePlaybook, Reading]]) -> bool:
        """Return whether a message can be kept as columns: chatter to everybody, and its ids are numbers as usual."""
        return (
            message.event == 1
            and all(is_chatter(message, reading) for _, reading in readings)
            and str(int(message.id)) == message.id
            and str(int(message.author.id)) == message.author.id
            and not (len(self._edited) and pc.is_in(pa.scalar(int(message.id)), value_set=self._edited).as_py())
        )


def _first_of_each(entries: Iterable[_Placed]) -> list[_Placed]:
    """Return entries, of a message that stands there twice, as in an export made of two, only the first."""
    seen: set[str | int] = set()
    first = []
    for place, raw in entries:
        if isinstance(raw, RawMessage) and raw.id is not None:
            if raw.id in seen:
                continue
            seen.add(raw.id)
        first.append((place, raw))
    return first


def _ids_of(entries: Iterable[_Placed]) -> pa.Int64Array:
    ids = (str(raw.id) for _, raw in entries if isinstance(raw, RawMessage))
    return pa.array([int(number) for number in ids if is_id(number)], pa.int64())
