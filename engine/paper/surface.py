"""
Prices of options of every strike and expiry that allow no arbitrage between them.

The underlying at expiry is one of two lognormals, the lower one less likely: the same prices as a volatility with
a skew. Both spread as time goes on and their mean stays where it is, so prices fall and bend the right way in the
strike and rise with time, as they must. Rates and dividends are nil, exercise is at expiry.
"""

from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt
from typing import Final

from engine.paper.quotes import Greeks

_DOWN_CHANCE: Final = 0.15
_DOWN_SHIFT: Final = 1.1  # of the volatility, at one year
_OWN_SHARE: Final = 0.9  # of the volatility that each lognormal has
_SHORT_TERM: Final = 0.92  # of the volatility near expiry
_SETTLING: Final = 0.15  # years in which the short-term volatility gives way to the long-term one
_LEAST_TIME: Final = 1 / (365 * 24 * 60)  # years: a minute
_DAY: Final = 1 / 365


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What one option is priced from.

    forward, strike: dollars. years: until it expires. volatility: of the underlying over a year, long-term.
    """

    forward: float
    strike: float
    years: float
    volatility: float
    is_call: bool


def price(terms: Terms) -> float:
    """Return the price in dollars per share."""
    variance = _variance(terms)
    return sum(weight * _lognormal(terms.forward * shift, terms, variance) for weight, shift in _parts(terms))


def greeks(terms: Terms) -> Greeks:
    """Return price, implied volatility and sensitivities; theta is a day's, vega and rho are a point's."""
    variance = _variance(terms)
    root = sqrt(variance)
    delta = gamma = 0.0
    for weight, shift in _parts(terms):
        first = _first(terms.forward * shift, terms.strike, variance)
        delta += weight * shift * _normal(first)
        gamma += weight * shift * _density(first) / (terms.forward * root)
    now = price(terms)
    later = price(_with_years(terms, max(terms.years - _DAY, _LEAST_TIME)))
    implied = _implied(terms, now)
    years = max(terms.years, _LEAST_TIME)
    return Greeks(
        price=now,
        volatility=implied,
        delta=delta if terms.is_call else delta - 1,
        gamma=gamma,
        theta=later - now,
        vega=terms.forward * _density(_first(terms.forward, terms.strike, variance)) * sqrt(years) / 100,
        rho=-now * years / 100,
    )


def _variance(terms: Terms) -> float:
    """Return the variance each lognormal has by expiry; it only grows with time."""
    years = max(terms.years, _LEAST_TIME)
    long_term = (terms.volatility * _OWN_SHARE) ** 2
    short_term = long_term * _SHORT_TERM**2
    return long_term * years + (short_term - long_term) * _SETTLING * (1 - exp(-years / _SETTLING))


def _parts(terms: Terms) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return chance and mean, relative to the forward, of both lognormals; together their mean is the forward."""
    years = min(max(terms.years, _LEAST_TIME), 1.0)
    down = min(_DOWN_SHIFT * terms.volatility * sqrt(years), 0.9)
    return (_DOWN_CHANCE, 1 - down), (1 - _DOWN_CHANCE, 1 + down * _DOWN_CHANCE / (1 - _DOWN_CHANCE))


def _lognormal(forward: float, terms: Terms, variance: float) -> float:
    first = _first(forward, terms.strike, variance)
    second = first - sqrt(variance)
    if terms.is_call:
        return forward * _normal(first) - terms.strike * _normal(second)
    return terms.strike * _normal(-second) - forward * _normal(-first)


def _first(forward: float, strike: float, variance: float) -> float:
    return (log(forward / strike) + variance / 2) / sqrt(variance)


def _implied(terms: Terms, wanted: float) -> float:
    """Return the volatility at which one lognormal has a price, by halving; between 0.1% and 500%."""
    low, high = 0.001, 5.0
    years = max(terms.years, _LEAST_TIME)
    for _ in range(40):
        middle = (low + high) / 2
        is_low = _lognormal(terms.forward, terms, middle * middle * years) < wanted
        low, high = (middle, high) if is_low else (low, middle)
    return (low + high) / 2


def _with_years(terms: Terms, years: float) -> Terms:
    return Terms(terms.forward, terms.strike, years, terms.volatility, terms.is_call)


def _normal(deviations: float) -> float:
    return (1 + erf(deviations / sqrt(2))) / 2


def _density(deviations: float) -> float:
    return exp(-deviations * deviations / 2) / sqrt(2 * pi)
