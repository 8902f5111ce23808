"""The messages of archives one by one, in the order they were posted."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive import Row, read_archive
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_tally import ReadTally
from engine.replay.event_time import moment_of
from engine.replay.spool import Moment, Spool

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[Message | None, BadRow | None]).decode
_BEFORE_ALL: Final = Moment(0, 0)


def in_time_order(archives: Iterable[ArchiveFile], read: ReadTally) -> Iterator[Row]:
    """
    Yield the rows of all archives by time, id and event of their messages; a bad row follows the one before it.

    All is read first, into a temporary file: 40 bytes of memory a message, and a fault is met before anything is
    yielded. A message event that several exports hold comes once.
    Raises: ArchiveError.
    """
    with Spool() as spool:
        _fill(spool, archives, read)
        last: tuple[str, str, int] | None = None
        for body in spool.in_order():
            message, bad_row = _decode(body)
            if bad_row is not None:
                yield bad_row
            if message is None:
                continue
            key = (message.channel_id, message.id, message.event)
            if key == last:
                read.messages -= 1
                continue
            last = key
            yield message


def _fill(spool: Spool, archives: Iterable[ArchiveFile], read: ReadTally) -> None:
    for archive in archives:
        moment = _BEFORE_ALL
        for part in archive.parts:
            for row in read_archive(part, read):
                if isinstance(row, BadRow):
                    spool.add(moment, _encode((None, row)))
                    continue
                moment = moment_of(row)
                spool.add(moment, _encode((row, None)))
