"""What an author said before that a logged decision rests on, so that it can be decided again."""

from collections.abc import Iterator
from typing import Final

from engine.decide.assumed import after, without_expired
from engine.decide.terms import Terms
from engine.journal.queries import RunLog
from engine.journal.run_rows import DecisionFilter
from engine.model.decision import Decision, Reason, Verdict
from engine.model.message import Author, Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.parse.calendar import market_date
from engine.parse.exits import UNDERLYING

_MOST_READ: Final = 10_000
_MOST: Final = 10


def rests_on(decision: Decision, log: RunLog, run_id: int, playbook: Playbook) -> tuple[Decision, ...]:
    """
    Return the newest messages that made the positions a decision is about, oldest first.

    An exit that was approved is about the positions it names; one that fits several, about all
    of its symbol that were open. Any other decision rests on nothing.
    Raises: StoreError.
    """
    symbols = _symbols(decision)
    if not symbols:
        return ()
    said: dict[str, Decision] = {}
    based_on: dict[str, set[str]] = {}
    held: tuple[Position, ...] = ()
    for before in _before(decision, symbols, log, run_id):
        said[before.message_id] = before
        held = _carried_out(before, held, playbook, based_on)
    chosen: list[str] = []
    for position in reversed(without_expired(held, market_date(decision.at))):
        if _is_about(decision, position):
            chain = [each for each in said if each in _chain(position, based_on) and each not in chosen]
            if chosen and len(chosen) + len(chain) > _MOST:
                break
            chosen += [*chain[:1], *chain[1:][-(_MOST - 1) :]]
    return tuple(before for message_id, before in said.items() if message_id in chosen)


def _symbols(decision: Decision) -> set[str | None]:
    """The underlyings whose positions matter; None for those of any."""
    alerts = [(outcome, outcome.alert) for outcome in decision.outcomes if outcome.alert is not None]
    unclear = {_root(alert.symbol) for outcome, alert in alerts if outcome.reason is Reason.AMBIGUOUS_POSITION}
    if unclear or decision.outcomes[0].verdict is not Verdict.APPROVED:
        return unclear
    return {_root(leg.symbol) for _, alert in alerts for leg in alert.legs if not leg.action.opens}


def _root(symbol: str | None) -> str | None:
    return UNDERLYING.get(symbol, symbol) if symbol else symbol


def _before(decision: Decision, symbols: set[str | None], log: RunLog, run_id: int) -> Iterator[Decision]:
    same_author = DecisionFilter(decision.playbook, decision.author_id, "approved", limit=_MOST_READ)
    rows = log.decisions(run_id, same_author)
    earlier = (row for row in reversed(rows) if row.posted_at < decision.at)
    about = (row for row in earlier if None in symbols or _root(row.symbol) in symbols)
    for message_id in dict.fromkeys(row.message_id for row in about):
        for each in log.decision(run_id, message_id):
            if isinstance(each, Decision) and each.playbook == decision.playbook:
                yield each


def _carried_out(
    before: Decision, held: tuple[Position, ...], playbook: Playbook, based_on: dict[str, set[str]]
) -> tuple[Position, ...]:
    author = Author(before.author_id, before.author_name)
    message = Message(before.message_id, before.channel_id, author, before.at, before.text)
    for outcome in before.outcomes:
        if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
            changed = after(held, outcome, message, Terms(playbook))
            touched = (position for position in held if position not in changed)
            based = (each for position in touched for each in position.messages)
            based_on.setdefault(before.message_id, set()).update(based)
            held = changed
    return held


def _chain(position: Position, based_on: dict[str, set[str]]) -> set[str]:
    """All messages without which a position would not be what it is: a roll needs what it closed."""
    chain: set[str] = set()
    waiting = set(position.messages)
    while waiting:
        chain |= waiting
        waiting = {each for message_id in waiting for each in based_on.get(message_id, ())} - chain
    return chain


def _is_about(decision: Decision, position: Position) -> bool:
    if any(outcome.reason is Reason.AMBIGUOUS_POSITION for outcome in decision.outcomes):
        return _symbols(decision) & {None, _root(position.symbol)} != set()
    closed = {
        (leg.symbol, leg.strike, leg.right, leg.expiry)
        for outcome in decision.outcomes
        for leg in (outcome.alert.legs if outcome.alert else ())
        if not leg.action.opens
    }
    return any((leg.symbol, leg.strike, leg.right, leg.expiry) in closed for leg in position.legs)
