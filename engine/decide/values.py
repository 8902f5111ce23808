"""The values of the names a `refuse_when` condition may use (`engine.model.rule.RULE_NAMES`), for one alert."""

from collections.abc import Mapping
from datetime import date

from engine.model.alert import Alert, Leg
from engine.model.message import Message, text_of
from engine.parse.calendar import market_date


def values_of(alert: Alert, message: Message, author: str, channel: str) -> Mapping[str, object]:
    """
    Return the value of every name in RULE_NAMES; None for what the alert does not say.

    author, channel: the names the playbook gives them.
    """
    leg = alert.legs[0] if alert.legs else None
    return {
        "action": alert.action.value,
        "asset": None if alert.asset is None else alert.asset.value,
        "symbol": alert.symbol,
        "structure": alert.structure,
        "legs": len(alert.legs),
        **_of_leg(leg, market_date(message.at)),
        "price": alert.price,
        "quantity": alert.quantity,
        "fraction": alert.fraction,
        "is_market": alert.is_market,
        "tags": alert.size_tags,
        "stop": None if alert.stop is None else alert.stop.price,
        "target": alert.targets[0].price if alert.targets else None,
        "pattern": alert.pattern,
        "author": author,
        "channel": channel,
        "text": text_of(message),
    }


def _of_leg(leg: Leg | None, posted: date) -> dict[str, object]:
    if leg is None:
        return {"strike": None, "right": None, "expiry": None, "dte": None}
    return {
        "strike": leg.strike,
        "right": None if leg.right is None else leg.right.value,
        "expiry": leg.expiry,
        "dte": None if leg.expiry is None else (leg.expiry - posted).days,
    }
