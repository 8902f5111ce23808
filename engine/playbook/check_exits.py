"""Checks of exits: targets that close too much, stops that are never reached."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from engine.model.errors import Issue
from engine.model.ladder import LossStop
from engine.playbook.check_ladders import seconds
from engine.playbook.checked import Checked, percent
from engine.playbook.compile_ladder import hold_time


def closes_too_much(checked: Checked) -> Iterator[Issue]:
    """Targets sell at most the whole position, and 'rest' leaves nothing for a later one."""
    targets = checked.playbook.exits.targets
    total = sum((target.close for target in targets if target.close is not None), Decimal(0))
    if total > 1:
        message = f"the targets close {percent(total)} of the position"
        yield Issue("closes_too_much", message, checked.at("exits", "targets"), "at most 100% together")
    for target in targets[:-1]:
        if target.close is None:
            yield Issue("rest_not_last", "'rest' leaves nothing for the targets after it", target.span, "'rest' last")


def targets_not_rising(checked: Checked) -> Iterator[Issue]:
    """Every target lies beyond the one before."""
    targets = checked.playbook.exits.targets
    for before, target in pairwise(targets):
        if target.gain <= before.gain:
            message = f"the gain {percent(target.gain)} comes after {percent(before.gain)}"
            yield Issue("targets_not_rising", message, target.span, f"more than {percent(before.gain)}")


def stop_never_moves(checked: Checked) -> Iterator[Issue]:
    """Nothing comes after the first target when there is none."""
    exits = checked.playbook.exits
    if exits.stop_after_first_target is not None and not exits.targets:
        span = checked.at("exits", "after_first_target")
        yield Issue("no_first_target", "there is no target for the stop to move after", span, "'targets'")


def unreachable_stops(checked: Checked) -> Iterator[Issue]:
    """A loss is always present, so sources after it are never asked."""
    stop = checked.playbook.exits.stop
    sources = stop.sources if stop else ()
    for index, source in enumerate(sources[:-1]):
        if isinstance(source, LossStop):
            span = sources[index + 1].span
            yield Issue("unreachable_stop", "the loss before it is always present", span, "'alert' before the loss")
            return


def flatten_too_slow(checked: Checked) -> Iterator[Issue]:
    """Flattening must be over before the session is, and its ladder before its deadline."""
    flatten = checked.playbook.exits.flatten
    if flatten is None:
        return
    if flatten.deadline > flatten.before_close:
        message = f"the deadline of {seconds(flatten.deadline)} lies after the close"
        span = checked.at("exits", "flatten", "deadline")
        yield Issue("flatten_too_slow", message, span, f"at most {seconds(flatten.before_close)}")
    needed = hold_time(flatten.ladder.rungs) + flatten.ladder.final.leave
    if needed > flatten.deadline:
        name, deadline = flatten.ladder.name, seconds(flatten.deadline)
        message = f"the ladder {name!r} takes {seconds(needed)}, the deadline is {deadline}"
        span = checked.at("exits", "flatten", "ladder")
        yield Issue("flatten_too_slow", message, span, f"a ladder of at most {seconds(flatten.deadline)}")


EXIT_CHECKS: Final = (
    closes_too_much,
    targets_not_rising,
    stop_never_moves,
    unreachable_stops,
    flatten_too_slow,
)
