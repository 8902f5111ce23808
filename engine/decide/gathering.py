"""The facts of one decision, put together from what the book knows and what the sources say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.decide.book import Book
from engine.decide.facts import AlertFacts, Earlier, Facts
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.activity import Restriction
from engine.model.alert import Alert, Reading
from engine.model.decision import Outcome
from engine.model.market import AccountState, Market
from engine.model.message import Message
from engine.model.position import Position
from engine.parse.exits import needs_position

Restrictions = tuple[Restriction, ...]


def _everywhere(account: str) -> bool:
    """Return that a version may close what is in an account, whichever it is."""
    return True


@dataclass(frozen=True, slots=True)
class Known:
    """
    What is known besides the book when a message is judged; fields as in `Facts`.

    market: what is known of an alert's underlying; None when nothing is. may_close_in: whether the version may close
    what is in an account, by its alias.
    """

    now: datetime
    content_hash: str
    market: Callable[[Alert], Market | None]
    account: AccountState | None = None
    restrictions: Restrictions | None = None
    own_author_ids: frozenset[str] = frozenset()
    assumed: tuple[str, ...] = ()
    may_close_in: Callable[[str], bool] = _everywhere


def gather(book: Book, terms: Terms, message: Message, reading: Reading, known: Known) -> Facts:
    """Return the facts of a decision at the stage of the terms; the book is as of the time the message is judged."""
    exits = [alert for alert in reading.alerts if needs_position(alert)]
    return Facts(
        now=known.now,
        content_hash=known.content_hash,
        positions=_meant(book, terms, message, (exits, known)) if exits else None,
        own_author_ids=known.own_author_ids,
        earlier=_earlier(book, terms, message) if message.event > 1 else None,
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


def _meant(
    book: Book, terms: Terms, message: Message, of: tuple[Sequence[Alert], Known]
) -> tuple[Position, ...] | None:
    exits, known = of
    found = book.meant(terms.playbook.name, message, exits)
    return None if found is None else tuple([each for each in found if known.may_close_in(each.account)])


def _earlier(book: Book, terms: Terms, message: Message) -> Earlier | None:
    """Return the last event of a message: in the account of the stage, or in another if that has changed since."""
    found = (book.earlier(terms.playbook.name, message.id, account) for account in terms.accounts)
    return next((each for each in found if each is not None), None)


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
