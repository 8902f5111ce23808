"""
What has happened so far: a fold over decisions, in the order they were made.

Approved openings are taken as filled at their price until fills are known; live, in a feed and in a
replay alike, so that the same decisions give the same facts for the next one.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from engine.decide.assumed import Positions, after
from engine.decide.defaults import fill, is_signal
from engine.decide.facts import Earlier
from engine.decide.holdings import Holdings
from engine.decide.ids import contract_key, root_of
from engine.decide.recent import RecentMessages, RecentOpenings
from engine.decide.record import Record
from engine.decide.results import Result, closed_by, expired
from engine.decide.spent import spent_over_mid
from engine.decide.tallies import Scope, Tallies
from engine.decide.terms import Terms
from engine.model.activity import History, SimilarOpening
from engine.model.alert import Alert, Leg
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.message import Message
from engine.model.position import Closed, Position
from engine.parse.calendar import NEW_YORK, market_date

_NO_HISTORY: Final = History()
_CHATTER: Final = Earlier(1, ())
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_ZERO: Final = Decimal(0)


class Book:
    """
    Positions, counts and results by playbook, author, symbol and account, as the decisions so far make them.

    assumes_fills: whether approved openings are taken as filled; if not, positions and results are not known.
    expires_worthless: whether an expired option is taken to have been worth nothing; if not, its result is not known.
    """

    def __init__(self, *, assumes_fills: bool = True, expires_worthless: bool = True) -> None:
        self._assumes_fills = assumes_fills
        self._expires_worthless = expires_worthless
        self._holdings = Holdings()
        self._tallies = Tallies(knows_fills=assumes_fills)
        self._openings = RecentOpenings()
        self._messages = RecentMessages()
        self._losses: dict[str, tuple[int, datetime]] = {}
        self._parts: dict[tuple[str, str, str], Decimal | None] = {}
        self._today = date.min
        self._tomorrow = self._midnight = _NEVER

    def positions(self, playbook: str, author_id: str) -> tuple[Position, ...] | None:
        """Return what an author has open under a playbook; None when that is not known."""
        return self._holdings.of((playbook, author_id)) if self._assumes_fills else None

    def held(self) -> tuple[Position, ...]:
        """Return everything that is taken to be open, author by author."""
        return self._holdings.everything()

    def meant(self, playbook: str, message: Message, alerts: Iterable[Alert]) -> tuple[Position, ...] | None:
        """Return those of the author's open positions that the exits of a message may mean; None when not known."""
        if not self._assumes_fills:
            return None
        return self._holdings.meant((playbook, message.author.id), alerts, message.reply_to)

    def history(self, terms: Terms, message: Message, alert: Alert, at: datetime) -> History:
        """
        Return what has happened so far, counted for one alert of a message.

        alert: as read. A close rests on what was approved for its message only.
        """
        told = self._messages.get(message.id)
        intents = told.intents if told is not None else frozenset()
        if not alert.action.opens and not any(leg.action.opens for leg in alert.legs):
            return History(intents=intents) if intents else _NO_HISTORY
        playbook, today = terms.playbook.name, self._day(at)
        losses, last_loss_at = self._losses.get(playbook, (0, None))
        scopes = _scopes(playbook, terms.account, message.author.id, alert.symbol)
        own, of_symbol, of_author, house, house_symbol, house_author = self._tallies.activities(scopes, today)
        return History(
            own,
            of_symbol,
            of_author,
            house,
            house_symbol,
            house_author,
            losses,
            last_loss_at,
            tuple(self._similar(terms, message, alert, at)),
            intents,
        )

    def earlier(self, playbook: str, message_id: str) -> Earlier | None:
        """Return the last event of a message under a playbook; None when none is remembered."""
        told = self._messages.get(message_id)
        return None if told is None else told.earlier.get(playbook)

    def expire(self, at: datetime) -> tuple[Closed, ...]:
        """Drop the options whose expiry day, New York's, has ended at a time, and return what they came to."""
        today = self._day(at)
        gone = self._holdings.expired(today)
        return tuple([self._expired(position, rest, day, today) for position, rest, day in gone]) if gone else ()

    def record(self, record: Record, terms: Terms) -> tuple[Closed, ...]:
        """Take in a decision that stands, and return what it closed, with what had expired before it."""
        decision = record.decision
        closed = self.expire(decision.now)
        if decision.event == 1 and decision.outcomes[0].reason is Reason.NOT_AN_ALERT:
            told = self._messages.remember(decision.message_id, decision.at)
            told.earlier.setdefault(decision.playbook, _CHATTER)
            return closed
        for outcome in decision.outcomes:
            if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
                closed += tuple(self._carry_out(record, outcome, outcome.alert, terms))
        self._remember(record)
        return closed

    def _carry_out(self, record: Record, outcome: Outcome, alert: Alert, terms: Terms) -> Iterator[Closed]:
        """Count an approved outcome, change what is held, and yield what that closed."""
        opening = tuple([leg for leg in alert.legs if leg.action.opens])
        if opening:
            self._count(record, outcome, opening, terms)
        if not self._assumes_fills or not alert.legs:
            return
        owner, today = (terms.playbook.name, record.message.author.id), self._day(record.facts.now)
        closing = tuple([leg for leg in alert.legs if not leg.action.opens])
        before = self._holdings.of_same(owner, closing or opening)
        if closing and opening:
            others = self._holdings.of_same(owner, opening)
            before = before if others is before else (*before, *others)
        now = after(before, outcome, record.message, terms)
        self._holdings.change(owner, before, now)
        self._hold(before, now, today)
        if closing:
            for result in closed_by(record.message, alert, before, now):
                self._tallies.book(_scopes_of(result.position), today, result.closed.profit)
                self._judge(result)
                yield result.closed

    def _count(self, record: Record, outcome: Outcome, opening: tuple[Leg, ...], terms: Terms) -> None:
        """Count an approved opening, for limits and for duplicates."""
        message, now, name = record.message, record.facts.now, terms.playbook.name
        symbol = root_of(opening[0].symbol)
        scopes = _scopes(name, terms.account, message.author.id, symbol)
        over = spent_over_mid(record.facts, outcome)
        self._tallies.count(scopes, self._day(now), openings=1, over_mid=over)
        contract = contract_key(opening)
        similar = SimilarOpening(now, name, message.author.id, message.id, terms.account, contract)
        self._openings.add(similar, symbol, _longest_window(terms))
        told = self._messages.remember(message.id, message.at)
        told.openings = (*told.openings, similar)

    def _hold(self, before: Positions, now: Positions, today: date) -> None:
        """Count the positions that came to be and those that are no more."""
        if len(before) == len(now) == 1 and _scopes_of(before[0]) == _scopes_of(now[0]):
            return
        for positions, more in ((before, -1), (now, 1)):
            for position in positions:
                self._tallies.count(_scopes_of(position), today, held=more)

    def _expired(self, position: Position, rest: Position | None, day: date, today: date) -> Closed:
        if rest is None:
            self._tallies.count(_scopes_of(position), today, held=-1)
        closed = expired(position, day, is_worthless=self._expires_worthless)
        self._judge(Result(closed, position, is_whole=True))
        return closed

    def _judge(self, result: Result) -> None:
        """Count losses in a row: a position is one result, once it has ended, however many parts it was closed in."""
        closed = result.closed
        key = closed.playbook, closed.opened_by, closed.contract
        earlier = self._parts.pop(key, Decimal(0))
        total = None if earlier is None or closed.profit is None else earlier + closed.profit
        if not result.is_whole:
            self._parts[key] = total
        elif total is not None and total < 0:
            losses, last = self._losses.get(closed.playbook, (0, closed.closed_at))
            self._losses[closed.playbook] = losses + 1, max(last, closed.closed_at)
        elif total:
            self._losses.pop(closed.playbook, None)

    def _remember(self, record: Record) -> None:
        """Keep what a message said and led to, for its next event."""
        decision = record.decision
        told = self._messages.remember(decision.message_id, decision.at)
        before = told.earlier.get(decision.playbook)
        intents = () if before is None else before.intents
        said = []
        for outcome in decision.outcomes:
            if outcome.intent_key:
                told.intents |= {outcome.intent_key}
                if outcome.house_key and outcome.intent_key not in intents:
                    intents = (*intents, outcome.intent_key)
            alert = outcome.said or outcome.alert
            if alert is not None:
                said.append(alert)
        told.earlier[decision.playbook] = Earlier(decision.event, tuple(said), intents)

    def _similar(self, terms: Terms, message: Message, alert: Alert, at: datetime) -> Iterable[SimilarOpening]:
        """Return openings that may be the same as this one, by a playbook whose openings count for this one."""
        completed, _ = fill(alert, terms.playbook.defaults, self._day(message.at))
        opening = [leg for leg in completed.legs if leg.action.opens]
        key = root_of(alert.symbol) if is_signal(completed) else contract_key(opening)
        told = self._messages.get(message.id)
        found = [] if told is None else [each for each in told.openings if _counts_for(each, terms)]
        recent = self._openings.like(key, at - _longest_window(terms))
        return [*found, *(each for each in recent if each.message_id != message.id and _counts_for(each, terms))]

    def _day(self, at: datetime) -> date:
        """Return the day it is in New York; most often the same as last time."""
        if not self._midnight <= at < self._tomorrow:
            self._today = market_date(at)
            self._midnight = _start_of(self._today)
            self._tomorrow = _start_of(self._today + timedelta(days=1))
        return self._today


def _scopes(playbook: str, account: str, author_id: str, symbol: str | None) -> tuple[Scope, ...]:
    """Return the scopes an opening counts for, in the order of `History`; who only observes has a house of its own."""
    house, of = f"in {account}" if account else f"of {playbook}", root_of(symbol)
    return (
        (playbook,),
        (playbook, "symbol", of),
        (playbook, "author", author_id),
        (house,),
        (house, "symbol", of),
        (house, "author", author_id),
    )


def _scopes_of(position: Position) -> tuple[Scope, ...]:
    return _scopes(position.playbook, position.account, position.author_id, position.symbol)


def _counts_for(opening: SimilarOpening, terms: Terms) -> bool:
    is_house = bool(terms.account) and opening.account == terms.account
    return is_house or opening.playbook == terms.playbook.name


def _longest_window(terms: Terms) -> timedelta:
    window, house = terms.playbook.risk.duplicates.window, terms.house
    if house is None:
        return window
    return max(window, house.duplicate_window, house.repeats.within if house.repeats else window)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
