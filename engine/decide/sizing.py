"""How much one alert may trade: the smallest of everything that applies, rounded down."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from engine.decide.facts import Facts
from engine.decide.ids import root_of
from engine.decide.payoff import payoff
from engine.decide.pricing import OrderQuote, multiplier_of, order_price
from engine.decide.question import Answer, could_not_run, failed
from engine.decide.strategies import has_undefined_risk, receives
from engine.decide.terms import CANARY_BOUND, Terms
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import Outcome, Reason, Size
from engine.model.desk import HouseLimits
from engine.model.limits import AlertQuantity, SizeBase, SizeBasis, SizeRule, Strategy
from engine.model.listen import AuthorRule
from engine.model.market import AccountState, Market
from engine.model.position import Position
from engine.model.source import Span

_BOUGHT: Final = frozenset({Strategy.STOCK, Strategy.LONG_OPTION})  # what is paid is all that can be lost
_ONE: Final = Decimal(1)
_CENT: Final = Decimal("0.01")


@dataclass(slots=True, eq=False)
class Opening:
    """
    What is to be sized.

    legs: those that open. kind: what they make. author: None for a stranger, who has no size of his own.
    before: what was approved of the same message. held: what a roll closes, None for any other opening.
    """

    alert: Alert
    legs: tuple[Leg, ...]
    kind: Strategy
    author: AuthorRule | None
    quote: OrderQuote | None
    market: Market | None
    before: tuple[Outcome, ...] = ()
    held: int | None = None


class _Bound(NamedTuple):
    """One limit: at most so many units. allows: dollars it leaves, None where it counts units; each: what one takes."""

    name: str
    units: int
    span: Span
    allows: Decimal | None = None
    each: Decimal | None = None


def opening_size(opening: Opening, terms: Terms, facts: Facts) -> Size | Answer:
    """Return how much may be opened, or the answer of the size gate that says why nothing or why that is not known."""
    rule = terms.playbook.size
    is_received = receives(opening.kind, opening.alert)
    price = order_price(opening.alert, opening.quote, receives=is_received)
    unit = _unit_cost(opening, price, rule, is_received=is_received)
    if isinstance(unit, Answer):
        return unit
    least: _Bound | None = None
    for bound in _bounds(opening, unit, _order_value(opening, unit, price), terms, facts):
        if isinstance(bound, Answer):
            return bound
        if least is None or bound.units < least.units:
            least = bound
    if least is None:
        return could_not_run(Reason.SIZE_UNKNOWN, "nothing bounds how much may be opened", rule.span)
    if least.units == 0:
        return _too_small(opening, unit, least)
    wanted = opening.alert.quantity
    if wanted is not None and rule.alert_quantity is AlertQuantity.EXACT and least.units < wanted:
        detail = f"the alert asks for exactly {wanted}, {least.name} allows {least.units}"
        return failed(Reason.QUANTITY_OVER_LIMIT, detail, least.span)
    return Size(least.units, unit, price, least.name)


def closing_size(alert: Alert, position: Position | None) -> Size | None:
    """
    Return how much a close takes from its position; None when how much is open is not known, or nothing is traded.

    A fraction is rounded down, but closes at least one; a quantity is never more than what is open.
    """
    if alert.action is Action.UPDATE or position is None or position.quantity is None:
        return None
    held = position.quantity
    if alert.quantity is not None:
        by, units = ("alert quantity", alert.quantity) if alert.quantity <= held else ("position", held)
    elif alert.fraction is not None and alert.fraction < 1:
        by, units = "fraction", max(1, int(held * alert.fraction))
    else:
        by, units = "position", held
    return Size(units, Decimal(0), alert.price, by)


def _unit_cost(opening: Opening, price: Decimal | None, rule: SizeRule, *, is_received: bool) -> Decimal | Answer:
    """Return what one unit counts as, in dollars."""
    kind, legs = opening.kind, opening.legs
    if kind is Strategy.FUTURE or has_undefined_risk(kind, legs) or _is_brokers(rule, is_received=is_received):
        return _margin(opening, rule)
    if price is None:
        return could_not_run(Reason.SIZE_UNKNOWN, "neither the alert nor the market says a price", rule.span)
    if kind in _BOUGHT:
        return _premium(opening, price)
    return _most_lost(opening, -price if is_received else price)


def _order_value(opening: Opening, unit: Decimal, price: Decimal | None) -> Decimal:
    """Return the dollars one unit is worth as an order: what is paid or received, where that is more than its cost."""
    multiplier = multiplier_of(opening.legs)
    if opening.kind is Strategy.FUTURE or price is None or multiplier is None:
        return unit
    return max(unit, abs(price) * multiplier)


def _premium(opening: Opening, price: Decimal) -> Decimal | Answer:
    if price <= 0:
        return failed(Reason.IMPOSSIBLE_PRICE, f"this {opening.kind.value} is not to be had at {price}")
    multiplier = multiplier_of(opening.legs)
    return price * multiplier if multiplier is not None else _unknown_worth(opening)


def _most_lost(opening: Opening, paid: Decimal) -> Decimal | Answer:
    """Return the dollars one unit can lose. paid: dollars per share, negative when received."""
    kind, legs = opening.kind, opening.legs
    worth = payoff(legs)
    if worth.worst is None:
        return could_not_run(Reason.SIZE_UNKNOWN, f"the loss of this {kind.value} has no bound")
    loss = paid - worth.worst
    is_of_one_day = len({leg.expiry for leg in legs}) == 1
    if loss <= 0 or (worth.best is not None and is_of_one_day and paid >= worth.best):
        way, certain = "received" if paid < 0 else "paid", "lose" if loss <= 0 else "win"
        detail = f"at {abs(paid)} {way}, this {kind.value} could not {certain}"
        return failed(Reason.IMPOSSIBLE_PRICE, detail)
    multiplier = multiplier_of(legs)
    return loss * multiplier if multiplier is not None else _unknown_worth(opening)


def _unknown_worth(opening: Opening) -> Answer:
    symbol = opening.legs[0].symbol
    return could_not_run(Reason.SIZE_UNKNOWN, f"what one point of {symbol} is worth is not known")


def _is_brokers(rule: SizeRule, *, is_received: bool) -> bool:
    """What is bought takes its premium from the buying power; for what is sold, only the broker knows."""
    return rule.basis is SizeBasis.BUYING_POWER and is_received


def _margin(opening: Opening, rule: SizeRule) -> Decimal | Answer:
    margin = None if opening.market is None else opening.market.margin
    if margin is None or margin <= 0:
        return could_not_run(Reason.SIZE_UNKNOWN, f"the margin of one {opening.kind.value} is not known", rule.span)
    return margin


def _bounds(opening: Opening, unit: Decimal, value: Decimal, terms: Terms, facts: Facts) -> Iterator[_Bound | Answer]:
    """Yield every limit that applies, those of the playbook first; an answer where one is not known."""
    rule, account = terms.playbook.size, facts.account
    tagged = _of_tags(opening.alert, rule)
    yield from _of_share(opening, unit, rule, account)
    capped = min(_ONE, tagged)
    if rule.most_contracts is not None:
        yield _Bound("size.at_most.contracts", int(rule.most_contracts * capped), rule.span)
    if rule.most_cost is not None:
        yield _dollars("size.at_most.cost", rule.most_cost * capped, unit, rule.span)
    wanted = opening.alert.quantity
    if wanted is not None and rule.alert_quantity is not AlertQuantity.IGNORE:
        yield _Bound("alert quantity", wanted, rule.span)
    if opening.held is not None:
        yield _Bound("position", opening.held, rule.span)
    if terms.most_units is not None:
        yield _Bound(CANARY_BOUND, terms.most_units, terms.playbook.stages.span)
    if terms.house is not None:
        if terms.house.max_order_value is not None:
            yield _dollars("limits.max_order_value", terms.house.max_order_value, value, terms.house.span)
        yield from _of_house(opening, unit, terms.house, account)


def _of_tags(alert: Alert, rule: SizeRule) -> Decimal:
    """Return the share of the usual size that the alert's tags leave: the smallest of theirs."""
    if not alert.size_tags or not rule.tags:
        return _ONE
    return min((share for tag, share in rule.tags if tag in alert.size_tags), default=_ONE)


