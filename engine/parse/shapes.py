"""
What each field of a template looks like, as RE2 source.

Groups are named after fields and may repeat; `pattern.py` numbers them. Everything is matched without
regard to case unless it says otherwise.
"""

from collections.abc import Callable

from engine.parse.dates import NAMED, NUMERIC, RELATIVE, WEEKDAY
from engine.parse.vocabulary import Vocabulary, alternation

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
PROPER = r"\$?[1-9]/(?:[2-9]|10)"

FIELDS = (
    "action", "open", "close", "roll", "quantity", "units", "unit", "fraction", "symbol", "any_symbol", "contract",
    "from_contract", "strike", "right", "expiry", "price", "at_price", "structure", "strikes", "width", "legs",
    "future", "credit", "size", "stop", "target", "text", "remark", "end",
)  # fmt: skip


class Shapes:
    """The fragments of one vocabulary. Each is a pattern whose groups carry the names of fields."""

    def __init__(self, vocabulary: Vocabulary, structures: str) -> None:
        """structures: a pattern for the names of multi-leg structures."""
        self._words = vocabulary
        noise = self.noise = vocabulary.any_of("noise")
        size = vocabulary.any_of("size")
        between, on_line = (
            rf"(?:[{space}]/[{space}]|[{space},:|=()\[\]\x22'*~-]|{size}|{noise})" for space in (r"\s", r" \t")
        )
        self.gap, self.some_gap = f"{between}*", f"{between}+"
        self.entry = vocabulary.any_of("entry")
        self.at = rf"(?:(?:(?:{vocabulary.any_of('at')}|{self.entry})\s*[:=]?\s*){{1,2}})"
        skipped = rf"{size}|{noise}|{vocabulary.any_of('remark')}|{vocabulary.any_of('roll')}\s*:"
        marks = r"[^\pL\pN_$/.#@\n]|\[[^\]\n]{0,40}\]|#[A-Za-z]\w*"
        self.prefix = rf"{SEGMENT_START}(?:{marks}|{skipped})*"
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
        label = rf"(?:{vocabulary.any_of('expiry_label')}\.?\s*[:=]?\s*)?"
        dated = rf"\b(?:{WEEKDAY}\.?,?\s+)?(?:(?:{NUMERIC})\b|{NAMED})"
        self.expiry = rf"{label}(?P<expiry>(?:{dated}|{RELATIVE}|{expiry}))"
        self.structure = rf"(?P<structure>{structures})"
        self._table = self._fragments()

    def _fragments(self) -> dict[str, Callable[[], str]]:
        vocabulary, noise, size = self._words, self.noise, self._words.any_of("size")
        return {
            "action": lambda: rf"(?P<action>{vocabulary.any_of('action')})",
            "open": lambda: self._actions("buy_to_open", "sell_to_open"),
            "close": lambda: self._actions("sell_to_close", "buy_to_close"),
            "quantity": self._quantity,
            "units": self._units,
            "end": lambda: rf"(?P<end>(?:[^\pL\pN\n]|{noise}|{size})*(?:\n|\z))",
            "unit": lambda: rf"(?P<unit>{vocabulary.any_of('unit')})",
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
            "credit": lambda: rf"(?P<credit>{vocabulary.any_of('credit')})",
            "size": lambda: rf"(?P<size>{size})",
            "roll": lambda: rf"(?P<roll>{vocabulary.any_of('roll')})",
            "stop": lambda: self.level("stop"),
            "target": lambda: self.level("target"),
            "price_value": lambda: rf"(?:{self._price(needs_label=False)}|{self._market()})",
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
        gap, expiry, strike = self.gap, self.expiry, self.strike_right
        symbol, capitals = rf"(?P<symbol>{_SYMBOL})\b", rf"(?P<symbol>{_CAPITALS})\b"
        written = [
            rf"{symbol}{gap}{expiry}{gap}{strike}",
            rf"{symbol}{gap}{strike}(?:{gap}{expiry})?",
        ]
        others = [
            rf"{expiry}{gap}{symbol}{gap}{strike}",
            rf"{strike}{gap}(?:of\s|on\s)?{capitals}(?:{gap}{expiry})?",
            rf"{expiry}{gap}{strike}{gap}(?:of\s|on\s)?{capitals}",
            rf"{symbol}{gap}\$?(?P<strike>{STRIKE}){gap}{expiry}{gap}{self.right}",
            rf"{symbol}{gap}{expiry}{gap}{self.right}{gap}\$?(?P<strike>{STRIKE})\s+strike\b",
            rf"{symbol}{gap}{self.right}{gap}\$?(?P<strike>{STRIKE})\s+strike\b(?:{gap}{expiry})?",
            rf"{symbol}{gap}(?:{expiry}{gap})?(?-i:(?P<right>[CP]))(?P<strike>\d{{2,5}}(?:\.\d{{1,3}})?)\b(?:{gap}{expiry})?",
            r"\.?(?P<symbol>[A-Za-z]{1,6})\s{0,5}(?P<compact_expiry>\d{6})(?P<right>[cp])(?P<occ_strike>\d{8})\b",
            r"\.?(?P<symbol>[A-Za-z]{1,6})(?P<compact_expiry>\d{6})(?P<right>[cp])(?P<strike>\d{1,5}(?:\.\d{1,3})?)\b",
        ]
        return "(?:" + "|".join(written + others if any_order else written) + ")"

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
        return rf"(?P<action>{self._words.any_of('action', *values)})"

    def _quantity(self) -> str:
        label = rf"(?:{self._words.any_of('quantity_label')}\s*[:=]?\s*)?"
        return rf"(?:{self._units()}|{label}\+?(?P<quantity>\d{{1,12}})(?:\s+of\s+\d{{1,6}}\b|\z|[\s)]|,(?:\s|\z)))"

    def _units(self) -> str:
        """A quantity that says it is one: "x5", "5x", "5 contracts"."""
        unit = self._words.behind_number("unit")
        return (
            r"(?:\bx\s?(?P<quantity>\d{1,6})\b|\b(?P<quantity>\d{1,6})\s?x\b"
            rf"|\b(?P<quantity>\d{{1,6}})\s*(?P<unit>{unit})(?:\s+of\b)?)"
        )

    def _fraction(self) -> str:
        words = self._words
        after = r"(?:\s+(?:of|position|positions|pos|my|the|our)\b)*"
        return (
            rf"(?:(?P<close_all>{words.any_of('close_all')})|(?P<part>{words.any_of('part')})"
            rf"|(?:(?:the\s+)?(?:final|last|another|other|remaining)\s+)?(?P<fraction>{PROPER}\b|{PERCENT})"
            rf"|(?P<fraction>{words.any_of('fraction')})){after}"
        )

    def _price(self, *, needs_label: bool) -> str:
        number = rf"\$?\s?(?P<price>{NUMBER})\s?\$?(?:\s?(?:-|to)\s?\$?(?P<price_high>{NUMBER}))?{NUMBER_END}"
        market = f"{self.at}{self._market()}"
        labelled = rf"(?:{self.at}|\$\s?)" if needs_label else rf"{self.at}?"
        return rf"(?:{market}|{labelled}{number})"

    def _market(self) -> str:
        return rf"(?P<market>{self._words.any_of('price', 'market')})"

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
