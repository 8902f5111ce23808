"""The versions that decide about a message: those production goes by first, then the candidates beside them."""

from collections.abc import Iterator

from engine.app.serving import Served
from engine.decide.book import Book
from engine.decide.record import Record
from engine.interpret.interpreter import Interpreter, OnClosed, Sources
from engine.model.alert import Reading
from engine.model.message import Message
from engine.playbook.rulebook import LivePlaybook


class Deciding:
    """See interpreter.Interpreter: two of them over one book, as versions of one playbook have the same name."""

    def __init__(self, served: Served, sources: Sources, book: Book, on_closed: OnClosed) -> None:
        self._interpreters = tuple(
            Interpreter(rulebook, sources, book, on_closed)
            for rulebook in (served.production, served.candidates)
            if rulebook.playbooks
        )

    def readings(self, message: Message) -> Iterator[tuple[LivePlaybook, Reading]]:
        """Yield every version that hears a message with what the message says to it."""
        for interpreter in self._interpreters:
            yield from interpreter.hearing(message).read(message)

    def handle(self, message: Message) -> tuple[Record, ...]:
        """Return what each version decides about a message event."""
        return tuple(record for interpreter in self._interpreters for record in interpreter.handle(message))
