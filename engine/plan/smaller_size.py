"""The smaller of two versions' sizes: never more than either allows, and nothing where they cannot be compared."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.ids import root_of
from engine.model.limits import AlertQuantity, SizeRule
from engine.model.listen import AuthorRule
from engine.model.playbook import Playbook
from engine.plan.strictness import least

_QUANTITY: Final = (AlertQuantity.IGNORE, AlertQuantity.AT_MOST, AlertQuantity.EXACT)
_ONE: Final = Decimal(1)


def smaller_size(promoted: Playbook, newest: Playbook) -> SizeRule:
    """Return a size that is never more than either allows; none at all where their bases cannot be compared."""
    one, other = promoted.size, newest.size
    is_fixed = isinstance(one.of, Decimal) and isinstance(other.of, Decimal)
    if one.basis is not other.basis or (one.of != other.of and not is_fixed):
        return replace(one, most_contracts=0, span=other.span)
    of = min(one.of, other.of) if isinstance(one.of, Decimal) and isinstance(other.of, Decimal) else one.of
    return replace(
        one,
        percent=least(one.percent, other.percent),
        of=of,
        tags=_tags(one, other),
        by_symbol=_by_symbol(promoted, newest),
        alert_quantity=max(one.alert_quantity, other.alert_quantity, key=_QUANTITY.index),
        most_contracts=least(one.most_contracts, other.most_contracts),
        most_cost=least(one.most_cost, other.most_cost),
    )


def _tags(one: SizeRule, other: SizeRule) -> tuple[tuple[str, Decimal], ...]:
    """A tag one of them does not know leaves the usual size."""
    mine, theirs = dict(one.tags), dict(other.tags)
    return tuple((tag, min(mine.get(tag, _ONE), theirs.get(tag, _ONE))) for tag in dict.fromkeys((*mine, *theirs)))


def _by_symbol(promoted: Playbook, newest: Playbook) -> tuple[tuple[str, Decimal], ...]:
    one, other = promoted.size, newest.size
    percent = least(one.percent, other.percent)
    own = (least(own_share(rule, one), own_share(theirs, other)) for rule, theirs in _pairs(promoted, newest))
    # An author's own share that happens to equal the merged percentage is taken for none of his own, and would not
    # count beside the symbol's.
    cap = percent if percent is not None and percent in own else None
    symbols = dict.fromkeys(symbol for rule in (one, other) for symbol, _ in rule.by_symbol)
    shares = ((symbol, least(_share(symbol, one), _share(symbol, other))) for symbol in symbols)
    return tuple((symbol, share if cap is None else min(share, cap)) for symbol, share in shares if share is not None)


def _pairs(promoted: Playbook, newest: Playbook) -> tuple[tuple[AuthorRule, AuthorRule], ...]:
    found = ((rule, newest.listen.author(rule.id)) for rule in promoted.listen.authors)
    return tuple((rule, theirs) for rule, theirs in found if theirs is not None)


def _share(symbol: str, rule: SizeRule) -> Decimal | None:
    shares = dict(rule.by_symbol)
    return shares.get(symbol, shares.get(root_of(symbol), rule.percent))


def own_share(rule: AuthorRule, size: SizeRule) -> Decimal | None:
    """Return the share that is the author's own: one equal to the playbook's stands for none of his own."""
    return None if rule.allocation == size.percent else rule.allocation
