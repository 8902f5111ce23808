"""
The append-only log: one writer, numbered segments, every entry tied to all before it.

    000001.log, 000002.log …    the entries (see chain)
    head                        the last entry known to be on disk, the local witness
    lock                        held by the writer
    000002.torn-4711            what a repair cut off
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final, Self

from engine.journal.chain import BEFORE_FIRST, HEADER, chain_hash, framed, payload_of
from engine.journal.disk import NO_ROOM, fsync_failed, journal_error, journal_full, translated
from engine.journal.head import Head
from engine.journal.lock import take_lock
from engine.journal.reading import read_entries as read_entries
from engine.journal.recovery import Recovered, Repair, recover
from engine.journal.segment_file import SegmentFile
from engine.journal.segments import SegmentHeader, segment_path
from engine.model.entry import Entry, EntryKind, Witness
from engine.model.errors import InvariantBroken, JournalError

_MEBIBYTE: Final = 1 << 20
_AHEAD: Final = _MEBIBYTE
_BETWEEN_HEADS: Final = timedelta(seconds=1)


class JournalLog:
    """
    The journal, open for writing by this process alone; any of its threads may call.

    repairs: what a crash had left at the end and was cut off when it was opened; to be told to a person.
    After a failed sync every call but `close` raises: what is on disk is known again only after a new start.
    """

    repairs: tuple[Repair, ...]

    def __init__(self, folder: Path, clock: Callable[[], datetime], *, segment_bytes: int, reserve_bytes: int) -> None:
        self._folder = folder
        self._clock = clock
        self._segment_bytes = segment_bytes
        self._reserve = reserve_bytes
        self._writing = Lock()
        self._syncing = Lock()
        self._broken: JournalError | None = None
        self._is_closed = False
        self._head_at: datetime | None = None
        with translated(folder), ExitStack() as held:
            folder.mkdir(parents=True, exist_ok=True)
            held.callback(os.close, take_lock(folder))
            self._go_on(recover(folder), held)
            self._is_full = not self._segment.grow(reserve_bytes)
            self._held = held.pop_all()

    def _go_on(self, found: Recovered, held: ExitStack) -> None:
        self.repairs = found.repairs
        self._last = found.last.entry() if found.last else None
        self._hash = found.last.hash if found.last else BEFORE_FIRST
        self._segment = SegmentFile(segment_path(self._folder, found.number), found.end)
        held.callback(lambda: self._segment.close())
        self._segment.sync()
        self._synced = self._seq
        self._head = Head(self._folder)
        held.callback(self._head.close)
        self._write_head(self._last)

    @classmethod
    def open(
        cls,
        folder: Path,
        clock: Callable[[], datetime],
        *,
        segment_bytes: int = 64 * _MEBIBYTE,
        reserve_bytes: int = _MEBIBYTE,
    ) -> Self:
        """
        Open the journal in a folder, or begin one; a torn end is repaired, see `repairs`.

        clock: tells the aware UTC time of entries. segment_bytes: a segment is closed before it grows beyond.
        reserve_bytes: of room that only urgent entries may use once the disk is full.

        Raises: JournalError.
        """
        return cls(folder, clock, segment_bytes=segment_bytes, reserve_bytes=reserve_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def last(self) -> Entry | None:
        """The last entry appended, on disk or not yet; None in a new journal."""
        return self._last

    @property
    def can_open(self) -> bool:
        """Whether openings may go on: not after a full disk or a failed sync, until the journal is opened again."""
        return not (self._is_full or self._broken or self._is_closed)

    @property
    def can_spare(self) -> bool:
        """Whether more than half of the reserve is there; the other half is for what is acted on."""
        return self._segment.room > self._reserve // 2

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        """
        Add an entry and return it; it is acknowledged by the next `sync`, not before.

        urgent: closes and cancels, which may use the reserve when the disk is full, and what is refused, as long as it
        can spare that.

        Raises: JournalError, with nothing added; ValueError, when it is larger than an entry can be.
        """
        with self._writing:
            self._check_usable()
            at = self._clock()
            seq = self._seq + 1
            payload = payload_of(seq, self._synced, at, (kind.encode(), run.encode()), body)
            self._make_room(HEADER.size + len(payload), urgent=urgent)
            digest = chain_hash(self._hash, payload)
            self._write(framed(digest, payload))
            self._hash = digest
            self._last = Entry(seq, at, kind, run, body, digest.hex())
            return self._last

    def sync(self) -> None:
        """
        Return when every entry appended before the call is on disk; threads that wait together share one sync.

        Raises: JournalError (journal_fsync_failed); the disk is never asked again.
        """
        wanted = self._seq
        with self._syncing:
            self._check_usable()
            if self._synced < wanted:
                self._sync()

    def close(self) -> None:
        """
        Sync, write the head, and let other processes write.

        Raises: JournalError, when the sync fails; it is closed all the same.
        """
        with self._writing, self._syncing:
            if self._is_closed:
                return
            self._is_closed = True
            with self._held:
                if not self._broken:
                    self._sync()
                    self._write_head(self._last)

    @property
    def _seq(self) -> int:
        return self._last.seq if self._last else 0

    def _check_usable(self) -> None:
        if self._is_closed:
            raise InvariantBroken(f"the journal in {self._folder} is closed")
        if self._broken:
            raise JournalError(self._broken.code, self._broken.message, self._broken.remedy)

    def _make_room(self, size: int, *, urgent: bool) -> None:
        if not self._is_full:
            self._is_full = not self._has_room(size)
        if self._is_full and not urgent:
            raise journal_full(self._folder)
        if self._segment.room < size and not self._grow(size):
            raise journal_full(self._folder, "the reserve is used up")

    def _has_room(self, size: int) -> bool:
        if not self._segment.is_empty and self._segment.end + size > self._segment_bytes and not self._rotate(size):
            return False
        needed = size + self._reserve
        return self._segment.room >= needed or self._grow(needed + min(_AHEAD, self._segment_bytes))

    def _grow(self, room: int) -> bool:
        with translated(self._folder):
            return self._segment.grow(room)

    def _rotate(self, size: int) -> bool:
        """Go on in a new segment; False when the disk is full."""
        header = SegmentHeader(self._segment.number + 1, self._seq + 1, self._hash)
        # The end of a segment is on disk before the next one is there: only the last can ever be torn.
        with self._syncing, translated(self._folder):
            self._sync()
            try:
                new = SegmentFile.begin(self._folder, header, size + self._reserve)
            except OSError as error:
                if error.errno in NO_ROOM and not segment_path(self._folder, header.number).exists():
                    return False
                raise self._break(journal_error(self._folder, error)) from error
            old, self._segment = self._segment, new
            old.finish()
        return True

    def _write(self, frame: bytes) -> None:
        try:
            self._segment.write(frame)
        except OSError as error:
            refused = journal_error(self._folder, error)
            if error.errno not in NO_ROOM:
                raise self._break(refused) from error
            # Some file systems need new blocks even for bytes that have their place.
            self._is_full = True
            raise refused from error

    def _sync(self) -> None:
        last = self._last
        try:
            self._segment.sync()
        except OSError as error:
            raise self._break(fsync_failed(self._folder, error)) from error
        if last is not None:
            self._synced = last.seq
            if self._head_at is None or abs(last.at - self._head_at) >= _BETWEEN_HEADS:
                self._write_head(last)

    def _break(self, error: JournalError) -> JournalError:
        """Nothing is known of the disk any more: every call from here on raises this."""
        self._broken = error
        return error

    def _write_head(self, last: Entry | None) -> None:
        """last: an entry that is on disk."""
        if last is not None:
            self._head_at = last.at
            # The head only witnesses: the entries are on disk without it.
            with suppress(OSError):
                self._head.write(Witness(last.seq, last.hash))