def _of_share(
    opening: Opening, unit: Decimal, rule: SizeRule, account: AccountState | None
) -> Iterator[_Bound | Answer]:
    """Yield what the allocation percentages allow: the playbook's or the symbol's, and the author's own."""
    own = None if opening.author is None else opening.author.allocation
    by_symbol = _of_symbol(opening.alert.symbol, rule) if rule.by_symbol else None
    shares = [("size.percent", rule.percent) if by_symbol is None else ("size.by_symbol", by_symbol)]
    if own is not None and own != rule.percent:
        shares.append(("allocation of the author", own))
    for name, share in shares:
        if share is None:
            continue
        base = _base(rule, account, opening.before)
        if base is None:
            yield could_not_run(Reason.SIZE_UNKNOWN, f"{name} needs the account's {rule.of}, not known", rule.span)
        else:
            yield _dollars(name, base * share * _of_tags(opening.alert, rule), unit, rule.span)


def _of_symbol(symbol: str | None, rule: SizeRule) -> Decimal | None:
    """Return the share of a symbol, else that of its underlying; None when neither has its own."""
    shares = dict(rule.by_symbol)
    return shares.get(symbol or "", shares.get(root_of(symbol)))


def _base(rule: SizeRule, account: AccountState | None, before: tuple[Outcome, ...]) -> Decimal | None:
    if isinstance(rule.of, Decimal):
        return rule.of
    if account is None:
        return None
    if rule.of is SizeBase.NET_LIQ:
        return account.net_liq
    used = sum((outcome.size.cost for outcome in before if outcome.size), Decimal(0))
    return None if account.buying_power is None else account.buying_power - used


