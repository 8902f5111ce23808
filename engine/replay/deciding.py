"""Decides what was read, in the order it happened, and writes that down."""

from collections.abc import Iterable
from datetime import datetime

from engine.decide.book import Book
from engine.interpret.interpreter import Interpreter, Sources
from engine.model.alert import Reading
from engine.model.message import Message
from engine.model.position import Closed
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import RunWriter
from engine.replay.piece import decode_heard
from engine.replay.tally import Tally


class Deciding:
    """
    The decisions of a replay, one message event after another.

    repeated: how many events stood in the archives more than once, beyond the first time.
    """

    def __init__(self, rulebook: Rulebook, sources: Sources, book: Book, writer: RunWriter, tally: Tally) -> None:
        self.repeated = 0
        self._live = {live.playbook.name: live for live in rulebook.playbooks}
        self._book = book
        self._interpreter = Interpreter(rulebook, sources, book, self._close)
        self._writer = writer
        self._tally = tally
        self._owners: set[tuple[str, str]] = set()
        self._last: tuple[str, str, int] | None = None

    def decide(self, body: bytes) -> None:
        """
        Decide an event as it was spooled.

        Raises: StoreError.
        """
        heard = decode_heard(body)
        message = heard.message
        key = (message.channel_id, message.id, message.event)
        if key == self._last:
            self.repeated += 1
            return
        self._last = key
        if not heard.readings:
            self._tally.add_unwatched(message.channel_id, message.channel_name)
            return
        self._decide(message, [(self._live[name], reading) for name, reading in heard.readings])

    def end(self, at: datetime) -> None:
        """Let expire what does up to a time, and count what is open then; the last call."""
        self._close(self._book.expire(at))
        for playbook, author_id in sorted(self._owners):
            self._tally.leave_open(self._book.positions(playbook, author_id) or ())

    def _decide(self, message: Message, readings: list[tuple[LivePlaybook, Reading]]) -> None:
        if not any(live.playbook.listen.author(message.author.id) for live, _ in readings):
            self._tally.add_unheard(message.author.id, message.author.name)
        records = self._interpreter.decide(message, readings)
        for (_, reading), record in zip(readings, records, strict=True):
            self._tally.add(record.decision, message, reading)
            if reading.alerts:
                self._owners.add((record.decision.playbook, message.author.id))
        self._writer.write(records)

    def _close(self, closed: Iterable[Closed]) -> None:
        told = tuple(closed)
        if told:
            self._writer.write_closed(told)
            self._tally.close(told)
