"""How far the reading of archives has come."""

from dataclasses import dataclass


@dataclass(slots=True)
class ReadTally:
    """
    Counters a reader moves forward while it reads; shared by all files of one replay.

    bytes_read: bytes of the files as they are on disk, to compare with their sizes.
    messages, bad_rows: yielded so far. skipped_system: joins, pins and the like, never yielded.
    """

    bytes_read: int = 0
    messages: int = 0
    bad_rows: int = 0
    skipped_system: int = 0
