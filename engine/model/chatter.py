"""Messages that say nothing about trading, many at a time, as columns."""

from dataclasses import dataclass
from typing import Protocol


class ArrowStream(Protocol):
    """Columns any Arrow library can take over without copying (the Arrow PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the stream."""
        ...


@dataclass(frozen=True, slots=True)
class ChatterBatch:
    """
    Messages of one channel that say nothing to one playbook: ignored, not_an_alert, their text not kept.

    columns: message_id int64, author_id int64, posted_at timestamp[us, UTC]; in the order of the archive.
    """

    playbook: str
    channel_id: str
    columns: ArrowStream
