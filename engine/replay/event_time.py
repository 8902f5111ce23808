"""When an archived event happened: what a replay is ordered by, and what its `now` starts from."""

from datetime import UTC, datetime, timedelta
from typing import Final

from engine.model.message import EventKind, Message
from engine.replay.spool import Moment

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def happened_at(message: Message) -> datetime:
    """Return when a message was posted, or for an edit or deletion when that was, as far as it is known."""
    if message.kind is EventKind.CREATED or message.edited_at is None:
        return message.at
    return message.edited_at


def moment_of(message: Message) -> Moment:
    """Return where a message event stands in the order of a replay."""
    return Moment(microseconds(happened_at(message)), int(message.id), message.event)


def microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970 to a moment."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_at(time: int) -> datetime:
    """Return the moment so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=time)
