"""The quote stream, as DXLink speaks it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.websockets import WebSocket

from engine.paper.faults import QUOTES, Slip
from engine.paper.feed_events import FIELDS, event_row
from engine.paper.sockets import GOING_AWAY, receive, send, until_one_ends
from engine.paper.venue import Venue
from engine.paper.wire import Json

_VERSION: Final = "1.0-2.0.0-20260101-000000"
_TICK: Final = 0.05  # seconds between looks at the quotes
_VALUES_A_FRAME: Final = 2400  # of at most about 25 characters: a frame stays below 64 KiB
_PERIOD: Final = 0.1


@dataclass(slots=True)
class _Channel:
    """One channel. wanted: kinds and names subscribed to, with what was last said of each."""

    number: int
    fields: dict[str, list[str]] = field(default_factory=lambda: {kind: list(names) for kind, names in FIELDS.items()})
    is_full: bool = False
    wanted: dict[tuple[str, str], list[object]] = field(default_factory=dict)


async def quote_stream(venue: Venue, socket: WebSocket) -> None:
    """Serve one connection until either side hangs up."""
    await socket.accept()
    feed = _Feed(venue, socket)
    await until_one_ends(feed.hear(), feed.tell())


class _Feed:
    """One connection of the quote stream."""

    def __init__(self, venue: Venue, socket: WebSocket) -> None:
        self._venue = venue
        self._socket = socket
        self._channels: dict[int, _Channel] = {}
        self._is_in = False

    async def hear(self) -> None:
        while True:
            message = await receive(self._socket)
            for reply in self._replies(message):
                await send(self._socket, reply)

    async def tell(self) -> None:
        while True:
            for channel in list(self._channels.values()):
                for frame in self._frames(channel):
                    match self._venue.faults.slip(QUOTES):
                        case Slip.CLOSE:
                            await self._socket.close(GOING_AWAY)
                            return
                        case Slip.FREEZE:
                            await asyncio.Event().wait()
                        case None:
                            await send(self._socket, frame)
            await asyncio.sleep(_TICK)

    # ---------------------------------------------------------------- what clients say

    def _replies(self, message: Mapping[str, Any]) -> Iterator[Json]:
        match message.get("type"):
            case "SETUP":
                yield _setup()
                yield _auth("UNAUTHORIZED")
            case "AUTH":
                self._is_in = self._venue.tokens.is_quote_token(str(message.get("token")), self._venue.now())
                yield _auth("AUTHORIZED") | {"userId": "paper"} if self._is_in else _auth("UNAUTHORIZED")
            case "KEEPALIVE":
                yield {"type": "KEEPALIVE", "channel": 0}
            case _ if not self._is_in:
                yield {"type": "ERROR", "channel": 0, "error": "UNAUTHORIZED", "message": "Authorize first"}
            case _:
                yield from self._channel_replies(message)

    def _channel_replies(self, message: Mapping[str, Any]) -> Iterator[Json]:
        number = message.get("channel", 0)
        if not isinstance(number, int):
            yield {"type": "ERROR", "channel": 0, "error": "INVALID_MESSAGE", "message": "channel is no number"}
            return
        if message.get("type") == "CHANNEL_REQUEST":
            self._channels[number] = _Channel(number)
            parameters = {"contract": "AUTO", "subFormat": "LIST"}
            yield {"type": "CHANNEL_OPENED", "channel": number, "service": "FEED", "parameters": parameters}
            return
        channel = self._channels.get(number)
        if channel is None:
            yield {"type": "ERROR", "channel": number, "error": "BAD_ACTION", "message": "no such channel"}
            return
        match message.get("type"):
            case "FEED_SETUP":
                yield _set_up(channel, message)
            case "FEED_SUBSCRIPTION":
                _subscribe(channel, message)
            case "CHANNEL_CANCEL":
                del self._channels[number]
                yield {"type": "CHANNEL_CLOSED", "channel": number}

    # ---------------------------------------------------------------- what they are told

    def _frames(self, channel: _Channel) -> Iterator[Json]:
        """Yield what has changed since it was last said, in frames a client takes."""
        news: dict[str, list[object]] = {}
        for kind, row in self._changes(channel):
            values = news.setdefault(kind, [])
            values.append(dict(zip(channel.fields[kind], row, strict=True))) if channel.is_full else values.extend(row)
            if len(values) * (len(row) if channel.is_full else 1) >= _VALUES_A_FRAME:
                yield _data(channel, kind, news.pop(kind))
        for kind, values in news.items():
            yield _data(channel, kind, values)

    def _changes(self, channel: _Channel) -> Iterator[tuple[str, list[object]]]:
        now = self._venue.now()
        for (kind, name), said in list(channel.wanted.items()):
            symbol = self._venue.names.order_symbol(name, now)
            quote = self._venue.shown.quote(symbol, now)
            if quote is None or kind not in channel.fields:
                continue
            greeks = self._venue.shown.greeks(symbol, now) if kind == "Greeks" else None
            row = event_row(kind, name, quote, greeks, channel.fields[kind])
            if row and row != said:
                channel.wanted[kind, name] = row
                yield kind, row


def _setup() -> Json:
    return {
        "type": "SETUP",
        "channel": 0,
        "keepaliveTimeout": 60,
        "acceptKeepaliveTimeout": 60,
        "version": _VERSION,
    }


def _auth(state: str) -> Json:
    return {"type": "AUTH_STATE", "channel": 0, "state": state}


def _set_up(channel: _Channel, message: Mapping[str, Any]) -> Json:
    channel.fields |= _wanted_fields(message.get("acceptEventFields"))
    channel.is_full = message.get("acceptDataFormat") == "FULL"
    return {
        "type": "FEED_CONFIG",
        "channel": channel.number,
        "dataFormat": "FULL" if channel.is_full else "COMPACT",
        "aggregationPeriod": message.get("acceptAggregationPeriod", _PERIOD),
        "eventFields": channel.fields,
    }


def _wanted_fields(given: object) -> dict[str, list[str]]:
    """Return the fields that are wanted of each kind of event; what is no list of names is left alone."""
    if not isinstance(given, Mapping):
        return {}
    lists = {str(kind): names for kind, names in given.items() if isinstance(names, list)}
    return {kind: names for kind, names in lists.items() if all(isinstance(name, str) for name in names)}


def _subscribe(channel: _Channel, message: Mapping[str, Any]) -> None:
    if message.get("reset"):
        channel.wanted.clear()
    for each in _rows(message.get("remove")):
        channel.wanted.pop((str(each.get("type")), str(each.get("symbol"))), None)
    for each in _rows(message.get("add")):
        channel.wanted[str(each.get("type")), str(each.get("symbol"))] = []


def _rows(given: object) -> list[Mapping[str, Any]]:
    return [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []


def _data(channel: _Channel, kind: str, values: list[object]) -> Json:
    return {"type": "FEED_DATA", "channel": channel.number, "data": values if channel.is_full else [kind, values]}
