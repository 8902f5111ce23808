"""Checks of what may be traded and how much: rules that contradict each other, or that nothing bounds."""

from collections.abc import Iterator
from typing import Final

from engine.model.errors import Issue
from engine.model.limits import Strategy, UndefinedRisk
from engine.playbook.checked import Checked, unknown

_UNDEFINED_RISK: Final = frozenset(
    {Strategy.SHORT_OPTION, Strategy.SHORT_STRADDLE, Strategy.SHORT_STRANGLE, Strategy.SHORT_STOCK}
)


def allowed_and_denied(checked: Checked) -> Iterator[Issue]:
    """A symbol is allowed or denied, not both."""
    symbols = checked.playbook.risk.symbols
    for item in checked.written.section("risk").section("symbols").items("deny"):
        if symbols.allow is not None and item.value in symbols.allow:
            message = f"{item.value} is allowed and denied"
            yield Issue("allowed_and_denied", message, item.span, "one or the other")
    if symbols.allow is not None and not symbols.allow - symbols.deny:
        yield Issue("no_symbol", "no symbol is allowed", checked.at("risk", "symbols", "allow"), "at least one symbol")


def days_contradict(checked: Checked) -> Iterator[Issue]:
    """Some number of days must be allowed, and the default contract must fall among them."""
    playbook = checked.playbook
    days, default = playbook.risk.expiry, playbook.defaults.contract
    if days.max_days is not None and days.min_days > days.max_days:
        message = f"at least {days.min_days} days and at most {days.max_days} leave nothing"
        yield Issue("no_expiry", message, checked.at("risk", "expiry", "min_days"), f"at most {days.max_days}")
    elif default is not None:
        most = default.max_days if days.max_days is None else days.max_days
        if default.min_days > most or default.max_days < days.min_days:
            message = f"risk.expiry refuses every contract {default.min_days} to {default.max_days} days away"
            yield Issue("unreachable_default", message, checked.at("read", "defaults", "contract", "dte"))


def session_is_empty(checked: Checked) -> Iterator[Issue]:
    """The day must begin before it ends."""
    session = checked.playbook.risk.session
    if session.starts is not None and session.ends is not None and session.starts >= session.ends:
        message = f"the day ends at {session.ends:%H:%M}, before it begins at {session.starts:%H:%M}"
        yield Issue("empty_session", message, checked.at("risk", "session", "to"), "a later time")


def undefined_risk(checked: Checked) -> Iterator[Issue]:
    """Kinds whose loss has no limit need the words that allow them."""
    allow = checked.playbook.allow
    if allow.undefined_risk is UndefinedRisk.ALLOWED:
        return
    for item in checked.written.section("allow").items("kinds"):
        if item.value in _UNDEFINED_RISK:
            message = f"the loss of {item.value!r} has no limit, and undefined risk is never allowed"
            yield Issue("undefined_risk", message, item.span, "another kind, or undefined_risk: allowed")


def size_is_unbounded(checked: Checked) -> Iterator[Issue]:
    """Something must say how much an opening may use."""
    playbook, size = checked.playbook, checked.playbook.size
    if size.percent is not None or size.most_contracts is not None or size.most_cost is not None:
        return
    for author in playbook.listen.authors:
        if author.may_open and author.allocation is None:
            message = f"nothing bounds what an opening of {author.name!r} may use"
            yield Issue("size_unbounded", message, checked.at("size"), "'percent' or 'at_most'")
            return


def unreachable_sizes(checked: Checked) -> Iterator[Issue]:
    """Sizes of symbols that may not be traded, and of tags that nobody can write, are never used."""
    playbook = checked.playbook
    written = checked.written.section("size")
    symbols = playbook.risk.symbols
    for symbol, _ in playbook.size.by_symbol:
        if symbol in symbols.deny or (symbols.allow is not None and symbol not in symbols.allow):
            span = written.section("by_symbol").key_span(symbol)
            yield Issue("unreachable_size", f"risk.symbols refuses {symbol}", span, "a symbol that may be traded")
    tags = {words.value for words in playbook.read.words if words.field == "size"}
    for tag, _ in playbook.size.tags:
        if checked.is_complete and tag not in tags:
            yield unknown("unknown_tag", "size tag", tag, tags, written.section("tags").key_span(tag))


LIMIT_CHECKS: Final = (
    allowed_and_denied,
    days_contradict,
    session_is_empty,
    undefined_risk,
    size_is_unbounded,
    unreachable_sizes,
)
