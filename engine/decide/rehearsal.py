"""
Messages of one playbook decided one after another, with nothing known but what is usually assumed.

For examples, explanations and tests: an account of a stated size, quotes at the alert's own price,
openings filled at it, nothing halted.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.decide.book import Book
from engine.decide.decide import decide
from engine.decide.facts import Earlier, Facts
from engine.decide.gathering import Known, gather
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.alert import Alert, Reading
from engine.model.decision import Decision
from engine.model.market import AccountState, Market
from engine.model.message import Message

ASSUMED: Final = ("now", "net_liq", "buying_power", "quotes", "contract", "state", "fills", "expiry")
USUAL_ACCOUNT: Final = AccountState("", Decimal(100_000), Decimal(100_000))

_Decide = Callable[[Terms, Message, Reading, Facts], Decision]


class Rehearsal:
    """
    One playbook, with the positions and counts that what was played so far makes.

    margin: dollars one future takes; None: not known, so that none is opened.
    """

    def __init__(
        self,
        terms: Terms,
        content_hash: str = "",
        account: AccountState = USUAL_ACCOUNT,
        margin: Decimal | None = None,
    ) -> None:
        self._terms = terms
        self._content_hash = content_hash
        self._account = account
        self._margin = margin
        self._book = Book()

    def play(
        self, message: Message, reading: Reading, now: datetime, *, by: _Decide = decide, earlier: Earlier | None = None
    ) -> Decision:
        """
        Decide one message event, and remember what becomes of it.

        now: the time it is judged at. by: `decide`, or `explain` for the answers of every gate to chatter too.
        earlier: what the message was before an edit, where that was not played.
        """
        self._book.expire(now)
        known = Known(now, self._content_hash, self._market, self._account, (), assumed=ASSUMED)
        facts = gather(self._book, self._terms, message, reading, known)
        if facts.earlier is None and earlier is not None:
            facts = replace(facts, earlier=earlier)
        decision = by(self._terms, message, reading, facts)
        self._book.record(Record(message, facts, decision), self._terms)
        return decision

    def _market(self, alert: Alert) -> Market | None:
        return None if self._margin is None else Market(alert.symbol or "", margin=self._margin)
