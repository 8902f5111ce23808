"""Readings in the short JSON shape that `signalbook parse --jsonl` prints."""

from engine.app.json_form import Json, decimal_text
from engine.model.alert import Alert, Leg, Reading
from engine.model.decision import Reason


def reading_json(reading: Reading) -> Json:
    """
    Return a reading in the short shape.

    Shape: {"alerts": [alert, …], "refusal": null | {"code", "reason"}}; an alert is action, symbol,
    price, quantity, fraction and legs. Numbers that may have decimals are texts, what is unsaid is
    null, all out is the fraction "1". An alert of a day that does not exist is shown as the
    refusal it becomes, for the shape has no place for problems.
    """
    refusal = reading.refusal
    problems = (problem for alert in reading.alerts for problem in alert.problems)
    if impossible := next((problem for problem in problems if problem.code == Reason.BAD_DATE), None):
        return {"alerts": [], "refusal": {"code": impossible.code, "reason": impossible.detail}}
    return {
        "alerts": [_alert(alert) for alert in reading.alerts],
        "refusal": None if refusal is None else {"code": refusal.code, "reason": refusal.reason},
    }


def _alert(alert: Alert) -> Json:
    return {
        "action": alert.action.value,
        "symbol": alert.symbol,
        "price": decimal_text(alert.price),
        "quantity": alert.quantity,
        "fraction": decimal_text(alert.fraction),
        "legs": [_leg(leg) for leg in alert.legs],
    }


def _leg(leg: Leg) -> Json:
    return {
        "action": leg.action.value,
        "symbol": leg.symbol,
        "strike": decimal_text(leg.strike),
        "right": None if leg.right is None else leg.right.value,
        "expiry": None if leg.expiry is None else leg.expiry.isoformat(),
        "ratio": leg.ratio,
    }
