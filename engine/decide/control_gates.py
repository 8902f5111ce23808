"""The gates of what is already under way: trading states, duplicates, repeats, a playbook switched off."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from engine.decide.facts import Earlier
from engine.decide.ids import contract_key, intent_key, intent_keys
from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, passed
from engine.model.activity import Restriction, Scope, SimilarOpening, TradingState
from engine.model.alert import Action, Alert
from engine.model.decision import Reason
from engine.model.source import Span


def trading_state(question: Question) -> Answer:
    """
    Nobody has stopped trading here: reducing stops openings, halted also what an alert closes or moves.

    A person's own close and cancels are not alerts and pass elsewhere.
    """
    restrictions = question.facts.restrictions
    if restrictions is None:
        return could_not_run(Reason.TRADING_STATE_UNKNOWN, "whether trading is active is not known")
    if not restrictions:
        return PASSED
    message = question.message
    named = {
        Scope.ACCOUNT: (question.account,),
        Scope.PLAYBOOK: (question.playbook.name,),
        Scope.AUTHOR: (message.author.id,),
        Scope.CHANNEL: (message.channel_id, message.parent_channel_id),
    }
    against = restriction_against(restrictions, named, opens=question.opens)
    if against is None:
        return PASSED
    code = Reason.TRADING_HALTED if against.state is TradingState.HALTED else Reason.TRADING_REDUCED
    return failed(code, stated(against))


def restriction_against(
    restrictions: tuple[Restriction, ...], named: Mapping[Scope, tuple[str, ...]], *, opens: bool
) -> Restriction | None:
    """
    Return the restriction that stands against an order, the strictest first; None when none does.

    named: the account, playbook, author and channels it is of. opens: whether any leg adds to a position.
    """
    here = [each for each in restrictions if each.scope is Scope.ALL or each.of in named[each.scope]]
    halted = next((each for each in here if each.state is TradingState.HALTED), None)
    reducing = next((each for each in here if each.state is TradingState.REDUCING), None)
    return halted or (reducing if opens else None)


def stated(restriction: Restriction) -> str:
    """Return a restriction as people read it."""
    of = restriction.scope.value if restriction.scope is Scope.ALL else f"{restriction.scope.value} {restriction.of}"
    return f"{restriction.state.value} for {of}, set by {restriction.by}: {restriction.why}"


def duplicate(question: Question) -> Answer:
    """The same is not done twice: not for one message, and not for one contract and side within a window."""
    if question.alert is None:
        return PASSED
    history = question.about.history
    if history is None:
        return could_not_run(Reason.HISTORY_UNKNOWN, "what was approved before is not known")
    message = question.message
    is_known = history.intents and (
        intent_key(message, question.playbook.name, question.account, question.index) in history.intents
    )
    if not question.opens:
        return _of_close(question) if is_known or (history.intents and message.event > 1) else PASSED
    if is_known:
        return failed(Reason.DUPLICATE, "an order for this alert was approved before")
    earlier = question.facts.earlier
    if message.event > 1 and earlier is not None and earlier.intents:
        detail = "what the message said before was approved; an edit cancels what is unfilled and opens nothing anew"
        return failed(Reason.DUPLICATE, detail, question.playbook.listen.on_edit_span)
    return next(_of_contract(question, history.similar), PASSED)


def _of_close(question: Question) -> Answer:
    """A close that was approved is not sent again for an edit of its price; one that now means something else is."""
    earlier = question.facts.earlier
    if question.alert is None or question.alert.action is Action.UPDATE:
        return PASSED
    if earlier is None:
        if question.message.event > 1:
            return could_not_run(Reason.EARLIER_UNKNOWN, "what the message closed before is not known")
    elif not _was_approved(question, earlier):
        return passed("closes something else than before the edit")
    return failed(Reason.DUPLICATE, "this close was approved before")


def _was_approved(question: Question, earlier: Earlier) -> bool:
    """Return whether the message closed this before the edit, wherever it said so, and as often as it says it now."""
    history, alerts, index = question.about.history, question.reading.alerts, question.index
    known = frozenset() if history is None else history.intents
    name, accounts = question.playbook.name, {*question.terms.accounts, question.account}
    approved = [
        _closes(alert)
        for place, alert in enumerate(earlier.alerts)
        if known & intent_keys(question.message, name, accounts, place)
    ]
    mine = _closes(alerts[index])
    return approved.count(mine) > [_closes(alert) for alert in alerts[:index]].count(mine)


def _closes(alert: Alert) -> tuple[object, ...]:
    """Return what a close takes from what; its price does not count."""
    return alert.action, alert.symbol, alert.asset, alert.legs, alert.fraction, alert.quantity


def _of_contract(question: Question, similar: tuple[SimilarOpening, ...]) -> Iterator[Answer]:
    if not similar and not question.before:
        return
    contract = contract_key(question.opening)
    for outcome in question.before:
        if outcome.alert and contract_key(leg for leg in outcome.alert.legs if leg.action.opens) == contract:
            yield failed(Reason.DUPLICATE, "an alert before it in the same message opens the same")
    for opening in similar:
        if opening.contract == contract:
            yield from _of_opening(question, opening)


def _of_opening(question: Question, opening: SimilarOpening) -> Iterator[Answer]:
    terms, playbook = question.terms, question.playbook
    is_own, is_house = opening.playbook == playbook.name, bool(terms.account) and opening.account == terms.account
    if opening.message_id == question.message.id and (is_own or is_house):
        yield failed(Reason.DUPLICATE, f"{opening.playbook} opened the same for this very message")
    age = question.facts.now - opening.at
    if is_own and age <= playbook.risk.duplicates.window and playbook.risk.duplicates.window:
        yield _again(opening, age, playbook.risk.duplicates.window, playbook.risk.duplicates.span)
    house = terms.house
    if house is not None and is_house and age <= house.duplicate_window and house.duplicate_window:
        yield _again(opening, age, house.duplicate_window, house.span)


def _again(opening: SimilarOpening, age: timedelta, window: timedelta, span: Span) -> Answer:
    ago, within = f"{age.total_seconds():g} s", f"{window.total_seconds():g} s"
    detail = f"{opening.playbook} opened the same {ago} before (message {opening.message_id}), within {within}"
    return failed(Reason.DUPLICATE, detail, span)


def repeats(question: Question) -> Answer:
    """One playbook does not open one contract over and over."""
    house = question.terms.house
    if house is None or house.repeats is None:
        return PASSED
    limit, history = house.repeats, question.about.history
    if history is None:
        return could_not_run(Reason.HISTORY_UNKNOWN, "how often it was opened before is not known", limit.span)
    if not history.similar:
        return PASSED
    contract, since = contract_key(question.opening), question.facts.now - limit.within
    times = sum(
        each.contract == contract and each.playbook == question.playbook.name and each.at >= since
        for each in history.similar
    )
    if times < limit.times:
        return PASSED
    within = f"{limit.within.total_seconds():g} s"
    return failed(Reason.REPEATED, f"opened {times} times within {within}, at most {limit.times}", limit.span)


def enabled(question: Question) -> Answer:
    """The playbook is switched on."""
    playbook = question.playbook
    if not playbook.enabled:
        return failed(Reason.DISABLED, f"{playbook.name} is switched off", playbook.enabled_span)
    return PASSED
