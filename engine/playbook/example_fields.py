"""The fields an example may name, and what an alert says of each."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from engine.model.alert import Alert, Leg, Level
from engine.model.decision import Outcome
from engine.model.stages import Expected

_OF_LEG: Final[Mapping[str, Callable[[Leg], object]]] = {
    "action": lambda leg: leg.action.value,
    "asset": lambda leg: leg.asset.value,
    "symbol": lambda leg: leg.symbol,
    "strike": lambda leg: leg.strike,
    "right": lambda leg: leg.right and leg.right.value,
    "expiry": lambda leg: leg.expiry,
    "ratio": lambda leg: leg.ratio,
}
_OF_ALERT: Final[Mapping[str, Callable[[Alert], object]]] = {
    "action": lambda alert: alert.action.value,
    "asset": lambda alert: alert.asset and alert.asset.value,
    "symbol": lambda alert: alert.symbol,
    "strike": lambda alert: _common("strike", alert),
    "right": lambda alert: _common("right", alert),
    "expiry": lambda alert: _common("expiry", alert),
    "price": lambda alert: "market" if alert.is_market else alert.price,
    "price_high": lambda alert: alert.price_high,
    "credit": lambda alert: alert.is_credit,
    "quantity": lambda alert: alert.quantity,
    "fraction": lambda alert: alert.fraction,
    "stop": lambda alert: alert.stop and _bare(alert.stop),
    "targets": lambda alert: tuple(_bare(target) for target in alert.targets),
    "tags": lambda alert: frozenset(alert.size_tags),
    "structure": lambda alert: alert.structure,
    "problems": lambda alert: frozenset(problem.code for problem in alert.problems),
    "pattern": lambda alert: alert.pattern,
}
_CONTRACTS: Final = "contracts"  # what was sized, not what was said
_SETS: Final = frozenset({"tags", "problems"})


def difference_of(field: Expected, outcome: Outcome) -> str | None:
    """Return how an approved alert differs from what an example says of one field; None when it does not."""
    alert = outcome.alert
    if field.field == _CONTRACTS or alert is None:
        quantity = None if outcome.size is None else outcome.size.quantity
        return None if quantity == field.value else f"is {_shown(quantity)}, the example says {_shown(field.value)}"
    if field.field == "legs":
        return _difference_of_legs(field, alert)
    actual = _OF_ALERT[field.field](alert)
    wanted = frozenset(field.value) if field.field in _SETS and isinstance(field.value, tuple) else field.value
    if actual == wanted:
        return None
    return f"is {_shown(actual)}, the example says {_shown(wanted)}"


def summary_of(alert: Alert) -> str:
    """Return what an alert says, in the order and form the language writes it."""
    names = ("action", "symbol", "strike", "right", "expiry", "price", "quantity", "fraction")
    said = ((name, _OF_ALERT[name](alert)) for name in names)
    return "{" + ", ".join(f"{name}: {_shown(value)}" for name, value in said if value is not None) + "}"


def _common(name: str, alert: Alert) -> object:
    """Return what all legs say alike, None when they differ."""
    values = {_OF_LEG[name](leg) for leg in alert.legs}
    return values.pop() if len(values) == 1 else None


def _bare(level: Level) -> Level:
    return Level(level.price, level.percent, level.words)


def _difference_of_legs(field: Expected, alert: Alert) -> str | None:
    left = list(alert.legs)
    expected = [leg for leg in field.value if isinstance(leg, tuple)] if isinstance(field.value, tuple) else []
    # Those that say most are matched first, so that a vague one does not take the leg of an exact one.
    for wanted in sorted(expected, key=len, reverse=True):
        found = next((leg for leg in left if all(_OF_LEG[one.field](leg) == one.value for one in wanted)), None)
        if found is None:
            written = ", ".join(f"{one.field}: {_shown(one.value)}" for one in wanted)
            return f"are {_shown_legs(alert.legs)}, none of which is left for {{{written}}}"
        left.remove(found)
    return f"are {_shown_legs(alert.legs)}, the example names {len(expected)}" if left else None


def _shown_legs(legs: tuple[Leg, ...]) -> str:
    shown = []
    for leg in legs:
        said = ((name, read(leg)) for name, read in _OF_LEG.items())
        shown.append("{" + ", ".join(f"{name}: {_shown(value)}" for name, value in said if value is not None) + "}")
    return "[" + ", ".join(shown) + "]"


def _shown(value: object) -> str:
    """Return a value as people write it in YAML."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | frozenset):
        items = value if isinstance(value, tuple) else sorted(value, key=str)
        return "[" + ", ".join(_shown(item) for item in items) + "]"
    return shown_level(value) if isinstance(value, Level) else _shown_plain(value)


def _shown_plain(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def shown_level(level: Level) -> str:
    """Return a stop or a target as people write it in YAML."""
    if level.price is not None:
        return f"${level.price}"
    return level.words if level.percent is None else f"{_shown_plain(level.percent)}%"
