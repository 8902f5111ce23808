"""What is posted to a desk that is killed: alerts of every kind, edits, deletions and closes."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from engine.model.instrument import Option, Right
from engine.model.message import EventKind, Message
from engine.replay.event_time import happened_at
from tests.soak.kill_desk import EXPIRY, TO_PROVE, TO_TRADE, TO_TRY, Writer

_CENT = Decimal("0.01")
_SPREADS = 0.4  # of all openings
_REWRITTEN = 0.5  # of all waves have an alert that fills edited, or deleted
_OUT_AT_ONCE = 0.25  # of all waves have an alert closed before it can have filled
_OF_NOTHING_EVERY = 4  # waves
NEVER_MIND = "never mind, no trade"


@dataclass
class Chat:
    """
    All that was posted at one exchange.

    events: in the order they happened. resting: ids of messages whose openings cannot fill, and are taken back.
    """

    writer: Writer
    says: Random
    events: list[Message] = field(default_factory=list)
    resting: list[str] = field(default_factory=list)

    def first(self, channels: Iterable[str], now: datetime) -> None:
        """Post one opening to each of some channels."""
        self._post(self._opening(channel, now + _seconds(0.2)) for channel in channels)

    def wave(self, number: int, now: datetime, held: Iterable[str]) -> None:
        """Post a wave of alerts. held: ids of messages whose openings are, each of which is closed in part or whole."""
        says = self.says
        channels = (TO_TRADE, TO_PROVE, TO_TRADE, TO_TRY)
        openings = [self._opening(to, now + _seconds(0.2 + place / 10)) for place, to in enumerate(channels)]
        self._post(openings)
        self._post(self._close(each, now + _seconds(0.6)) for each in held)
        self._rest(says.choice((TO_TRADE, TO_TRADE, TO_PROVE, TO_TRY)), now)
        if says.random() < _REWRITTEN:
            of = says.choice(openings)
            self._post([self._rewritten(of, of.at + _seconds(says.uniform(0.02, 1.5)))])
        if says.random() < _OUT_AT_ONCE:
            of = openings[0]
            self._post([self._reply(of, "all out", of.at + _seconds(says.uniform(0.02, 0.6)))])
        if number % _OF_NOTHING_EVERY == 0:
            self._post([self.writer.of_nothing(TO_TRADE, now + _seconds(0.7))])

    def created(self, channel: str) -> Iterable[Message]:
        """Yield what was posted in a channel, as it was first."""
        return (each for each in self.events if each.channel_id == channel and each.kind is EventKind.CREATED)

    def knows(self, message_id: str) -> bool:
        """Return whether a message was posted here."""
        return any(each.id == message_id for each in self.events)

    # ---------------------------------------------------------------- small parts

    def _post(self, messages: Iterable[Message]) -> None:
        self.events += messages
        self.events.sort(key=lambda each: (happened_at(each), int(each.id), each.event))

    def _opening(self, channel: str, at: datetime) -> Message:
        if self.says.random() >= _SPREADS:
            return self.writer.opening(channel, at)
        make = self.says.choice((self._vertical, self._vertical, self._condor))
        return self.writer.message(channel, make(at), at)

    def _vertical(self, at: datetime) -> str:
        near = round(self.writer.market.spot("SPY")) + self.says.randrange(-6, 6)
        right, is_debit = self.says.choice((Right.CALL, Right.PUT)), self.says.random() < 0.5
        # A call spread that is bought, like a put spread that is sold, has its long leg at the lower strike.
        far = near + 5 if right is Right.CALL else near - 5
        long, short = (near, far) if is_debit else (far, near)
        net = self._side(right, long, at)[1] - self._side(right, short, at)[0]
        name = f"{right.name[0]}{'D' if is_debit else 'C'}S"
        return self._spread(f"{near}/{far} {name}", net)

    def _condor(self, at: datetime) -> str:
        spot = round(self.writer.market.spot("SPY")) + self.says.randrange(-2, 2)
        puts, calls = (spot - 9, spot - 4), (spot + 4, spot + 9)
        net = self._side(Right.PUT, puts[0], at)[1] - self._side(Right.PUT, puts[1], at)[0]
        net += self._side(Right.CALL, calls[1], at)[1] - self._side(Right.CALL, calls[0], at)[0]
        return self._spread(f"{puts[0]}/{puts[1]}/{calls[0]}/{calls[1]} IC", net)

    def _spread(self, what: str, net: Decimal) -> str:
        """Return an alert of a spread that fills. net: what one of it costs; negative when it brings that in."""
        price = net * Decimal("1.1") + 2 * _CENT if net > 0 else -net * Decimal("0.9") - 2 * _CENT
        verb, credit = ("BTO", "") if net > 0 else ("STO", " credit")
        return f"{verb} {self.says.choice((2, 4))} SPY 11/27 {what} @ {max(price, _CENT).quantize(_CENT)}{credit}"

    def _side(self, right: Right, strike: int, at: datetime) -> tuple[Decimal, Decimal]:
        return self.writer.sides(Option("SPY", EXPIRY, right, Decimal(strike)).occ, at)

    def _rest(self, channel: str, now: datetime) -> None:
        """Post an opening that does not fill at its price, and what takes it back some seconds later."""
        at = now + _seconds(0.5)
        strike = round(self.writer.market.spot("SPY")) + self.says.randrange(-8, 8)
        price = (self._side(Right.CALL, strike, at)[0] * Decimal("0.93")).quantize(_CENT)
        opening = self.writer.message(channel, f"BTO 2 SPY {strike}C 11/27 @ {price}", at)
        self.resting.append(opening.id)
        after = at + _seconds(self.says.uniform(0.1, 3.0))
        # Of a playbook that is tried beside its promoted version only one closes, so there it is taken back by itself.
        makes: list[Callable[[Message, datetime], Message]] = [self._deleted, self._never_mind, self._other_contract]
        if channel != TO_TRY:
            makes.append(lambda of, then: self._reply(of, "all out", then))
        self._post([opening, self.says.choice(makes)(opening, after)])

    def _rewritten(self, of: Message, at: datetime) -> Message:
        makes = (self._deleted, self._never_mind, self._other_contract, self._other_price, self._same)
        return self.says.choice(makes)(of, at)

    def _deleted(self, of: Message, at: datetime) -> Message:
        return replace(of, content="", kind=EventKind.DELETED, event=of.event + 1, edited_at=at)

    def _never_mind(self, of: Message, at: datetime) -> Message:
        return _edited(of, NEVER_MIND, at)

    def _other_contract(self, of: Message, at: datetime) -> Message:
        return _edited(of, self._opening(of.channel_id, at).content, at)

    def _other_price(self, of: Message, at: datetime) -> Message:
        before, _, price = of.content.partition(" @ ")
        figure, _, rest = price.partition(" ")
        return _edited(of, f"{before} @ {Decimal(figure) + _CENT} {rest}".strip(), at)

    def _same(self, of: Message, at: datetime) -> Message:
        return _edited(of, f"{of.content} ", at)

    def _close(self, of: str, at: datetime) -> Message:
        opening = next(each for each in self.events if each.id == of)
        return self._reply(opening, self.says.choice(("all out", "sold half")), at)

    def _reply(self, of: Message, text: str, at: datetime) -> Message:
        return self.writer.message(of.channel_id, text, at, of.id)


def _edited(of: Message, content: str, at: datetime) -> Message:
    return replace(of, content=content, kind=EventKind.EDITED, event=of.event + 1, edited_at=at)


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def write_export(file: Path, messages: Iterable[Message]) -> None:
    """Write messages as an export of a channel; all of one channel."""
    messages = list(messages)
    rows = [
        {
            "id": each.id,
            "type": "Reply" if each.reply_to else "Default",
            "timestamp": each.at.isoformat(),
            "timestampEdited": None,
            "content": each.content,
            "author": {"id": each.author.id, "name": each.author.name, "isBot": False},
            "attachments": [],
            "embeds": [],
            **({"reference": {"messageId": each.reply_to, "channelId": each.channel_id}} if each.reply_to else {}),
        }
        for each in messages
    ]
    channel = {"id": messages[0].channel_id, "name": "alerts"}
    export = {"guild": {"id": "1", "name": "desk"}, "channel": channel, "messages": rows}
    file.write_text(json.dumps(export), encoding="utf-8")
