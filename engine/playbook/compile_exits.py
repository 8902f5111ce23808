"""`exits:` of a playbook, compiled."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.errors import Issue
from engine.model.ladder import (
    AlertStop,
    Exits,
    Flatten,
    LossStop,
    OneContract,
    PricePoint,
    StopRule,
    StopSource,
    Target,
    Trigger,
)
from engine.playbook.bound import Bound
from engine.playbook.compile_ladder import Ladders, unknown_ladder
from engine.playbook.section import Section, value_as

_DEADLINE: Final = timedelta(minutes=2)
_NO_TIME: Final = timedelta(0)
_USUAL_TRIGGER: Final = Trigger(PricePoint.BID, timedelta(seconds=3))


def compile_exits(exits: Section, ladders: Ladders, issues: list[Issue]) -> Exits:
    """Return what protects and closes a position without another alert."""
    return Exits(
        span=exits.span,
        stop=_stop(exits.section("stop")),
        targets=tuple(_target(target) for target in exits.sections("targets")),
        stop_after_first_target=_stop_after(exits.section("after_first_target")),
        one_contract=exits.choice("one_contract", OneContract.LAST_TARGET),
        flatten=_flatten(exits.section("flatten"), ladders, issues),
    )


def _stop(stop: Section) -> StopRule | None:
    if not stop.is_written:
        return None
    return StopRule(
        sources=tuple(_source(bound) for bound in stop.items("from")),
        is_required=stop.flag("required", default=False),
        trigger=_trigger(stop),
        span=stop.span,
    )


def _source(bound: Bound) -> StopSource:
    if isinstance(bound.value, str):
        return AlertStop(bound.span)
    loss = Section(bound, bound.span)
    return LossStop(loss.amount("loss", Decimal(0)), loss.span_of("loss"))


def _trigger(stop: Section) -> Trigger:
    bound = stop.get("trigger")
    if bound is None:
        return _USUAL_TRIGGER
    quote, held = value_as(bound, tuple)
    return Trigger(PricePoint(quote), held)


def _target(target: Section) -> Target:
    close = target.get("close")
    share = close.value if close and isinstance(close.value, Decimal) else None
    gain = target.amount("gain", Decimal(0))
    return Target(gain, share, target.amount_if_written("trail"), target.span)


def _stop_after(after: Section) -> Decimal | None:
    stop = after.get("stop")
    if stop is None:
        return None
    return Decimal(0) if stop.value == "breakeven" else value_as(stop, Decimal)


def _flatten(flatten: Section, ladders: Ladders, issues: list[Issue]) -> Flatten | None:
    if not flatten.is_written:
        return None
    name = flatten.text("ladder", ladders.close.name)
    ladder = ladders.named(name)
    if ladder is None:
        known = {ladder.name: ladder for ladder in ladders.written}
        issues.append(unknown_ladder(name, known, flatten.span_of("ladder")))
    before_close = flatten.duration("before_close", _NO_TIME)
    return Flatten(before_close, ladder or ladders.close, flatten.duration("deadline", _DEADLINE), flatten.span)
