"""`ladder:` and `ladders:` of a playbook, compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.errors import Issue
from engine.model.ladder import (
    Adverse,
    AdverseMove,
    Cap,
    Finally,
    Ladder,
    LadderBudget,
    LadderEnd,
    Partial,
    PercentRung,
    PricePoint,
    Requote,
    Rung,
    TickRung,
)
from engine.model.nearest import nearest
from engine.model.source import Span
from engine.playbook.section import Section, amount_of, value_as

BUILT_IN_OPEN: Final = "built-in-open"
BUILT_IN_CLOSE: Final = "built-in-close"
_NO_TIME: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Ladders:
    """The ladders a playbook writes, and the two it works its orders with."""

    written: tuple[Ladder, ...]
    open: Ladder
    close: Ladder

    def named(self, name: str) -> Ladder | None:
        """Return a ladder by name, the built-in ones included; None when there is none."""
        known = (*self.written, self.open, self.close)
        return next((ladder for ladder in known if ladder.name == name), None)


def compile_ladders(playbook: Section, issues: list[Issue]) -> Ladders:
    """Return the ladders of a playbook; a name that is none of them is an issue."""
    section = playbook.section("ladders")
    written = {name: _ladder(name, Section(bound, section.span)) for name, bound in section.by_key()}
    chosen = playbook.section("ladder")
    return Ladders(
        written=tuple(written.values()),
        open=_chosen(chosen, "open", written, issues) or _built_in_open(chosen.span),
        close=_chosen(chosen, "close", written, issues) or _built_in_close(chosen.span),
    )


def unknown_ladder(name: str, known: Mapping[str, Ladder], span: Span) -> Issue:
    """Return the issue of a ladder that is not written anywhere."""
    expected = "one of " + ", ".join(known) if known else "a ladder written under 'ladders'"
    return Issue("unknown_ladder", f"{name!r} is not a ladder here", span, expected, nearest(name, known))


def _chosen(chosen: Section, key: str, written: Mapping[str, Ladder], issues: list[Issue]) -> Ladder | None:
    name = chosen.text(key)
    if name and name not in written:
        issues.append(unknown_ladder(name, written, chosen.span_of(key)))
    return written.get(name)


def _ladder(name: str, ladder: Section) -> Ladder:
    path = ladder.section("path")
    rungs = tuple(_rung(rung) for rung in ladder.sections("rungs"))
    final = _final(ladder)
    return Ladder(
        name=name,
        span=ladder.span,
        start=path.choice("from", PricePoint.MID),
        end=path.choice("to", PricePoint.NATURAL),
        rungs=rungs,
        requote=ladder.choice("requote", Requote.EVERY_RUNG),
        never_beyond=tuple(_cap(cap) for cap in ladder.sections("never_beyond")),
        too_good=ladder.amount_if_written("too_good"),
        budget=_budget(ladder.section("budget"), rungs, final),
        market_moves=_adverse(ladder.section("market_moves").section("adverse")),
        partial=ladder.choice("partial", Partial.KEEP),
        final=final,
        allow_market=ladder.flag("allow_market", default=False),
    )


def _rung(rung: Section) -> Rung:
    hold, repeat = rung.duration("hold", _NO_TIME), rung.count("repeat", 1)
    if "ticks" in rung:
        return TickRung(rung.count("ticks", 0), hold, repeat, rung.span)
    return PercentRung(rung.amount("at", Decimal(0)), hold, repeat, rung.span)


def _cap(cap: Section) -> Cap:
    key, bound = next(cap.entries())
    origin = PricePoint.MID if key == "from_mid" else PricePoint.ALERT
    dollars, share = amount_of(bound)
    return Cap(origin, dollars, share, cap.span_of(key))


def _final(ladder: Section) -> Finally:
    bound = ladder.get("finally")
    if bound is None:
        return Finally(LadderEnd.CANCEL, _NO_TIME, ladder.span)
    if isinstance(bound.value, timedelta):
        return Finally(LadderEnd.LEAVE, bound.value, bound.span)
    return Finally(LadderEnd(value_as(bound, str)), _NO_TIME, bound.span)


def _budget(budget: Section, rungs: tuple[Rung, ...], final: Finally) -> LadderBudget:
    """Without a budget of its own a ladder may use what it was written to need."""
    return LadderBudget(
        time=budget.duration("time", hold_time(rungs) + final.leave),
        replaces=budget.count("replaces", replaces_needed(rungs, final)),
        slippage_per_day=budget.amount_if_written("slippage_per_day"),
        span=budget.span,
    )


def hold_time(rungs: tuple[Rung, ...]) -> timedelta:
    """Return how long a ladder holds all its rungs together."""
    return sum((rung.hold * rung.repeat for rung in rungs), _NO_TIME)


def replaces_needed(rungs: tuple[Rung, ...], final: Finally) -> int:
    """Return how many times a ladder changes its price when nothing fills."""
    steps = sum(rung.repeat for rung in rungs) - 1
    return steps + (final.do is LadderEnd.MARKETABLE_LIMIT)


def _adverse(adverse: Section) -> AdverseMove | None:
    if not adverse.is_written:
        return None
    return AdverseMove(adverse.count("ticks", 1), adverse.choice("do", Adverse.PAUSE), adverse.span)


def _built_in_open(span: Span) -> Ladder:
    """Mid, then half way to the far side, then give up."""
    rungs = (_step("0", 10, span), _step("0.5", 10, span))
    return _built_in(BUILT_IN_OPEN, rungs, Finally(LadderEnd.CANCEL, _NO_TIME, span), span)


def _built_in_close(span: Span) -> Ladder:
    """All the way to the far side within fifteen seconds: a close that fails traps a position."""
    rungs = (_step("0", 5, span), _step("0.5", 5, span), _step("1", 5, span))
    return _built_in(BUILT_IN_CLOSE, rungs, Finally(LadderEnd.MARKETABLE_LIMIT, _NO_TIME, span), span)


def _step(at: str, seconds: int, span: Span) -> PercentRung:
    return PercentRung(Decimal(at), timedelta(seconds=seconds), 1, span)


def _built_in(name: str, rungs: tuple[Rung, ...], final: Finally, span: Span) -> Ladder:
    return Ladder(
        name=name,
        span=span,
        start=PricePoint.MID,
        end=PricePoint.NATURAL,
        rungs=rungs,
        requote=Requote.EVERY_RUNG,
        never_beyond=(),
        too_good=None,
        budget=LadderBudget(hold_time(rungs), replaces_needed(rungs, final), None, span),
        market_moves=None,
        partial=Partial.KEEP,
        final=final,
        allow_market=final.do is LadderEnd.MARKETABLE_LIMIT,
    )
