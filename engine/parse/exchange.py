"""
The days an exchange is closed or closes early, from the maintained `holidays` package.

What an exchange decides after the installed version of the package appeared (a day of mourning, a
storm) is not known, nor is anything after the year 2100.
"""

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Final

SATURDAY: Final = 5


class Exchange(StrEnum):
    """An exchange, or a group that keeps its days: NYSE for all US stocks and options, CME for Globex futures."""

    NYSE = "nyse"
    CME = "cme"


_CLASSES: Final = {
    Exchange.NYSE: ("ny_stock_exchange", "NewYorkStockExchange"),
    Exchange.CME: ("chicago_mercantile_exchange", "ChicagoMercantileExchange"),
}


@cache
def closed_days(exchange: Exchange, year: int) -> frozenset[date]:
    """Return the weekdays of a year without a session."""
    return _weekdays(_calendar(exchange)(years=year))


@cache
def early_closes(exchange: Exchange, year: int) -> frozenset[date]:
    """Return the weekdays of a year whose session ends early."""
    return _weekdays(_calendar(exchange)(years=year, categories=("half_day",))) - closed_days(exchange, year)


def _weekdays(days: Iterable[date]) -> frozenset[date]:
    return frozenset(day for day in days if day.weekday() < SATURDAY)


@cache
def _calendar(exchange: Exchange) -> Callable[..., Iterable[date]]:
    """
    Return the package's own class for an exchange.

    Its module is loaded when a day is first asked about, and alone: importing it by name also loads
    the calendars of every country, for five times the time and memory.
    """
    module_name, class_name = _CLASSES[exchange]
    package = find_spec("holidays.financial")
    path = None if package is None else package.submodule_search_locations
    spec = PathFinder.find_spec(f"holidays.financial.{module_name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"the installed version of holidays has no {module_name}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: Callable[..., Iterable[date]] = getattr(module, class_name)
    return calendar
