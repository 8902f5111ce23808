"""The gates of risk: symbols, size, counts, losses, and the pause after losses."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from engine.decide.defaults import is_signal
from engine.decide.ids import root_of
from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, not_applicable, passed
from engine.model.activity import Activity, History
from engine.model.decision import Outcome, Reason, Size
from engine.model.limits import Counts, Risk
from engine.model.source import Span


def symbol(question: Question) -> Answer:
    """The symbol is allowed, under whichever of its roots it is written."""
    alert, rule = question.alert, question.playbook.risk.symbols
    if alert is None or (rule.allow is None and not rule.deny):
        return PASSED
    names = {leg.symbol for leg in question.opening if leg.symbol} | ({alert.symbol} if alert.symbol else set())
    for name in sorted(names):
        roots = {name, root_of(name)}
        if roots & rule.deny:
            return failed(Reason.SYMBOL_DENIED, f"{name} is denied", rule.span)
        if rule.allow is not None and not roots & rule.allow:
            return failed(Reason.SYMBOL_NOT_ALLOWED, f"{name} is not among the symbols allowed", rule.span)
    return PASSED


def size(question: Question) -> Answer:
    """Everything that bounds the size leaves at least one."""
    sized = question.sized
    if isinstance(sized, Size):
        return passed(f"{sized.quantity}, bound by {sized.bound_by}")
    if sized is not None:
        return sized
    if question.alert is not None and "contract" in question.facts.assumed and is_signal(question.alert):
        return not_applicable("which contract is opened is assumed away, and with it what one costs")
    return could_not_run(Reason.SIZE_UNKNOWN, "what is opened is not known well enough to say what one costs")


class _Scope(NamedTuple):
    """One group of openings that limits count: what it has done, what this message adds, what it may do."""

    name: str
    done: Activity
    added: int
    positions: int | None
    orders: int | None
    loss: Decimal | None
    span: Span


def counts(question: Question) -> Answer:
    """Not too many positions are open, and not too much was opened today: alerts of this message count."""
    for scope in _scopes(question):
        if scope.positions is None and scope.orders is None:
            continue
        if question.about.history is None:
            return could_not_run(Reason.HISTORY_UNKNOWN, "what was opened before is not known", scope.span)
        answer = _too_many(scope)
        if answer is not None:
            return answer
    return PASSED


def _too_many(scope: _Scope) -> Answer | None:
    done, opened = scope.done, scope.done.openings + scope.added
    if scope.positions is not None:
        if done.open_positions is None:
            return could_not_run(Reason.POSITIONS_UNKNOWN, f"what {scope.name} has open is not known", scope.span)
        held = done.open_positions + scope.added
        if held >= scope.positions:
            detail = f"{scope.name} has {held} positions open, at most {scope.positions}"
            return failed(Reason.TOO_MANY_POSITIONS, detail, scope.span)
    if scope.orders is not None and opened >= scope.orders:
        detail = f"{scope.name} has opened {opened} times today, at most {scope.orders}"
        return failed(Reason.TOO_MANY_ORDERS, detail, scope.span)
    return None


def losses(question: Question) -> Answer:
    """Not too much was lost today."""
    for scope in _scopes(question):
        if scope.loss is None:
            continue
        if question.about.history is None or scope.done.profit is None:
            return could_not_run(Reason.HISTORY_UNKNOWN, f"what {scope.name} lost today is not known", scope.span)
        lost = -scope.done.profit
        if lost >= scope.loss:
            unknown = f", {scope.done.unpriced} results not known" if scope.done.unpriced else ""
            detail = f"{scope.name} has lost ${lost:,.2f} today{unknown}, at most ${scope.loss:,}"
            return failed(Reason.DAILY_LOSS, detail, scope.span)
    return PASSED


def cooldown(question: Question) -> Answer:
    """The pause after losses in a row is over."""
    rule, history = question.playbook.risk.cooldown, question.about.history
    if rule is None:
        return PASSED
    if history is None or history.playbook.profit is None:
        return could_not_run(Reason.HISTORY_UNKNOWN, "how many losses there were in a row is not known", rule.span)
    last = history.last_loss_at
    if last is None or history.losses_in_a_row < rule.after_losses or question.facts.now >= last + rule.pause:
        return PASSED
    detail = f"{history.losses_in_a_row} losses in a row, the last at {last:%Y-%m-%d %H:%M} UTC"
    return failed(Reason.COOLING_DOWN, f"{detail}; a pause of {rule.pause} follows {rule.after_losses}", rule.span)


_NO_HISTORY = History()


def _scopes(question: Question) -> Iterator[_Scope]:
    """Yield every scope with a limit of its own: of the playbook, then of the desk."""
    risk, desk = question.playbook.risk, question.terms.house
    done, before = question.about.history or _NO_HISTORY, question.before
    added = sum([_opens(outcome) for outcome in before]) if before else 0
    yield from _of_playbook(risk, done.playbook, added)
    if risk.per_symbol.is_set:
        yield _of_symbol(question, risk.per_symbol, done.symbol)
    if risk.per_author.is_set:
        yield _of_author(question, risk.per_author, done.author, added)
    if desk is None:
        return
    limits = (desk.max_open_positions, desk.max_orders_per_day, desk.max_daily_loss)
    yield _Scope("the desk", done.house, added, *limits, desk.span)
    if desk.per_symbol.is_set:
        yield _of_symbol(question, desk.per_symbol, done.house_symbol)
    if desk.per_author.is_set:
        yield _of_author(question, desk.per_author, done.house_author, added)


def _of_playbook(risk: Risk, done: Activity, added: int) -> Iterator[_Scope]:
    """Yield each limit by itself, for each stands in a line of its own."""
    positions, orders, loss = risk.max_open_positions, risk.max_orders_per_day, risk.max_daily_loss
    if positions is not None:
        yield _Scope("the playbook", done, added, positions.most, None, None, positions.span)
    if orders is not None:
        yield _Scope("the playbook", done, added, None, orders.most, None, orders.span)
    if loss is not None:
        yield _Scope("the playbook", done, added, None, None, loss.most, loss.span)


def _of_symbol(question: Question, limits: Counts, done: Activity) -> _Scope:
    mine = None if question.alert is None else root_of(question.alert.symbol)
    added = sum([_opens(outcome) and _symbol(outcome) == mine for outcome in question.before])
    return _scope(str(mine), limits, done, added)


def _of_author(question: Question, limits: Counts, done: Activity, added: int) -> _Scope:
    return _scope(question.message.author.name or "the author", limits, done, added)


def _scope(name: str, limits: Counts, done: Activity, added: int) -> _Scope:
    counted = (limits.max_open_positions, limits.max_orders_per_day, limits.max_daily_loss)
    return _Scope(name, done, added, *counted, limits.span)


def _opens(outcome: Outcome) -> bool:
    return outcome.alert is not None and any(leg.action.opens for leg in outcome.alert.legs)


def _symbol(outcome: Outcome) -> str | None:
    return None if outcome.alert is None else root_of(outcome.alert.symbol)
