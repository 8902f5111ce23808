"""How connections of streams end, and what is left to say of it."""

from collections.abc import Iterator
from typing import Final

import anyio
import httpx2
import wsproto.utilities
from httpx2.websockets import HTTPXWSException

from engine.model.errors import CredentialsRefused, NothingSent


class Lost(Exception):
    """A connection that is of no more use; one sentence why."""


ENDINGS: Final = (
    Lost,
    HTTPXWSException,
    NothingSent,
    OSError,  # TimeoutError too
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    httpx2.HTTPError,
    wsproto.utilities.ProtocolError,
)


def why_lost(errors: BaseExceptionGroup[Exception] | None) -> str:
    """
    Return why a connection ended, for people. errors: None when it ended without any.

    Raises: CredentialsRefused, when that is why.
    """
    leaves = [] if errors is None else list(_leaves(errors))
    refused = next((leaf for leaf in leaves if isinstance(leaf, CredentialsRefused)), None)
    if refused is not None:
        raise refused from None
    said = next((str(leaf) for leaf in leaves if isinstance(leaf, Lost | NothingSent)), "")
    return said or (type(leaves[0]).__name__ if leaves else "it was closed")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
