"""The facts of one decision, put together from what the book knows and what the sources say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from engine.decide.book import Book
from engine.decide.facts import AlertFacts, Facts
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.activity import Restriction
from engine.model.alert import Alert, Reading
from engine.model.decision import Outcome
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
    """Return the facts of a decision at the stage of the terms; the book is as of the time the message is judged."""
    name = terms.playbook.name
    exits = [alert for alert in reading.alerts if needs_position(alert)]
    return Facts(
        now=known.now,
        content_hash=known.content_hash,
        positions=book.meant(name, message, exits) if exits else None,
        own_author_ids=known.own_author_ids,
        earlier=book.earlier(name, message.id, terms.account) if message.event > 1 else None,
        account=known.account,
        restrictions=known.restrictions,
        alerts=tuple(
            [
                AlertFacts(known.market(alert), book.history(terms, message, alert, known.now))
                for alert in reading.alerts
            ]
        ),
        assumed=known.assumed,
        stage=terms.stage,
    )


def gather_again(book: Book, terms: Terms, record: Record, outcome: Outcome, known: Known) -> Facts:
    """
    Return the facts as they are now of an outcome that was approved before; the outcome itself does not count.

    terms: in force now. known: of now; its market is asked for the outcome's alert only.
    """
    alert, message = outcome.alert, record.message
    about = AlertFacts()
    if alert is not None:
        history = book.history(terms, message, alert, known.now, without=outcome.intent_key)
        about = AlertFacts(known.market(alert), history)
    return replace(
        record.facts,
        now=known.now,
        content_hash=known.content_hash,
        account=known.account,
        restrictions=known.restrictions,
        alerts=(*(AlertFacts() for _ in range(outcome.index)), about),
        assumed=known.assumed,
        stage=terms.stage,
    )
