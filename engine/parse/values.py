"""The words of single fields as values. None, or a `Flaw`, when they do not make one."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from engine.model.alert import Level
from engine.model.decision import Reason

MOST_DOLLARS = Decimal(1_000_000)
MOST_CONTRACTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Flaw:
    """A field whose words cannot be its value: the refusal's code and sentence."""

    code: Reason
    detail: str


@lru_cache(maxsize=4096)
def read_price(text: str) -> Decimal | Flaw:
    """Read dollars per share, above zero."""
    price = _number(text)
    if price is None or not 0 < price <= MOST_DOLLARS:
        return Flaw(Reason.BAD_PRICE, f"{text.strip()!r} is not a price")
    return price


@lru_cache(maxsize=4096)
def read_strike(text: str, *, in_thousandths: bool = False) -> Decimal | Flaw:
    """Read a strike in dollars; an OCC symbol writes thousandths."""
    strike = _number(text)
    if strike is not None and in_thousandths:
        strike /= 1000
    if strike is None or not 0 < strike < 100_000:
        return Flaw(Reason.BAD_STRIKE, f"{text.strip()!r} is not a strike")
    return strike


@lru_cache(maxsize=4096)
def read_quantity(text: str) -> int | Flaw:
    """Read a count of contracts or shares, at least one."""
    count = _number(text) if text.isdigit() else None
    if count is None or not 0 < count <= MOST_CONTRACTS:
        return Flaw(Reason.BAD_QUANTITY, f"{text.strip()!r} is not a quantity")
    return int(count)


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
    part = _part(words)
    rounded = part.quantize(Decimal("0.0001")) if part is not None and 0 < part <= 1 else None
    if not rounded:
        return Flaw(Reason.BAD_FRACTION, f"{text.strip()!r} is not a part of a position")
    return rounded.normalize() + 0


def _part(words: str) -> Decimal | None:
    """Read "3/4", "50%" or "0.5"."""
    above, slash, below = words.removesuffix("%").partition("/")
    part, whole = _number(above), _number(below) if slash else Decimal(1)
    if part is None or not whole:
        return None
    return part / (whole * 100 if words.endswith("%") else whole)


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

    Short forms are read only where they can mean one thing: one strike is nearest, and all rise or all fall.

    >>> read_strikes("7500/95")
    (Decimal('7500'), Decimal('7495'))
    """
    out: list[Decimal] = []
    is_shortened = False
    for piece in text.replace("-", "/").split("/"):
        digits = piece.strip().lstrip("$").rstrip("cCpP")
        number = _number(digits)
        if number is None or number <= 0:
            return Flaw(Reason.BAD_STRIKE, f"{piece.strip()!r} is not a strike")
        filled = _filled(digits, out[0], number) if out else number
        if filled is None:
            return Flaw(Reason.BAD_STRUCTURE, f"{text.strip()!r}: the short {digits} may lie on either side")
        is_shortened = is_shortened or filled != number
        out.append(filled)
    if len(set(out)) != len(out):
        return Flaw(Reason.BAD_STRUCTURE, f"{text.strip()!r} names a strike twice")
    if is_shortened and sorted(out) not in (out, out[::-1]):
        return Flaw(Reason.BAD_STRUCTURE, f"{text.strip()!r}: short strikes that neither rise nor fall")
    return tuple(out)


def _filled(digits: str, first: Decimal, number: Decimal) -> Decimal | None:
    """7390/95 means 7395: two digits less than the first strike stand for its last ones; None: 7500/50 is a guess."""
    if "." in digits or len(digits) >= len(str(int(first))):
        return number
    step = Decimal(10 ** len(digits))
    base = first - first % step + number
    near, far = sorted((base - step, base, base + step), key=lambda strike: abs(strike - first))[:2]
    return None if abs(near - first) == abs(far - first) else near


def _number(text: str) -> Decimal | None:
    digits = text.strip().lstrip("$").strip().rstrip("$").replace(",", "").strip()
    plain = digits.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 12:
        return None
    return Decimal(digits)