def _of_house(
    opening: Opening, unit: Decimal, house: HouseLimits, account: AccountState | None
) -> Iterator[_Bound | Answer]:
    legs = opening.legs
    shares = max([leg.ratio for leg in legs if leg.asset is Asset.STOCK], default=0)
    contracts = max([leg.ratio for leg in legs if leg.asset is not Asset.STOCK], default=0)
    if house.max_contracts is not None and contracts:
        yield _Bound("limits.max_contracts", house.max_contracts // contracts, house.span)
    if house.max_shares is not None and shares:
        yield _Bound("limits.max_shares", house.max_shares // shares, house.span)
    if house.max_size is not None:
        if account is None or account.net_liq is None:
            yield could_not_run(Reason.SIZE_UNKNOWN, "limits.max_size needs net_liq, not known", house.span)
        else:
            yield _dollars("limits.max_size", account.net_liq * house.max_size, unit, house.span)


def _dollars(name: str, allows: Decimal, unit: Decimal, span: Span) -> _Bound:
    return _Bound(name, max(0, int(allows // unit)), span, allows, unit)


def _too_small(opening: Opening, unit: Decimal, bound: _Bound) -> Answer:
    what = "shares" if opening.kind in (Strategy.STOCK, Strategy.SHORT_STOCK) else "contracts"
    allows = str(bound.units) if bound.allows is None else f"${max(bound.allows, Decimal(0)).quantize(_CENT):,}"
    cost = f"${(bound.each or unit).quantize(_CENT):,}"
    return failed(Reason.TOO_SMALL, f"0 {what}: one would cost {cost}, {bound.name} allows {allows}", bound.span)
