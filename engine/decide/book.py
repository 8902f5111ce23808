"""
What has happened so far: a fold over decisions, in the order they were made, and over what their orders filled.

Where no orders are sent (in a feed, in a replay, under a playbook that only observes) approved alerts are taken as
filled at their price, so that the same decisions give the same facts for the next one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.decide.assumed import Positions, after, position_of
from engine.decide.booked import BookedOrders
from engine.decide.defaults import fill, is_signal
from engine.decide.facts import Earlier
from engine.decide.holdings import Holdings, Owner
from engine.decide.ids import contract_key, root_of
from engine.decide.recent import RecentMessages, RecentOpenings
from engine.decide.record import Record
from engine.decide.results import Result, closed_by, expired
from engine.decide.scopes import scopes, scopes_of
from engine.decide.spent import spent_over_mid
from engine.decide.streaks import Streaks
from engine.decide.tallies import Tallies
from engine.decide.terms import Terms
from engine.decide.underway import Underway
from engine.model.activity import History, SimilarOpening
from engine.model.alert import Action, Alert, Leg
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.message import Message
from engine.model.position import Closed, Position
from engine.parse.calendar import NEW_YORK, market_date

_NO_HISTORY: Final = History()
_CHATTER: Final = Earlier(1, ())
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Fills(StrEnum):
    """
    What positions are made of.

    ASSUMED: what is approved, taken as filled at its price. UNKNOWN: nothing; positions and results are not known.
    BOOKED: what the book is told of orders (`filled`, `released`); what is only observed is assumed all the same.
    """

    ASSUMED = "assumed"
    UNKNOWN = "unknown"
    BOOKED = "booked"


class Book:
    """
    Positions, counts and results by playbook, author, symbol and account, as the decisions so far make them.

    With booked fills an approved opening counts as an open position from its approval on, until it is released
    unfilled: so two alerts never both pass a limit that has room for one. What an approved close may still take is no
    longer there for the next exit, until it is released. Openings of the day count even if nothing of them filled.
    expires_worthless: whether an expired option is taken to have been worth nothing; if not, its result is not known.
    """

    def __init__(self, fills: Fills = Fills.ASSUMED, *, expires_worthless: bool = True) -> None:
        self._fills = fills
        self._knows_fills = fills is not Fills.UNKNOWN
        self._expires_worthless = expires_worthless
        self._holdings = Holdings()
        self._tallies = Tallies(knows_fills=self._knows_fills)
        self._booked = BookedOrders(self._holdings, self._tallies)
        self._streaks = Streaks()
        self._openings = RecentOpenings()
        self._messages = RecentMessages()
        self._today = date.min
        self._tomorrow = self._midnight = _NEVER

    def positions(self, playbook: str, author_id: str) -> tuple[Position, ...] | None:
        """Return what an author has open under a playbook, closes under way deducted; None when that is not known."""
        if not self._knows_fills:
            return None
        owners = self._holdings.owners(playbook, author_id)
        return tuple([each for owner in owners for each in self._booked.free(owner, self._holdings.of(owner))])

    def held(self) -> tuple[Position, ...]:
        """Return everything that is taken to be open, author by author."""
        return self._holdings.everything()

    def meant(self, playbook: str, message: Message, alerts: Iterable[Alert]) -> tuple[Position, ...] | None:
        """Return those of the author's open positions that the exits of a message may mean; None when not known."""
        if not self._knows_fills:
            return None
        found: list[Position] = []
        alerts = tuple(alerts)
        for owner in self._holdings.owners(playbook, message.author.id):
            found += self._booked.free(owner, self._holdings.meant(owner, alerts, message.reply_to))
        return tuple(found)

    def held_for(self, intent_key: str) -> int | None:
        """Return how many units are held of what a close is of, nothing deducted; None when that is not known."""
        return self._booked.units_held(intent_key)

    def history(self, terms: Terms, message: Message, alert: Alert, at: datetime, *, without: str = "") -> History:
        """
        Return what has happened so far, counted for one alert of a message.

        alert: as read. A close rests on what was approved for its message only. without: the intent key of an opening
        under way that does not count.
        """
        told = self._messages.get(message.id)
        intents = told.intents if told is not None else frozenset()
        if not alert.action.opens and not any(leg.action.opens for leg in alert.legs):
            return History(intents=intents) if intents else _NO_HISTORY
        playbook, today = terms.playbook.name, self._day(at)
        losses, last_loss_at = self._streaks.of(playbook, terms.account)
        counted = self._tallies.activities(scopes(playbook, terms.account, message.author.id, alert.symbol), today)
        if without:
            counted = self._booked.without(without, counted, today)
        own, of_symbol, of_author, house, house_symbol, house_author = counted
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

    def earlier(self, playbook: str, message_id: str, account: str = "") -> Earlier | None:
        """
        Return the last event of a message under a playbook; None when none is remembered.

        account: that the openings of the version are for: beside a promoted version a candidate has its own.
        """
        told = self._messages.get(message_id)
        return None if told is None else told.earlier.get((playbook, account))

    def expire(self, at: datetime) -> tuple[Closed, ...]:
        """Drop the options whose expiry day, New York's, has ended at a time, and return what they came to."""
        today = self._day(at)
        gone = self._holdings.expired(today)
        return tuple([self._expired(position, rest, day, today) for position, rest, day in gone]) if gone else ()

    def filled(self, intent_key: str, units: int, cost: Decimal | None, at: datetime) -> tuple[Closed, ...]:
        """
        Take in what an intent has filled in all, and return what that closed; what is known already changes nothing.

        units: in all so far, of the intent's own. cost: net dollars per share that one unit took on average over all of
        them, negative when it brought money; None when not known.
        """
        closed = self.expire(at)
        results = self._booked.fill(intent_key, (units, cost), at, self._day(at))
        for result in results:
            self._streaks.judge(result)
        return (*closed, *(result.closed for result in results))

    def released(self, intent_key: str) -> None:
        """Take in that an intent has come to its end: what it did not fill is not reserved any more."""
        self._booked.end(intent_key, self._today)

    def reserve(self, record: Record, outcome: Outcome) -> None:
        """Take in an approved close that rests on a decision without being one of its outcomes."""
        if outcome.alert is None or outcome.size is None:
            return
        owner = (record.decision.playbook, record.message.author.id, record.decision.account_of(outcome))
        today, units = self._day(record.facts.now), outcome.size.quantity
        self._booked.begin(outcome.intent_key, Underway(owner, record.message.id, today, units, outcome.alert.legs))

    def record(self, record: Record, terms: Terms) -> tuple[Closed, ...]:
        """Take in a decision that stands, and return what it closed, with what had expired before it."""
        terms = terms.at(record.facts.stage)
        decision = record.decision
        closed = self.expire(decision.now)
        if decision.event == 1 and decision.outcomes[0].reason is Reason.NOT_AN_ALERT:
            told = self._messages.remember(decision.message_id, decision.at)
            told.earlier.setdefault((decision.playbook, decision.account), _CHATTER)
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
        if not self._knows_fills or not alert.legs:
            return
        account = outcome.account or terms.account
        owner, today = (terms.playbook.name, record.message.author.id, account), self._day(record.facts.now)
        if self._fills is Fills.BOOKED and account and alert.action is not Action.UPDATE:
            self._begin(record, outcome, terms, owner)
            return
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
                self._tallies.book(scopes_of(result.position), today, result.closed.profit)
                self._streaks.judge(result)
                yield result.closed

    def _begin(self, record: Record, outcome: Outcome, terms: Terms, owner: Owner) -> None:
        """Reserve what an approved order may fill; one without a size is never sent."""
        alert, message, today = outcome.alert, record.message, self._day(record.facts.now)
        if alert is None or outcome.size is None:
            return
        closing = tuple([leg for leg in alert.legs if not leg.action.opens])
        new = None
        if len(closing) < len(alert.legs):
            new = replace(position_of(alert, outcome, message, terms), is_assumed=False)
        over_mid = spent_over_mid(record.facts, outcome)
        order = Underway(owner, message.id, today, outcome.size.quantity, closing, new, over_mid)
        self._booked.begin(outcome.intent_key, order)

    def _count(self, record: Record, outcome: Outcome, opening: tuple[Leg, ...], terms: Terms) -> None:
        """Count an approved opening, for limits and for duplicates."""
        message, now, name = record.message, record.facts.now, terms.playbook.name
        symbol = root_of(opening[0].symbol)
        over = spent_over_mid(record.facts, outcome)
        counted = scopes(name, terms.account, message.author.id, symbol)
        self._tallies.count(counted, self._day(now), openings=1, over_mid=over)
        contract = contract_key(opening)
        similar = SimilarOpening(now, name, message.author.id, message.id, terms.account, contract)
        self._openings.add(similar, symbol, _longest_window(terms))
        told = self._messages.remember(message.id, message.at)
        told.openings = (*told.openings, similar)

    def _hold(self, before: Positions, now: Positions, today: date) -> None:
        """Count the positions that came to be and those that are no more."""
        if len(before) == len(now) == 1 and scopes_of(before[0]) == scopes_of(now[0]):
            return
        for positions, more in ((before, -1), (now, 1)):
            for position in positions:
                self._tallies.count(scopes_of(position), today, held=more)

    def _expired(self, position: Position, rest: Position | None, day: date, today: date) -> Closed:
        if not self._booked.recounted(position, rest, today) and rest is None:
            self._tallies.count(scopes_of(position), today, held=-1)
        closed = expired(position, day, is_worthless=self._expires_worthless)
        self._streaks.judge(Result(closed, position, is_whole=True))
        return closed

    def _remember(self, record: Record) -> None:
        """Keep what a message said and led to, for its next event."""
        decision = record.decision
        told = self._messages.remember(decision.message_id, decision.at)
        before = told.earlier.get((decision.playbook, decision.account))
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
        told.earlier[decision.playbook, decision.account] = Earlier(decision.event, tuple(said), intents)

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


def _counts_for(opening: SimilarOpening, terms: Terms) -> bool:
    return opening.account == terms.account and (bool(terms.account) or opening.playbook == terms.playbook.name)


def _longest_window(terms: Terms) -> timedelta:
    window, house = terms.playbook.risk.duplicates.window, terms.house
    if house is None:
        return window
    return max(window, house.duplicate_window, house.repeats.within if house.repeats else window)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
