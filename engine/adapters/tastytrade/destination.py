"""Where requests go: the broker's sandbox, its production, or an exchange on this machine."""

from dataclasses import dataclass, field
from typing import Final

import httpx2
from tastytrade import API_URL, CERT_URL
from tastytrade.streamer import CERT_STREAMER_URL, STREAMER_URL

from engine.model.errors import NothingSent

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs in at one environment; never shown."""

    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """
    One environment of the broker.

    Raises: NothingSent, for a host that is neither the broker's own of that environment nor this machine.
    transport: how its hosts are reached; None for the network. is_read_only: no request that would change anything
    leaves for it, whoever makes it.
    """

    is_sandbox: bool
    rest_url: str
    stream_url: str
    transport: httpx2.AsyncBaseTransport | None = field(default=None, repr=False)
    is_read_only: bool = False

    def __post_init__(self) -> None:
        own = (CERT_URL, CERT_STREAMER_URL) if self.is_sandbox else (API_URL, STREAMER_URL)
        for url, broker in zip((self.rest_url, self.stream_url), own, strict=True):
            if url != broker and httpx2.URL(url).host not in _LOOPBACK:
                raise NothingSent(
                    "foreign_host", f"{url} is not the broker's", "name no address, or one of this machine"
                )


def sandbox(transport: httpx2.AsyncBaseTransport | None = None) -> Destination:
    """Return the broker's sandbox."""
    return Destination(is_sandbox=True, rest_url=CERT_URL, stream_url=CERT_STREAMER_URL, transport=transport)


def production(transport: httpx2.AsyncBaseTransport | None = None) -> Destination:
    """Return the broker's production: real money."""
    return Destination(is_sandbox=False, rest_url=API_URL, stream_url=STREAMER_URL, transport=transport)
