"""
The stricter of two versions of a playbook: what production decides by.

The promoted version decides what alerts mean; what the newest version tightens holds for it at once: authors,
channels, strategies, symbols, sizes, limits, collars, spread, session, approvals, and whether it is switched on at all.
Where two rules cannot be compared, openings stop until the newest version is promoted. Closes keep what the promoted
version says of them, but for channels and authors.
"""

from dataclasses import replace
from datetime import time
from typing import Final

from engine.model.errors import InvariantBroken
from engine.model.ladder import Ladder
from engine.model.limits import (
    Allow,
    AmountLimit,
    Cooldown,
    CountLimit,
    DuplicateRule,
    ExpiryRule,
    Hours,
    PriceCollar,
    Risk,
    SessionRule,
    SymbolRule,
    UndefinedRisk,
)
from engine.model.listen import AuthorRule, Channel, Forwards, Listen
from engine.model.playbook import Playbook
from engine.model.stages import Approval, OnTimeout, OnUnavailable, SandboxEach, SandboxPass, SandboxStage, Stages
from engine.plan.smaller_size import own_share, smaller_size
from engine.plan.strictness import either, fewest, least, strictest

NOBODY: Final = ""
"""Stands in a list of approvers for nobody at all: an empty list is everybody who may approve."""


def stricter(promoted: Playbook, newest: Playbook | None) -> Playbook:
    """
    Return the promoted version, tightened by the newest valid one; None when its file is gone: nothing opens then.

    It permits no opening that either of them forbids.
    """
    if newest is None:
        return replace(promoted, enabled=False)
    if promoted.name != newest.name:
        raise InvariantBroken(f"{promoted.name} and {newest.name} are not versions of one playbook")
    own = {rule.condition.text for rule in promoted.refuse_when}
    added = tuple(rule for rule in newest.refuse_when if rule.condition.text not in own)
    is_ended = promoted.stages.production is not None and newest.stages.production is None
    is_enabled = promoted.enabled and newest.enabled and not is_ended
    return replace(
        promoted,
        enabled=is_enabled,
        enabled_span=newest.enabled_span if not newest.enabled else promoted.enabled_span,
        listen=_listen(promoted, newest),
        refuse_when=promoted.refuse_when + added,
        allow=_allow(promoted.allow, newest.allow),
        size=smaller_size(promoted, newest),
        open_ladder=_ladder(promoted.open_ladder, newest.open_ladder),
        risk=_risk(promoted.risk, newest.risk),
        stages=_stages(promoted.stages, newest.stages),
    )


def _listen(promoted: Playbook, newest: Playbook) -> Listen:
    one, other = promoted.listen, newest.listen
    refuses = Forwards.REFUSE in (one.forwards, other.forwards)
    return replace(
        one,
        channels=_channels(one, other),
        authors=_authors(promoted, newest),
        forwards=Forwards.REFUSE if refuses else one.forwards,
        max_age=replace(one.max_age, open=min(one.max_age.open, other.max_age.open)),
        good_for=min(one.good_for, other.good_for),
    )


def _channels(one: Listen, other: Listen) -> tuple[Channel, ...]:
    theirs = {channel.id: channel for channel in other.channels}
    return tuple(
        replace(channel, hears_threads=channel.hears_threads and theirs[channel.id].hears_threads)
        for channel in one.channels
        if channel.id in theirs
    )


def _authors(promoted: Playbook, newest: Playbook) -> tuple[AuthorRule, ...]:
    theirs = {rule.id: rule for rule in reversed(newest.listen.authors)}
    share = least(promoted.size.percent, newest.size.percent)
    both = []
    for rule in promoted.listen.authors:
        other = theirs.get(rule.id)
        if other is None or other.kind is not rule.kind:
            continue
        own = least(own_share(rule, promoted.size), own_share(other, newest.size))
        both.append(
            replace(
                rule,
                may_open=rule.may_open and other.may_open,
                may_close=rule.may_close and other.may_close,
                allocation=share if own is None else own,
            )
        )
    return tuple(both)


def _allow(one: Allow, other: Allow) -> Allow:
    is_never = UndefinedRisk.NEVER in (one.undefined_risk, other.undefined_risk)
    return replace(
        one,
        kinds=one.kinds & other.kinds,
        undefined_risk=UndefinedRisk.NEVER if is_never else one.undefined_risk,
    )


def _ladder(one: Ladder, other: Ladder) -> Ladder:
    return replace(one, too_good=least(one.too_good, other.too_good))


