"""
What each field of a template looks like, as RE2 source.

Groups are named after fields and may repeat; `pattern.py` numbers them. Everything is matched without
regard to case unless it says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.parse.dates import NUMERIC, RELATIVE, WEEKDAY, named
from engine.parse.vocabulary import Vocabulary, alternation, behind, either, group, optional

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})"
# A number has ended: what follows cannot continue it, nor make it a date, a share or a contract.
NUMBER_END = r"(?:\z|[\s!?)(\]\[|*+;\x22]|[,:.](?:\s|\z)|-(?:\s|\z)|/(?:\s|\z|con|ct|share|sh|per|ea))"
_CAPITALS = r"(?:[$#][A-Za-z]{1,6}(?:\.[A-Za-z])?|(?-i:[A-Z]{1,6}(?:\.[A-Z])?))"
_SYMBOL = r"[$#]?[A-Za-z]{1,6}(?:\.[A-Za-z])?"
STRIKE = r"(?:\d{1,2},\d{3}|\d{1,5})(?:\.\d{1,3})?"
_STRIKES = rf"\$?{STRIKE}[cp]?(?:\s?[/-]\s?\$?{STRIKE}[cp]?){{1,3}}"
FUTURE = r"/[A-Za-z0-9]{0,2}[A-Za-z]{1,2}(?:[FGHJKMNQUVXZfghjkmnquvxz]\d{1,2})?"
SEGMENT_START = r"(?:\A|\n|[.!?;]\s|!)"
PERCENT = r"\d{1,3}(?:\.\d+)?\s?(?:%|percent\b|pct\b)"
# So many of the ways to write a contract, the first, name its parts in the usual order.
_IN_ORDER = 2
PROPER = r"\$?[1-9]/(?:[2-9]|10)"

FIELDS = (
    "action", "open", "close", "roll", "quantity", "units", "unit", "fraction", "symbol", "any_symbol", "contract",
    "from_contract", "strike", "right", "expiry", "price", "at_price", "structure", "strikes", "width", "legs",
    "future", "credit", "size", "stop", "target", "text", "remark", "end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What texts never hold for which fragments may be cut short.

    ways: which of the ways to write a contract they may hold, by number; None for all.
    months: which months dates may name, January being 0. has_days: whether they may name a weekday or count days.
    is_ascii: whether they hold ASCII only.
    """

    ways: frozenset[int] | None = None
    months: tuple[int, ...] = tuple(range(12))
    has_days: bool = True
    is_ascii: bool = False


