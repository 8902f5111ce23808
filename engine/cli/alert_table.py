"""An alert as a table people read: what was understood, and the words it was read from."""

from collections.abc import Iterator

from rich.table import Table

from engine.app.json_form import decimal_text
from engine.cli.screen import visible
from engine.model.alert import Alert, Asset, Leg, Level
from engine.parse.exits import describe

# Fields of an alert, and the fields of the text they may have been read from, in order.
_READ_FROM = {
    "price": ("price", "late_price", "average_price"),
    "is_market": ("market", "price"),
    "is_part": ("part", "fraction"),
}


def alert_table(alert: Alert, title: str) -> Table:
    """Return field, value and the raw words of everything an alert says; what is unsaid has no row."""
    words = {found.field: visible(found.text) for found in alert.found}
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    table.add_column("field", style="cyan")
    table.add_column("value")
    table.add_column("read from", style="dim")
    for field, value in _rows(alert):
        sources = _READ_FROM.get(field, (field,))
        table.add_row(field, value, next((words[source] for source in sources if source in words), ""))
    return table


def one_line(alert: Alert) -> str:
    """
    Return an alert the way people write one.

    >>> from engine.model.alert import Action
    >>> one_line(Alert(Action.SELL_TO_CLOSE, "SPY", Asset.OPTION, is_market=True))
    'sell_to_close SPY @ market'
    """
    parts = [alert.action.value, decimal_text(alert.fraction) and f"{decimal_text(alert.fraction)} of"]
    parts += [str(alert.quantity) if alert.quantity is not None else None, alert.structure or None]
    parts += [describe(alert.legs) or alert.symbol]
    price = "market" if alert.is_market else decimal_text(alert.price)
    parts += [f"@ {price}" if price else None]
    parts += [f"stop {level_text(alert.stop)}" if alert.stop else None]
    return " ".join(part for part in parts if part)


def level_text(level: Level) -> str:
    """Return a stop or a target as written."""
    price, percent, trail = (decimal_text(value) for value in (level.price, level.percent, level.trail))
    main = price or (f"{percent} %" if percent else level.words)
    return f"{main}, trailing {trail} %" if trail else main


def _rows(alert: Alert) -> Iterator[tuple[str, str]]:
    numbers = (("price", alert.price), ("price_high", alert.price_high), ("fraction", alert.fraction))
    yield "action", alert.action.value
    yield "symbol", alert.symbol or "not said"
    if alert.structure:
        yield "structure", alert.structure
    if len(alert.legs) == 1:
        yield from _rows_of_leg(alert.legs[0])
    else:
        yield from ((f"leg {number}", _leg_text(leg)) for number, leg in enumerate(alert.legs, 1))
    if alert.quantity is not None:
        yield "quantity", str(alert.quantity)
    yield from ((name, decimal_text(value) or "") for name, value in numbers if value is not None)
    yield from _rows_of_flags(alert)
    if alert.stop is not None:
        yield "stop", level_text(alert.stop)
    yield from (("target", level_text(target)) for target in alert.targets)
    yield from (("size", tag) for tag in alert.size_tags)
    yield from (("problem", f"{problem.code}: {problem.detail}") for problem in alert.problems)


def _rows_of_leg(leg: Leg) -> Iterator[tuple[str, str]]:
    if leg.asset is not Asset.OPTION:
        yield "asset", leg.asset.value
        return
    yield "strike", decimal_text(leg.strike) or "not said"
    yield "right", leg.right.value if leg.right else "not said"
    yield "expiry", leg.expiry.isoformat() if leg.expiry else "not said"


def _rows_of_flags(alert: Alert) -> Iterator[tuple[str, str]]:
    if alert.is_market:
        yield "is_market", "at market"
    if alert.is_credit is not None:
        yield "net", "credit received" if alert.is_credit else "debit paid"
    if alert.is_part:
        yield "is_part", "a part, size not said"


def _leg_text(leg: Leg) -> str:
    side = "+" if leg.action.buys else "-"
    kind = "" if leg.asset is Asset.OPTION else f" {leg.asset.value}"
    return f"{side}{leg.ratio} {describe((leg,))}{kind}"
