"""What `read.defaults` fills in where an alert is silent; nothing else ever is."""

from dataclasses import dataclass, replace
from datetime import date

from engine.model.alert import Alert, Asset, Leg
from engine.model.playbook import ExpiryDefault, PartDefault, ReadDefaults
from engine.model.source import Span
from engine.parse.dates import read_expiry


@dataclass(frozen=True, slots=True)
class Filled:
    """One field that was filled in: what with, and the line that says so."""

    field: str
    value: str
    span: Span

    def __str__(self) -> str:
        return f"{self.field} {self.value} filled by read.defaults at {self.span}"


def fill(alert: Alert, defaults: ReadDefaults, posted: date) -> tuple[Alert, tuple[Filled, ...]]:
    """
    Return the alert with what its playbook's defaults add, and what they added.

    posted: the day of the message in New York. An expiry is filled in on openings only: an exit takes
    it from the open position. An alert with problems said something, so nothing is filled in.
    """
    if alert.problems:
        return alert, ()
    if alert.is_part and alert.fraction is None and alert.quantity is None and defaults.part is not None:
        return _with_part(alert, defaults.part)
    if defaults.expiry is not None and _lacks_only_expiry(alert):
        return _with_expiry(alert, defaults.expiry, posted)
    return alert, ()


def missing(alert: Alert) -> tuple[str, ...]:
    """Return the names of what the opening legs of an alert still do not say."""
    legs = [leg for leg in alert.legs if leg.action.opens]
    if not legs:
        return ("contract",)
    return tuple(dict.fromkeys(name for leg in legs for name in _missing(leg)))


def is_signal(alert: Alert) -> bool:
    """Return whether an opening says which way to go but names neither strike nor expiry."""
    return bool(alert.legs) and all(
        leg.asset is Asset.OPTION and leg.symbol and leg.right and leg.strike is None and leg.expiry is None
        for leg in alert.legs
    )


def _missing(leg: Leg) -> tuple[str, ...]:
    fields: dict[str, object] = {"symbol": leg.symbol}
    if leg.asset is Asset.OPTION:
        fields |= {"strike": leg.strike, "right": leg.right, "expiry": leg.expiry}
    return tuple(name for name, value in fields.items() if value is None)


def _with_part(alert: Alert, part: PartDefault) -> tuple[Alert, tuple[Filled, ...]]:
    return replace(alert, fraction=part.fraction), (Filled("fraction", f"{part.fraction:f}", part.span),)


def _lacks_only_expiry(alert: Alert) -> bool:
    opening = [leg for leg in alert.legs if leg.action.opens and leg.asset is Asset.OPTION]
    return bool(opening) and all(leg.strike is not None and leg.expiry is None for leg in opening)


def _with_expiry(alert: Alert, default: ExpiryDefault, posted: date) -> tuple[Alert, tuple[Filled, ...]]:
    meaning = default.listed if alert.symbol in default.symbols else default.other
    if meaning is None:
        return alert, ()
    expiry = read_expiry(meaning, meaning, posted)
    if expiry.day is None:
        return alert, ()
    legs = tuple(replace(leg, expiry=expiry.day) if _takes_expiry(leg) else leg for leg in alert.legs)
    problems = () if expiry.problem is None else (expiry.problem,)
    filled = Filled("expiry", expiry.day.isoformat(), default.span)
    return replace(alert, legs=legs, problems=problems), (filled,)


def _takes_expiry(leg: Leg) -> bool:
    return leg.action.opens and leg.asset is Asset.OPTION
