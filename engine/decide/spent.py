"""What approved openings may pay beyond the mid: counted for the day, and for those before in the same message."""

from decimal import Decimal
from typing import Final

from engine.decide.facts import Facts
from engine.decide.pricing import order_quote, over_mid
from engine.decide.strategies import receives, strategies_of
from engine.model.decision import Outcome

_ZERO: Final = Decimal(0)


def spent_over_mid(facts: Facts, outcome: Outcome) -> Decimal:
    """
    Return the dollars that an approved outcome may pay beyond the mid, zero for one that opens nothing.

    facts: of its decision; an assumed quote is the alert's own price, so nothing is paid beyond it.
    """
    alert, market = outcome.alert, facts.about(outcome.index).market
    if outcome.size is None or alert is None or market is None or "quotes" in facts.assumed:
        return _ZERO
    opening = tuple([leg for leg in alert.legs if leg.action.opens])
    kind = next(iter(strategies_of(opening)), None) if opening else None
    quote = None if kind is None else order_quote(opening, market, receives=receives(kind, alert))
    return _ZERO if quote is None else over_mid(outcome.size, quote, opening)
