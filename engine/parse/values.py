"""The words of single fields as values. None, or a `Flaw`, when they do not make one."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engine.model.alert import Level
from engine.model.decision import Reason

MOST_DOLLARS = Decimal(1_000_000)
MOST_CONTRACTS = 1_000_000
_CENT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A field whose words cannot be its value: the refusal's code and sentence."""

    code: Reason
    detail: str


def read_price(text: str) -> Decimal | Flaw:
    """Read dollars per share, above zero."""
    price = _number(text)
    if price is None or not 0 < price <= MOST_DOLLARS:
        return Flaw(Reason.BAD_PRICE, f"{text.strip()!r} is not a price")
    return price


def read_strike(text: str, *, in_thousandths: bool = False) -> Decimal | Flaw:
    """Read a strike in dollars; an OCC symbol writes thousandths."""
    strike = _number(text)
    if strike is not None and in_thousandths:
        strike /= 1000
    if strike is None or not 0 < strike < 100_000:
        return Flaw(Reason.BAD_STRIKE, f"{text.strip()!r} is not a strike")
    return strike


def read_quantity(text: str) -> int | Flaw:
    """Read a count of contracts or shares, at least one."""
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= MOST_CONTRACTS:
        return Flaw(Reason.BAD_QUANTITY, f"{text.strip()!r} is not a quantity")
    return int(text)


def read_fraction(text: str, meaning: str | None) -> Decimal | Flaw:
    """
    Read a part of a position, 0 < f ≤ 1, to four places.

    meaning: what the vocabulary says the words stand for ("1/2", "vague"), None for figures.

    >>> read_fraction("3/4", None)
    Decimal('0.75')
    """
    if meaning == "vague":
        return Flaw(Reason.VAGUE_FRACTION, f"{text.strip()!r} does not say how much")
    words = (meaning or text).strip().lstrip("$").replace(" ", "").lower().replace("percent", "%").replace("pct", "%")
    try:
        part = Fraction(words[:-1]) / 100 if words.endswith("%") else Fraction(words)
    except (ValueError, ZeroDivisionError):
        return Flaw(Reason.BAD_FRACTION, f"{text.strip()!r} is not a part of a position")
    if not 0 < part <= 1:
        return Flaw(Reason.BAD_FRACTION, f"{text.strip()!r} is not a part of a position")
    return (Decimal(part.numerator) / Decimal(part.denominator)).quantize(Decimal("0.0001")).normalize() + 0


def read_level(text: str, trail: str | None, *, is_breakeven: bool) -> Level | Flaw:
    """Read a stop or a target: dollars, a percentage of the entry, or break-even."""
    trails = _number(trail) if trail else None
    if is_breakeven:
        return Level(words="breakeven", trail=trails)
    number = _number(text.strip().rstrip("%"))
    if number is None or not 0 < number <= MOST_DOLLARS:
        return Flaw(Reason.BAD_PRICE, f"{text.strip()!r} is not a price or a percentage")
    return Level(percent=number, trail=trails) if text.strip().endswith("%") else Level(price=number, trail=trails)


def read_symbol(text: str) -> str:
    """
    Return a ticker in capitals without its "$" or "#".

    >>> read_symbol("$brk.b")
    'BRK.B'
    """
    return text.strip().lstrip("$#").upper()


def read_strikes(text: str) -> tuple[Decimal, ...] | Flaw:
    """
    Read strikes joined by slashes, short forms filled up to the nearest strike that ends so.

    >>> read_strikes("7500/95")
    (Decimal('7500'), Decimal('7495'))
    """
    out: list[Decimal] = []
    for piece in text.replace("-", "/").split("/"):
        digits = piece.strip().lstrip("$").rstrip("cCpP")
        number = _number(digits)
        if number is None or number <= 0:
            return Flaw(Reason.BAD_STRIKE, f"{piece.strip()!r} is not a strike")
        out.append(_filled(digits, out[0], number) if out else number)
    if len(set(out)) != len(out):
        return Flaw(Reason.BAD_STRUCTURE, f"{text.strip()!r} names a strike twice")
    return tuple(out)


def _filled(digits: str, first: Decimal, number: Decimal) -> Decimal:
    """7390/95 means 7395: two digits less than the first strike stand for its last ones."""
    if "." in digits or len(digits) >= len(str(int(first))):
        return number
    step = Decimal(10 ** len(digits))
    base = first - first % step + number
    return min((base - step, base, base + step), key=lambda strike: (abs(strike - first), strike))


def _number(text: str) -> Decimal | None:
    digits = text.strip().lstrip("$").strip().rstrip("$").replace(",", "").strip()
    plain = digits.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 12:
        return None
    return Decimal(digits)