class Shapes:
    """The fragments of one vocabulary. Each is a pattern whose groups carry the names of fields."""

    def __init__(self, vocabulary: Vocabulary, structures: str, limits: Limits = Limits()) -> None:
        """structures: a pattern for the names of multi-leg structures."""
        self._words = vocabulary
        self._limits = limits
        self.is_ascii = limits.is_ascii
        letters = "A-Za-z0-9" if limits.is_ascii else r"\pL\pN"
        noise = self.noise = vocabulary.any_of("noise")
        size = vocabulary.any_of("size")
        between, on_line = (
            either(rf"[{space}]/[{space}]", rf"[{space},:|=()\[\]\x22'*~-]", size, noise) for space in (r"\s", r" \t")
        )
        self.gap, self.some_gap = f"{between}*", f"{between}+"
        self.entry = vocabulary.any_of("entry")
        at = behind(either(vocabulary.any_of("at"), self.entry), r"\s*[:=]?\s*")
        self.at = behind(either(at), "{1,2}")
        marks = (rf"[^{letters}_$/.#@\n]", r"\[[^\]\n]{0,40}\]", r"#[A-Za-z]\w*")
        rolled = behind(vocabulary.any_of("roll"), r"\s*:")
        self.prefix = rf"{SEGMENT_START}{either(*marks, size, noise, vocabulary.any_of('remark'), rolled)}*"
        right = vocabulary.behind_number("right")
        self.right = rf"(?P<right>{right})"
        # A lone letter is meant only on the line of its strike: the "P" of "P&L" below a price is no put.
        words = alternation(tuple(word for word in vocabulary.spellings("right") if len(word) > 1))
        self.right_of_strike = rf"(?:{on_line}*{self.right}|{self.gap}(?P<right>{words}))"
        self.right_hint = (
            rf"(?:\d[\s-]{{0,3}}(?:strike\s)?{right}|{vocabulary.any_of('right')}|(?-i:\b[CP])\d|[cp]\d{{8}}|\d[cp]\d)"
        )
        self.strike_right = rf"\$?(?P<strike>{STRIKE})(?:\s+strike)?[ \t-]?(?:strike\s)?[ \t]?{self.right}"
        expiry = vocabulary.any_of("expiry")
        label = optional(behind(vocabulary.any_of("expiry_label"), r"\.?\s*[:=]?\s*"))
        day = "|".join((rf"(?:{NUMERIC})\b", *([named(limits.months)] if limits.months else ())))
        dated = rf"\b(?:{WEEKDAY}\.?,?\s+)?(?:{day})|{RELATIVE}" if limits.has_days else rf"\b(?:{day})"
        self.expiry = rf"{label}(?P<expiry>{either(dated, expiry)})"
        self.structure = group("structure", structures)
        self._table = self._fragments(letters)

    def _fragments(self, letters: str) -> dict[str, Callable[[], str]]:
        vocabulary, noise, size = self._words, self.noise, self._words.any_of("size")
        silent = rf"[^{letters}\n]"
        return {
            "action": self._actions,
            "open": lambda: self._actions("buy_to_open", "sell_to_open"),
            "close": lambda: self._actions("sell_to_close", "buy_to_close"),
            "quantity": self._quantity,
            "units": self._units,
            "end": lambda: rf"(?P<end>{either(silent, noise, size)}*(?:\n|\z))",
            "unit": lambda: group("unit", vocabulary.any_of("unit")),
            "symbol": lambda: rf"(?P<symbol>{_CAPITALS})\b",
            "any_symbol": lambda: rf"(?P<symbol>{FUTURE}|{_SYMBOL})\b",
            "contract": lambda: self.contract(any_order=True),
            "from_contract": lambda: self.contract(any_order=True).replace("(?P<", "(?P<from_"),
            "strike": lambda: rf"\$?(?P<strike>{STRIKE})",
            "right": lambda: self.right,
            "expiry": lambda: self.expiry,
            "price": lambda: self._price(needs_label=False),
            "at_price": lambda: self._price(needs_label=True),
            "fraction": self._fraction,
            "structure": lambda: self.structure,
            "strikes": lambda: rf"(?P<strikes>{_STRIKES})(?:\z|[^\w/.%]|\.\s)",
            "width": lambda: r"(?P<width>\d{1,3})\s?w(?:ide)?\b",
            "legs": self._legs,
            "future": lambda: rf"(?P<future>{FUTURE})\b",
            "credit": lambda: group("credit", vocabulary.any_of("credit")),
            "size": lambda: group("size", size),
            "roll": lambda: group("roll", vocabulary.any_of("roll")),
            "stop": lambda: self.level("stop"),
            "target": lambda: self.level("target"),
            "price_value": lambda: either(self._price(needs_label=False), self._market()),
            "stop_value": lambda: self.level("stop", needs_label=False),
            "target_value": lambda: self.level("target", needs_label=False),
            "text": lambda: r"(?P<text>[^\n]*)",
            "remark": lambda: r"(?P<ignored>[^\n]*)",
        }

    def fragment(self, field: str, *, any_order: bool = True) -> str:
        """Return the pattern of a field; `field` is one of FIELDS."""
        return self.contract(any_order=any_order) if field == "contract" else self._table[field]()

    def contract(self, *, any_order: bool) -> str:
        """Return the pattern of a single option contract; in any order of its parts, or as symbol, expiry, strike."""
        ways = self.ways(self.gap)
        kept = range(len(ways) if any_order else _IN_ORDER)
        written = [ways[way] for way in kept if self._limits.ways is None or way in self._limits.ways]
        return either(*written)

    def ways(self, gap: str) -> tuple[str, ...]:
        """Return a pattern for each way to write a contract, what may stand between its parts given."""
        expiry, strike = self.expiry, self.strike_right
        symbol, capitals = rf"(?P<symbol>{_SYMBOL})\b", rf"(?P<symbol>{_CAPITALS})\b"
        return (
            rf"{symbol}{gap}{expiry}{gap}{strike}",
            rf"{symbol}{gap}{strike}(?:{gap}{expiry})?",
            rf"{expiry}{gap}{symbol}{gap}{strike}",
            rf"{strike}{gap}(?:of\s|on\s)?{capitals}(?:{gap}{expiry})?",
            rf"{expiry}{gap}{strike}{gap}(?:of\s|on\s)?{capitals}",
            rf"{symbol}{gap}\$?(?P<strike>{STRIKE}){gap}{expiry}{gap}{self.right}",
            rf"{symbol}{gap}{expiry}{gap}{self.right}{gap}\$?(?P<strike>{STRIKE})\s+strike\b",
            rf"{symbol}{gap}{self.right}{gap}\$?(?P<strike>{STRIKE})\s+strike\b(?:{gap}{expiry})?",
            rf"{symbol}{gap}(?:{expiry}{gap})?(?-i:(?P<right>[CP]))(?P<strike>\d{{2,5}}(?:\.\d{{1,3}})?)\b(?:{gap}{expiry})?",
            r"\.?(?P<symbol>[A-Za-z]{1,6})\s{0,5}(?P<compact_expiry>\d{6})(?P<right>[cp])(?P<occ_strike>\d{8})\b",
            r"\.?(?P<symbol>[A-Za-z]{1,6})(?P<compact_expiry>\d{6})(?P<right>[cp])(?P<strike>\d{1,5}(?:\.\d{1,3})?)\b",
        )

    def level(self, field: str, *, needs_label: bool = True) -> str:
        """Return the pattern of a stop or target: its label, then a price, a percentage or words."""
        label = self._words.before_number(field)
        join = r"\s?/\s?" if needs_label else r"\s*[/,>]\s*"
        several = rf"(?:{join}\$?{NUMBER}(?:\s?%)?){{0,4}}" if field == "target" else ""
        value = rf"\$?\s?{NUMBER}(?:\s?%)?{several}|{self._words.any_of('breakeven')}"
        trail = rf"(?:\s*(?:{self._words.behind_number('trail')})\s*(?P<trail>\d{{1,3}}(?:\.\d+)?)\s?%)?"
        joins = r"(?:\s*(?:is|set|now|to|at|of|moved|up|up to|first|initial|@|[:=-])\s*){0,4}"
        named = rf"{label}(?:\s?[1-9](?:\s+|\s*[:=@-]\s*))?\s*"
        return rf"{named if needs_label else f'(?:{named})?'}{joins}\s*(?P<{field}>{value}){trail}"

    def _actions(self, *values: str) -> str:
        return group("action", self._words.any_of("action", *values))

    def _quantity(self) -> str:
        label = optional(behind(self._words.any_of("quantity_label"), r"\s*[:=]?\s*"))
        return rf"(?:{self._units()}|{label}\+?(?P<quantity>\d{{1,12}})(?:\s+of\s+\d{{1,6}}\b|\z|[\s)]|,(?:\s|\z)))"

    def _units(self) -> str:
        """A quantity that says it is one: "x5", "5x", "5 contracts"."""
        unit = group("unit", self._words.behind_number("unit"))
        return either(
            r"\bx\s?(?P<quantity>\d{1,6})\b",
            r"\b(?P<quantity>\d{1,6})\s?x\b",
            behind(r"\b(?P<quantity>\d{1,6})\s*", unit, r"(?:\s+of\b)?"),
        )

    def _fraction(self) -> str:
        words = self._words
        after = r"(?:\s+(?:of|position|positions|pos|my|the|our)\b)*"
        figures = rf"(?:(?:the\s+)?(?:final|last|another|other|remaining)\s+)?(?P<fraction>{PROPER}\b|{PERCENT})"
        whole, part = (group(field, words.any_of(field)) for field in ("close_all", "part"))
        return either(whole, part, figures, group("fraction", words.any_of("fraction"))) + after

    def _price(self, *, needs_label: bool) -> str:
        number = rf"\$?\s?(?P<price>{NUMBER})\s?\$?(?:\s?(?:-|to)\s?\$?(?P<price_high>{NUMBER}))?{NUMBER_END}"
        labelled = either(self.at, r"\$\s?") if needs_label else optional(self.at)
        return either(behind(self.at, self._market()), f"{labelled}{number}")

    def _market(self) -> str:
        return group("market", self._words.any_of("price", "market"))

    def _legs(self) -> str:
        action = self._words.any_of("action")
        share = self._words.any_of("unit", "share")
        count = r"(?:\d{1,5}\s*x?\s+)?"
        symbol, expiry = rf"(?:{_SYMBOL}\s+)?", self._silent(self.expiry)
        option = rf"{count}{symbol}(?:{expiry}\s+)?\$?{STRIKE}\s?{self._words.behind_number('right')}(?:\s+{expiry})?"
        shares = rf"\d{{1,5}}\s+(?:{symbol}{share}(?:\s+of\s+{_SYMBOL})?|{share}\s+{_SYMBOL})(?:\s*@\s*\$?{NUMBER})?"
        first = rf"{action}\s+(?:{shares}|{option})"
        more = rf"\s*(?:[/+,&;]|\band\b|\bvs\.?|\bx\b|-)?\s*(?:{action}\s+)?(?:{shares}|{option})"
        return rf"(?P<legs>{first}(?:{more}){{1,5}})"

    @staticmethod
    def _silent(pattern: str) -> str:
        return pattern.replace("(?P<expiry>", "(?:")
