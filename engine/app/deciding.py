"""The versions that decide about a message: those production goes by first, then the candidates beside them."""

from collections.abc import Callable, Iterator

from engine.app.serving import Served
from engine.decide.book import Book
from engine.decide.record import Record
from engine.interpret.interpreter import Interpreter, OnClosed, Sources
from engine.model.alert import Reading
from engine.model.message import Message
from engine.playbook.rulebook import LivePlaybook


class Deciding:
    """
    See interpreter.Interpreter: two of them over one book, as versions of one playbook have the same name.

    now: who decides at this moment (see serving.ServedNow); asked before every message.
    """

    def __init__(self, now: Callable[[], Served], sources: Sources, book: Book, on_closed: OnClosed) -> None:
        self._now = now
        self._sources = sources
        self._book = book
        self._on_closed = on_closed
        self._served: Served | None = None
        self._made: tuple[Interpreter, ...] = ()

    def readings(self, message: Message) -> Iterator[tuple[LivePlaybook, Reading]]:
        """Yield every version that hears a message with what the message says to it."""
        for interpreter in self._interpreters():
            yield from interpreter.hearing(message).read(message)

    def handle(self, message: Message) -> tuple[Record, ...]:
        """Return what each version decides about a message event."""
        return tuple(record for interpreter in self._interpreters() for record in interpreter.handle(message))

    def _interpreters(self) -> tuple[Interpreter, ...]:
        served = self._now()
        if served is not self._served:
            self._served = served
            self._made = tuple(
                Interpreter(rulebook, self._sources, self._book, self._on_closed)
                for rulebook in (served.production, served.candidates)
                if rulebook.playbooks
            )
        return self._made
