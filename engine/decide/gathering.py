"""The facts of one decision, put together from what the book knows and what the sources say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.decide.book import Book
from engine.decide.facts import AlertFacts, Facts
from engine.decide.terms import Terms
from engine.model.activity import Restriction
from engine.model.alert import Alert, Reading
from engine.model.market import AccountState, Market
from engine.model.message import Message
from engine.parse.exits import needs_position

Restrictions = tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """
    What is known besides the book when a message is judged; fields as in `Facts`.

    market: what is known of an alert's underlying; None when nothing is.
    """

    now: datetime
    content_hash: str
    market: Callable[[Alert], Market | None]
    account: AccountState | None = None
    restrictions: Restrictions | None = None
    own_author_ids: frozenset[str] = frozenset()
    assumed: tuple[str, ...] = ()


def gather(book: Book, terms: Terms, message: Message, reading: Reading, known: Known) -> Facts:
    """Return the facts of a decision; the book is as of the time the message is judged."""
    name = terms.playbook.name
    exits = [alert for alert in reading.alerts if needs_position(alert)]
    return Facts(
        now=known.now,
        content_hash=known.content_hash,
        positions=book.meant(name, message, exits) if exits else None,
        own_author_ids=known.own_author_ids,
        earlier=book.earlier(name, message.id) if message.event > 1 else None,
        account=known.account,
        restrictions=known.restrictions,
        alerts=tuple(
            [
                AlertFacts(known.market(alert), book.history(terms, message, alert, known.now))
                for alert in reading.alerts
            ]
        ),
        assumed=known.assumed,
    )
