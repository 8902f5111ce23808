"""Checks of ladders: rungs that lead nowhere, break their own bounds, or cannot keep to a budget."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final

from engine.model.errors import Issue
from engine.model.ladder import Cap, Ladder, LadderEnd, PercentRung, PricePoint, TickRung
from engine.model.source import Span
from engine.playbook.checked import Checked, percent
from engine.playbook.compile_desk import MESSAGES_PER_MINUTE
from engine.playbook.compile_ladder import hold_time, replaces_needed

_SMALLEST_TICK: Final = Decimal("0.01")
_MINUTE: Final = timedelta(minutes=1)


def unused_ladders(checked: Checked) -> Iterator[Issue]:
    """A ladder nothing uses is a typing error somewhere else."""
    playbook = checked.playbook
    flatten = playbook.exits.flatten
    used = {playbook.open_ladder.name, playbook.close_ladder.name, *({flatten.ladder.name} if flatten else ())}
    for ladder in playbook.ladders:
        if ladder.name not in used:
            span = checked.written.section("ladders").key_span(ladder.name)
            yield Issue("unused_ladder", f"nothing uses the ladder {ladder.name!r}", span, is_error=False)


def path_leads_nowhere(checked: Checked) -> Iterator[Issue]:
    """0 % and 100 % must differ, and the far side is an end, not a beginning."""
    for ladder in checked.playbook.ladders:
        span = checked.at("ladders", ladder.name, "path")
        if ladder.start is ladder.end:
            yield Issue("flat_path", f"the path begins and ends at {ladder.start.value}", span, "two different prices")
        elif ladder.start is PricePoint.NATURAL:
            yield Issue("rungs_go_back", "the path leads away from a fill", span, "from: mid, to: natural")


def rungs_go_back(checked: Checked) -> Iterator[Issue]:
    """Rungs move towards a fill, never away from it."""
    for ladder in checked.playbook.ladders:
        last = Decimal(-1)
        for rung in ladder.rungs:
            if isinstance(rung, TickRung):
                if rung.ticks <= 0:
                    yield Issue("rungs_go_back", "ticks must move towards a fill", rung.span, "+1 or more")
            elif rung.at < last:
                message = f"{percent(rung.at)} comes after {percent(last)}"
                yield Issue("rungs_go_back", message, rung.span, f"{percent(last)} or more")
            else:
                last = rung.at


def rung_beyond_path(checked: Checked) -> Iterator[Issue]:
    """Steps past 100 % need a bound of their own."""
    for ladder in checked.playbook.ladders:
        at_end = False
        for rung in ladder.rungs:
            is_beyond = rung.at > 1 if isinstance(rung, PercentRung) else at_end
            if is_beyond and not ladder.never_beyond:
                message = f"this rung goes beyond {ladder.end.value}"
                yield Issue("rung_beyond_path", message, rung.span, "a bound under 'never_beyond'")
            at_end = at_end or (isinstance(rung, PercentRung) and rung.at >= 1)


def breaks_own_cap(checked: Checked) -> Iterator[Issue]:
    """A ladder whose steps must pass its own bound can never be walked to its end."""
    for ladder in checked.playbook.ladders:
        steps = sum(rung.ticks * rung.repeat for rung in ladder.rungs if isinstance(rung, TickRung))
        moves = steps > 0 or any(isinstance(rung, PercentRung) and rung.at > 0 for rung in ladder.rungs)
        for cap in ladder.never_beyond:
            if cap.origin is ladder.start:
                yield from _past(cap, steps, moves=moves)


def _past(cap: Cap, steps: int, *, moves: bool) -> Iterator[Issue]:
    distance = cap.dollars if cap.dollars is not None else cap.share
    if moves and distance == 0:
        yield Issue("breaks_own_cap", "every step of the ladder passes this bound", cap.span, "a bound above 0")
    elif cap.dollars is not None and steps * _SMALLEST_TICK > cap.dollars:
        least = steps * _SMALLEST_TICK
        message = f"{steps} ticks are at least ${least}, more than ${cap.dollars} from {cap.origin.value}"
        yield Issue("breaks_own_cap", message, cap.span, f"${least} or more, or fewer ticks")


def outlives_budget(checked: Checked) -> Iterator[Issue]:
    """The rungs together must fit the ladder's own time and number of price changes."""
    for ladder in checked.playbook.ladders:
        needed = hold_time(ladder.rungs) + ladder.final.leave
        if needed > ladder.budget.time:
            message = f"the rungs take {seconds(needed)}, the budget is {seconds(ladder.budget.time)}"
            span = checked.at("ladders", ladder.name, "budget", "time")
            yield Issue("ladder_outlives_budget", message, span, f"{seconds(needed)} or more")
        replaces = replaces_needed(ladder.rungs, ladder.final)
        if replaces > ladder.budget.replaces:
            message = f"the rungs change the price {replaces} times, the budget is {ladder.budget.replaces}"
            span = checked.at("ladders", ladder.name, "budget", "replaces")
            yield Issue("too_many_replaces", message, span, f"{replaces} or more")


def needs_allow_market(checked: Checked) -> Iterator[Issue]:
    """Taking the far side at once must be allowed in so many words."""
    for ladder in checked.playbook.ladders:
        if ladder.final.do is LadderEnd.MARKETABLE_LIMIT and not ladder.allow_market:
            message = "'marketable_limit' needs 'allow_market: yes'"
            yield Issue("needs_allow_market", message, ladder.final.span, "allow_market: yes, or finally: cancel")


def too_many_messages(checked: Checked) -> Iterator[Issue]:
    """One order may not use up what an account may send to the broker in a minute."""
    allowed = checked.desk.limits.messages_per_minute if checked.desk else MESSAGES_PER_MINUTE
    for ladder in checked.playbook.ladders:
        busiest = _busiest_minute(ladder)
        if busiest > allowed:
            message = f"one order sends {busiest} messages in a minute, an account may send {allowed}"
            yield Issue("too_many_messages", message, _rungs_span(checked, ladder), "longer holds or fewer rungs")


def _busiest_minute(ladder: Ladder) -> int:
    """The new order, every change of its price and the last cancel or change, in the worst minute."""
    holds = [rung.hold for rung in ladder.rungs for _ in range(rung.repeat)]
    sent = list(accumulate([*holds, *([ladder.final.leave] if ladder.final.leave else ())], initial=timedelta(0)))
    first, most = 0, 0
    for last, moment in enumerate(sent):
        while moment - sent[first] >= _MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


def _rungs_span(checked: Checked, ladder: Ladder) -> Span:
    return checked.at("ladders", ladder.name, "rungs")


def seconds(span: timedelta) -> str:
    """
    Return a length of time as people write it.

    >>> seconds(timedelta(minutes=2))
    '120s'
    """
    return f"{span.total_seconds():g}s"


LADDER_CHECKS: Final = (
    unused_ladders,
    path_leads_nowhere,
    rungs_go_back,
    rung_beyond_path,
    breaks_own_cap,
    outlives_budget,
    needs_allow_market,
    too_many_messages,
)
