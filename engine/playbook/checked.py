"""What a check looks at: one compiled playbook, the desk, and where everything is written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from engine.model.desk import Desk
from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.playbook import Playbook
from engine.model.reading import PatternRule
from engine.model.source import Span
from engine.playbook.section import Section


@dataclass(frozen=True, slots=True)
class Checked:
    """
    One playbook under check.

    written: the file as it is written, to tell what is written from what was filled in.
    desk: None when there is none, or it is itself wrong.
    is_complete: whether every library was found, so that what is missing is missing indeed.
    """

    playbook: Playbook
    written: Section
    desk: Desk | None
    is_complete: bool = True

    def own_patterns(self) -> tuple[PatternRule, ...]:
        """Return the patterns the playbook writes itself; those of libraries are checked once, with them."""
        return self.playbook.read.patterns[: len(self.written.section("read").items("patterns"))]

    def at(self, *path: str) -> Span:
        """Return where the value at a path of keys stands."""
        return self.written.at(*path)


Check = Callable[[Checked], Iterator[Issue]]


def unknown(code: str, what: str, name: str, known: Iterable[str], span: Span) -> Issue:
    """Return the issue of a name that leads nowhere."""
    names = sorted(known)
    expected = "one of " + ", ".join(names) if names else f"none is known: write {what} first"
    return Issue(code, f"there is no {what} {name!r}", span, expected, nearest(name, names))


def percent(share: Decimal) -> str:
    """
    Return a share as people write it.

    >>> percent(Decimal("0.025"))
    '2.5%'
    """
    number = f"{share * 100:f}"
    return (number.rstrip("0").rstrip(".") if "." in number else number) + "%"
