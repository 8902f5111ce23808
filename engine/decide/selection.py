"""
Which contract a signal that names none means: a pure choice among the listed ones.

As the playbook's `read.defaults.contract` says: the nearest listed expiry in its range of days, then
the strike nearest to the price, or the one whose delta is nearest to the one aimed at.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.decide.defaults import is_signal
from engine.model.alert import Alert, Leg, Refusal
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.market import ListedOption, Market
from engine.model.playbook import ContractDefault, StrikeChoice


def select(alert: Alert, choice: ContractDefault, market: Market | None, today: date) -> Alert | Refusal:
    """
    Return the alert with strike and expiry of its leg filled in, or why none can be chosen.

    What is no opening signal comes back as it is: an exit takes its contract from a position, an alert
    with problems said something, and one that names a strike or an expiry is left to the other defaults.
    today: the day in New York that days to expiry count from.
    """
    if alert.problems or not is_signal(alert) or not all(leg.action.opens for leg in alert.legs):
        return alert
    if len(alert.legs) > 1:
        return _refusal(Reason.INCOMPLETE_CONTRACT, "a position of several legs must name its strikes")
    leg = alert.legs[0]
    if market is None or market.chain is None:
        return _refusal(Reason.CHAIN_UNKNOWN, f"the options of {leg.symbol} are not known")
    listed = _of_nearest_expiry(market.chain, leg, choice, today)
    if not listed:
        days = f"{choice.min_days} to {choice.max_days} days after {today}"
        return _refusal(Reason.NO_SUCH_CONTRACT, f"no {leg.right} of {leg.symbol} is listed {days}")
    chosen = _at_the_money(listed, market) if choice.strike is StrikeChoice.ATM else _by_delta(listed, choice.delta)
    if isinstance(chosen, Refusal):
        return chosen
    return replace(alert, legs=(replace(leg, strike=chosen.strike, expiry=chosen.expiry),))


def _of_nearest_expiry(
    chain: tuple[ListedOption, ...], leg: Leg, choice: ContractDefault, today: date
) -> tuple[ListedOption, ...]:
    """Return the options of the leg's right with the nearest expiry in range, from in the money to out of it."""
    first, last = today + timedelta(days=choice.min_days), today + timedelta(days=choice.max_days)
    fitting = [option for option in chain if option.right is leg.right and first <= option.expiry <= last]
    nearest = min((option.expiry for option in fitting), default=None)
    of_nearest = (option for option in fitting if option.expiry == nearest)
    return tuple(sorted(of_nearest, key=lambda option: option.strike, reverse=leg.right is Right.PUT))


def _at_the_money(listed: tuple[ListedOption, ...], market: Market) -> ListedOption | Refusal:
    """Return the strike nearest to the mid of the underlying, or its last price; of two, the one out of the money."""
    quote = market.quote
    price = None if quote is None else quote.last if quote.mid is None else quote.mid
    if price is None:
        return _refusal(Reason.NO_UNDERLYING_PRICE, f"the price of {market.symbol} is not known")
    return min(reversed(listed), key=lambda option: abs(option.strike - price))


def _by_delta(listed: tuple[ListedOption, ...], aim: Decimal) -> ListedOption | Refusal:
    """
    Return the strike whose absolute delta is nearest; of two, the one further out of the money.

    Delta falls from strike to strike, so the strikes beside the one found prove that no other is
    nearer; where one of them has no delta, the one aimed at may be hidden there.
    """
    known = [(index, abs(option.delta)) for index, option in enumerate(listed) if option.delta is not None]
    if not known:
        return _refusal(Reason.DELTA_UNKNOWN, f"no delta of {listed[0].right}s that expire {listed[0].expiry} is known")
    distance = min(abs(delta - aim) for _, delta in known)
    equals = [index for index, delta in known if abs(delta - aim) == distance]
    found = equals[-1]
    beside_them = (option for index in equals for option in listed[max(index - 1, 0) : index + 2])
    unknown = next((option for option in beside_them if option.delta is None), None)
    if unknown is not None:
        beside = f"{unknown.strike:f} beside {listed[found].strike:f}"
        return _refusal(Reason.DELTA_UNKNOWN, f"the delta of {beside} is not known, and may be nearer to {aim}")
    return listed[found]


def _refusal(code: Reason, reason: str) -> Refusal:
    return Refusal(code.value, reason)
