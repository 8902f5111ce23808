"""Prices as they are now, as `ports.Quotes` wants them: by the SDK's stream, and by request where it says nothing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import anyio
from anyio.abc import TaskGroup
from tastytrade import DXLinkStreamer
from tastytrade.dxfeed import Quote as QuoteEvent
from tastytrade.dxfeed import Trade as TradeEvent
from tastytrade.utils import TastytradeError

from engine.adapters.tastytrade.connection import Connection
from engine.adapters.tastytrade.lost import ENDINGS, Lost, why_lost
from engine.adapters.tastytrade.quote_book import QuoteBook, Trust
from engine.adapters.tastytrade.quote_request import requested_quotes
from engine.model.contract import Contract
from engine.model.errors import BrokerError
from engine.model.live_quote import LiveQuote, QuoteFlaw
from engine.ports import Clock

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_LOOK: Final = 0.02
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_NUMBERS: Final = ("NaN", "Infinity", "-Infinity")
_BROKEN: Final = (*ENDINGS, TastytradeError, ValueError, KeyError, TypeError)  # the SDK reads without a net


class _Streamer(DXLinkStreamer):
    """
    The SDK's stream, but for quotes that lack a side.

    The SDK drops those, so that the price of before would stand; here a side that is not there is 0.
    """

    def _map_message(self, message: list[Any], channel: int) -> None:
        if channel == self._channels[QuoteEvent.__name__]:
            message = [_with_zeros(each) for each in message]
        super()._map_message(message, channel)


def _with_zeros(said: object) -> object:
    if isinstance(said, list):
        return [0 if value in _NO_NUMBERS else value for value in said]
    if isinstance(said, dict):
        return {name: 0 if value in _NO_NUMBERS else value for name, value in said.items()}
    return said


def _futures(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith("/"))


class TastytradeQuotes:
    """
    See ports.Quotes; of one connection, which for a sandbox's orders should be one of production.

    pulse: names in the stream of what trades all day, by which lag and silence are measured; by night, when only
    futures trade, the futures that are asked for are.
    patience: seconds to wait for a first quote of a contract. connects_within: seconds the stream may take to begin.
    """

    def __init__(
        self, connection: Connection, clock: Clock, trust: Trust | None = None, pulse: tuple[str, ...] = ("SPY",)
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._trust = trust or Trust()
        self._pulse = pulse
        self._book = QuoteBook(self._trust)
        self._followed: set[str] = set()
        self._subscribed: set[str] = set()
        self._streamer: DXLinkStreamer | None = None
        self.patience = 2.0
        self.connects_within = 30.0
        self.last_loss = ""

    @property
    def is_connected(self) -> bool:
        """Whether the stream is there."""
        return self._streamer is not None

    async def run(self) -> None:
        """See ports.Quotes."""
        pause = _FIRST_PAUSE
        while True:
            was_connected = await self._one_connection()
            pause = _FIRST_PAUSE if was_connected else min(pause * 2, _LONGEST_PAUSE)
            await anyio.sleep(pause)

    async def quotes(self, contracts: Sequence[Contract]) -> Mapping[str, LiveQuote]:
        """See ports.Quotes."""
        streamed = {contract.streamer_symbol for contract in contracts if contract.streamer_symbol}
        await self._follow(streamed)
        with anyio.move_on_after(self.patience):
            while self._streamer is not None and not all(map(self._book.has, streamed)):
                await anyio.sleep(_LOOK)
        now = self._clock.now()
        found = {each.symbol: self._book.quote(each.streamer_symbol, each.symbol, now) for each in contracts}
        silent = [each for each in contracts if QuoteFlaw.MISSING in found[each.symbol].flaws]
        return {**found, **await self._requested(silent)} if silent else found

    async def _requested(self, contracts: Sequence[Contract]) -> Mapping[str, LiveQuote]:
        try:
            return await requested_quotes(self._connection, contracts, self._clock.now(), self._trust)
        except BrokerError as error:
            self.last_loss = str(error)
            return {}

    # ---------------------------------------------------------------- the stream

    async def _one_connection(self) -> bool:
        """Keep one connection until it ends; return whether it was made."""
        was_connected = False
        lost: BaseExceptionGroup[Exception] | None = None
        try:
            await self._connection.signed.ensure()
            with anyio.fail_after(self.connects_within) as limit:
                async with _Streamer(self._connection.signed.session) as streamer:
                    limit.deadline = math.inf
                    was_connected = True
                    await self._serve(streamer)
        except* _BROKEN as errors:
            lost = errors
        finally:
            self._streamer = None
            self._book.disconnected()
        self.last_loss = why_lost(lost)
        return was_connected

    async def _serve(self, streamer: DXLinkStreamer) -> None:
        self._book.connected(self._clock.now())
        self._subscribed = {*self._pulse, *self._followed}  # what is asked for meanwhile is not of these
        await streamer.subscribe(TradeEvent, [*self._pulse, *_futures(self._followed)])
        await streamer.subscribe(QuoteEvent, sorted(self._subscribed))
        self._streamer = streamer
        async with anyio.create_task_group() as group:
            self._listen(group, streamer)

    def _listen(self, group: TaskGroup, streamer: DXLinkStreamer) -> None:
        group.start_soon(self._take_quotes, streamer)
        group.start_soon(self._take_trades, streamer)
        group.start_soon(self._watch)

    async def _take_quotes(self, streamer: DXLinkStreamer) -> None:
        async for event in streamer.listen(QuoteEvent):
            self._book.quoted(event.event_symbol, event.bid_price, event.ask_price, self._clock.now())

    async def _take_trades(self, streamer: DXLinkStreamer) -> None:
        async for event in streamer.listen(TradeEvent):
            at = _EPOCH + timedelta(milliseconds=event.time)
            self._book.traded(event.event_symbol, at, self._clock.now())

    async def _watch(self) -> None:
        """End a connection that is open and says nothing."""
        heard, since = self._book.heard, anyio.current_time()
        while True:
            await anyio.sleep(1)
            if self._book.heard != heard:
                heard, since = self._book.heard, anyio.current_time()
            elif anyio.current_time() - since > self._trust.longest_silence.total_seconds():
                raise Lost("the quote stream fell silent")

    async def _follow(self, names: Iterable[str]) -> None:
        self._followed.update(names)
        streamer, new = self._streamer, sorted(set(names) - self._subscribed)
        if not new or streamer is None:
            return
        try:
            await streamer.subscribe(QuoteEvent, new)
            if futures := _futures(new):
                await streamer.subscribe(TradeEvent, futures)
        except ENDINGS as error:  # the connection is ending: the next one subscribes to all of them
            self.last_loss = type(error).__name__
            return
        if self._streamer is streamer:
            self._subscribed.update(new)
