"""An alert and the facts → the question the gates are asked: what it means, what it opens, what that costs."""

from collections.abc import Iterator
from datetime import date

from engine.decide.assumed import is_closed_by
from engine.decide.defaults import Filled, fill, is_signal
from engine.decide.facts import Facts
from engine.decide.pricing import OrderQuote, assumed_quote, order_quote
from engine.decide.question import Answer, Question
from engine.decide.selection import select
from engine.decide.sizing import Opening, closing_size, opening_size
from engine.decide.strategies import chosen_strategy, receives, strategies_of
from engine.decide.terms import Terms
from engine.model.alert import Alert, Leg, Reading, Refusal
from engine.model.decision import Outcome, Reason, Size
from engine.model.limits import Strategy
from engine.model.listen import AuthorRule, Channel
from engine.model.market import Market
from engine.model.message import Message
from engine.model.position import Position
from engine.parse.calendar import market_date
from engine.parse.exits import describe, needs_position, resolve


class Asking:
    """What all questions about one message event share."""

    def __init__(self, terms: Terms, message: Message, reading: Reading, facts: Facts) -> None:
        self.terms = terms
        self.message = message
        self.reading = reading
        self.facts = facts
        listen = terms.playbook.listen
        self._channel: Channel | None = listen.channel(message.channel_id, message.parent_channel_id)
        self._author: AuthorRule | None = terms.author(message.author.id)
        self._posted: date | None = None

    def without_alert(self) -> Question:
        """Return the question about a message that holds no alert."""
        return Question(self.terms, self.message, self.reading, self.facts, self._channel, self._author)

    def about(self, index: int, said: Alert, before: tuple[Outcome, ...]) -> Question:
        """
        Return the question about one alert: defaults filled in, its contract chosen, its exit resolved, its size known.

        before: what was approved of the same message.
        """
        terms, facts, about = self.terms, self.facts, self.facts.about(index)
        alert, filled, unchosen = self._completed(said, about.market)
        closes = needs_position(alert)
        resolved, held = self._resolved(alert) if closes else (alert, None)
        alert = alert if isinstance(resolved, Refusal) else resolved
        opening = tuple([leg for leg in alert.legs if leg.action.opens])
        opens = bool(opening) or alert.action.opens
        kind, quote, sized = None, None, None
        if opens:
            kind = chosen_strategy(strategies_of(opening), terms.playbook.allow.kinds)
            quote = self._quote(alert, opening, kind, about.market)
            sized = self._sized(alert, opening, kind, (quote, about.market, before, held))
        return Question(
            terms,
            self.message,
            self.reading,
            facts,
            self._channel,
            self._author,
            about,
            index,
            before,
            alert,
            filled,
            resolved if isinstance(resolved, Refusal) else None,
            unchosen,
            opens,
            closes,
            opening,
            kind,
            quote,
            sized,
            held,
        )

    def _completed(self, said: Alert, market: Market | None) -> tuple[Alert, tuple[Filled, ...], Refusal | None]:
        """Return an alert with what defaults add, a contract chosen for a signal; or why none could be chosen."""
        defaults = self.terms.playbook.defaults
        posted = self._posted = self._posted or market_date(self.message.at)
        alert, filled = fill(said, defaults, posted)
        choice = defaults.contract
        if choice is None or not is_signal(alert) or not alert.action.opens:
            return alert, filled, None
        if "contract" in self.facts.assumed and (market is None or market.chain is None):
            return alert, filled, None
        chosen = select(alert, choice, market, market_date(self.facts.now))
        if isinstance(chosen, Refusal):
            return alert, filled, chosen
        if chosen is alert:
            return alert, filled, None
        return chosen, (*filled, Filled("contract", describe(chosen.legs), choice.span)), None

    def _resolved(self, alert: Alert) -> tuple[Alert | Refusal, Position | None]:
        """Return an exit with the contract it means, or why that is not clear, and the position it closes."""
        if self.facts.positions is None:
            return alert, None
        refused: Alert | Refusal | None = None
        for positions in self._places(alert):
            found = resolve(alert, positions, self.message, self.terms.playbook.read.not_symbols)
            if isinstance(found, Alert) or found.code != Reason.NO_OPEN_POSITION:
                return found, _held(alert if isinstance(found, Refusal) else found, positions)
            refused = refused or found
        return refused or resolve(alert, (), self.message), None

    def _places(self, alert: Alert) -> Iterator[tuple[Position, ...]]:
        """
        Yield the positions an exit may mean, those of one account after the other: what holds real money first.

        A roll opens where it closes, and so means only what is in the account that openings are for.
        """
        terms, positions = self.terms, self.facts.positions or ()
        if terms.stage is None:
            yield positions
            return
        accounts = {position.account for position in positions}
        if alert.action.opens or any(leg.action.opens for leg in alert.legs):
            accounts &= {terms.account}
        if terms.account:
            accounts.discard("")  # what was only observed is not there to be closed
        for account in sorted(accounts, key=self._rank):
            yield tuple(position for position in positions if position.account == account)

    def _rank(self, account: str) -> tuple[bool, bool, bool, str]:
        terms = self.terms
        return account == "", terms.is_sandbox(account), account != terms.account, account

    def _quote(
        self, alert: Alert, opening: tuple[Leg, ...], kind: Strategy | None, market: Market | None
    ) -> OrderQuote | None:
        if kind is None:
            return None
        is_received = receives(kind, alert)
        if "quotes" in self.facts.assumed:
            return assumed_quote(alert, receives=is_received)
        return order_quote(opening, market, receives=is_received)

    def _sized(
        self,
        alert: Alert,
        opening: tuple[Leg, ...],
        kind: Strategy | None,
        known: tuple[OrderQuote | None, Market | None, tuple[Outcome, ...], Position | None],
    ) -> Size | Answer | None:
        quote, market, before, closed = known
        if kind is None or alert.problems or not opening or is_signal(alert):
            return None
        closing = closing_size(alert, closed) if len(opening) < len(alert.legs) else None
        held = None if closing is None else closing.quantity
        asked = Opening(alert, opening, kind, self._author, quote, market, before, held)
        return opening_size(asked, self.terms, self.facts)


def _held(alert: Alert, positions: tuple[Position, ...]) -> Position | None:
    """Return the position that a resolved exit closes."""
    closing = [leg for leg in alert.legs if not leg.action.opens]
    return next((position for position in positions if is_closed_by(closing, position)), None)