def _risk(one: Risk, other: Risk) -> Risk:
    return replace(
        one,
        symbols=_symbols(one.symbols, other.symbols),
        session=_session(one.session, other.session),
        expiry=_expiry(one.expiry, other.expiry),
        max_open_positions=either(one.max_open_positions, other.max_open_positions, _fewer),
        max_orders_per_day=either(one.max_orders_per_day, other.max_orders_per_day, _fewer),
        max_daily_loss=either(one.max_daily_loss, other.max_daily_loss, _less),
        per_symbol=fewest(one.per_symbol, other.per_symbol),
        per_author=fewest(one.per_author, other.per_author),
        price_collar=either(one.price_collar, other.price_collar, _collar),
        max_spread=either(one.max_spread, other.max_spread, _less),
        duplicates=_duplicates(one.duplicates, other.duplicates),
        cooldown=either(one.cooldown, other.cooldown, _cooldown),
    )


def _fewer(one: CountLimit, other: CountLimit) -> CountLimit:
    return other if other.most < one.most else one


def _less(one: AmountLimit, other: AmountLimit) -> AmountLimit:
    return other if other.most < one.most else one


def _duplicates(one: DuplicateRule, other: DuplicateRule) -> DuplicateRule:
    return other if other.window > one.window else one


def _symbols(one: SymbolRule, other: SymbolRule) -> SymbolRule:
    return replace(one, allow=either(one.allow, other.allow, frozenset.__and__), deny=one.deny | other.deny)


def _session(one: SessionRule, other: SessionRule) -> SessionRule:
    return replace(
        one,
        hours=Hours.REGULAR if Hours.REGULAR in (one.hours, other.hours) else one.hours,
        starts=either(one.starts, other.starts, _later),
        ends=either(one.ends, other.ends, _earlier),
        not_before_open=max(one.not_before_open, other.not_before_open),
        stop_before_close=max(one.stop_before_close, other.stop_before_close),
    )


def _later(one: time, other: time) -> time:
    return max(one, other)


def _earlier(one: time, other: time) -> time:
    return min(one, other)


def _expiry(one: ExpiryRule, other: ExpiryRule) -> ExpiryRule:
    days = max(one.min_days, other.min_days)
    return replace(one, min_days=days, max_days=least(one.max_days, other.max_days))


def _collar(one: PriceCollar, other: PriceCollar) -> PriceCollar:
    return PriceCollar(least(one.from_alert, other.from_alert), least(one.from_mid, other.from_mid), other.span)


def _cooldown(one: Cooldown, other: Cooldown) -> Cooldown:
    return Cooldown(min(one.after_losses, other.after_losses), max(one.pause, other.pause), other.span)


def _stages(one: Stages, other: Stages) -> Stages:
    production = one.production
    if production is not None and other.production is not None:
        approval = either(production.approval, other.production.approval, _approval)
        production = replace(production, approval=approval)
    sandbox = one.sandbox
    if sandbox is not None and other.sandbox is not None:
        sandbox = _sandbox(sandbox, other.sandbox)
    return replace(one, sandbox=sandbox, production=production)


def _sandbox(one: SandboxStage, other: SandboxStage) -> SandboxStage:
    is_each = SandboxEach.OPENS in (one.each, other.each)
    is_filled = SandboxPass.FILLED in (one.passes_at, other.passes_at)
    return replace(
        one,
        each=SandboxEach.OPENS if is_each else one.each,
        passes_at=SandboxPass.FILLED if is_filled else one.passes_at,
        on_unavailable=_unavailable(one.on_unavailable, other.on_unavailable),
    )


def _unavailable(one: OnUnavailable | None, other: OnUnavailable | None) -> OnUnavailable | None:
    """What is left to the desk cannot be compared with what is said."""
    if one is other:
        return one
    return OnUnavailable.BLOCK if one is None or other is None else strictest(one, other)


def _approval(one: Approval, other: Approval) -> Approval:
    """Both must be content with who approves; where no name is on both lists, nobody may."""
    refuses = OnTimeout.REFUSE in (one.on_timeout, other.on_timeout)
    return replace(
        one,
        above=min(one.above, other.above),
        by=_both(one.by, other.by),
        within=min(one.within, other.within),
        on_timeout=OnTimeout.REFUSE if refuses else one.on_timeout,
    )


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not (one and other):
        return one or other
    return tuple(name for name in one if name in other) or (NOBODY,)
