"""A small vocabulary and literal rules, for tests of the reading room that need no YAML."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from engine.model.alert import Action
from engine.model.instrument import Right
from engine.model.message import Author, Embed, Message
from engine.model.reading import (
    Anchor,
    CardField,
    CardRule,
    PatternRule,
    ReadRules,
    Source,
    StructureLeg,
    StructureRule,
    Words,
)
from engine.model.source import Span
from engine.parse.fitting import Fitting
from engine.parse.grammar import Grammar
from engine.parse.normalise import Normal, normalise
from engine.parse.vocabulary import Vocabulary

POSTED = date(2026, 1, 5)  # a Monday
AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
FRIDAY = date(2026, 1, 9)
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE
CALL, PUT = Right.CALL, Right.PUT

WORDS = (
    Words("action", "buy_to_open", ("BTO", "bought", "buy to open")),
    Words("action", "sell_to_open", ("STO", "sold to open")),
    Words("action", "sell_to_close", ("STC", "sold", "trim", "all out")),
    Words("action", "buy_to_close", ("BTC",)),
    Words("action", "update", ("move stop",)),
    Words("right", "call", ("c", "call", "calls")),
    Words("right", "put", ("p", "put", "puts")),
    Words("expiry", "0dte", ("0dte", "today")),
    Words("expiry", "this_week", ("weekly",)),
    Words("expiry_label", "expiry_label", ("exp", "expiry")),
    Words("fraction", "1/2", ("half",)),
    Words("fraction", "vague", ("most",)),
    Words("close_all", "close_all", ("all out", "everything")),
    Words("part", "part", ("trim", "some")),
    Words("size", "lotto", ("lotto", "lottery")),
    Words("size", "small", ("small",)),
    Words("price", "market", ("market", "mkt")),
    Words("at", "at", ("@", "at", "for")),
    Words("entry", "entry", ("entry",)),
    Words("average", "average", ("avg",)),
    Words("stop", "stop", ("SL", "stop")),
    Words("target", "target", ("PT", "TP")),
    Words("breakeven", "breakeven", ("BE", "breakeven")),
    Words("trail", "trail", ("trail", "trailing")),
    Words("unit", "contract", ("contracts", "cons")),
    Words("unit", "share", ("shares",)),
    Words("quantity_label", "quantity_label", ("qty",)),
    Words("credit", "credit", ("credit", "cr")),
    Words("credit", "debit", ("debit",)),
    Words("roll", "roll", ("roll", "rolled")),
    Words("ignore", "ignore", ("up", "from")),
    Words("left", "left", ("left",)),
    Words("noise", "noise", ("i", "just", "the", "here")),
    Words("remark", "remark", ("spread",)),
    Words("guard", "question", ("anyone",)),
    Words("guard", "negation", ("do not", "cancel")),
    Words("guard", "condition", ("if", "once")),
    Words("guard", "plan", ("watching",)),
    Words("guard", "hearsay", ("yesterday",)),
    Words("guard", "correction", ("typo",)),
    Words("guard", "harmless", ("if you missed",)),
)

_HERE = Span("small.yaml", 1, 1, 1, 2)
CREDIT_SPREAD = StructureRule(
    "call_credit_spread",
    _HERE,
    ("CCS", "bear call"),
    (StructureLeg(STO, 1, CALL), StructureLeg(BTO, 2, CALL)),
    2,
    is_credit=True,
)
BUTTERFLY = StructureRule(
    "butterfly",
    _HERE,
    ("fly",),
    (StructureLeg(BTO, 1, None), StructureLeg(STO, 2, None, 2), StructureLeg(BTO, 3, None)),
    3,
    verb_decides=True,
    equal_wings=True,
    max_width=Decimal(30),
)
STRADDLE = StructureRule(
    "straddle", _HERE, ("straddle",), (StructureLeg(BTO, 1, CALL), StructureLeg(BTO, 1, PUT)), 1, verb_decides=True
)
STRUCTURES = (CREDIT_SPREAD, BUTTERFLY, STRADDLE)
NEVER = frozenset({"HIGH", "THE", "OUT"})

VOCABULARY = Vocabulary(WORDS)
FITTING = Fitting(WORDS, ("ccs", "bear call", "fly", "straddle"))
SHAPES = FITTING.whole


def source(text: str, *, line: int = 1, column: int = 1) -> Source:
    """Return a template, label or expression as it stands unquoted in small.yaml."""
    return Source(text, Span("small.yaml", line, column, line, column + len(text)))


def template(text: str, name: str = "entry", *, action: Action | None = None, **more: object) -> PatternRule:
    """Return a pattern written as a template."""
    return _rule(name, action, {"template": source(text), **more})


def regex(text: str, name: str = "signal", *, action: Action | None = None, **more: object) -> PatternRule:
    """Return a pattern written as a regular expression."""
    return _rule(name, action, {"regex": source(text), "anchored": Anchor.ANYWHERE, **more})


def card(name: str = "card", *, action: Action | None = None, fields: dict[str, str] | None = None, **slots: str):
    """Return a pattern written as a card; a label ending in ? is optional."""
    labels = tuple(
        CardField(source(label.removesuffix("?")), source(value), not label.endswith("?"))
        for label, value in (fields or {}).items()
    )
    made = CardRule(**{slot: source(text) for slot, text in slots.items()}, fields=labels)
    return _rule(name, action, {"card": made})


def _rule(name: str, action: Action | None, more: dict[str, object]) -> PatternRule:
    constants = (("action", action.value),) if action else ()
    return PatternRule(name, _HERE, **{"constants": constants, **more})


def rules(*patterns: PatternRule, **more: object) -> ReadRules:
    """Return the small vocabulary with some patterns."""
    return ReadRules(**{"words": WORDS, "patterns": patterns, "structures": STRUCTURES, "not_symbols": NEVER, **more})


GRAMMAR = Grammar(rules())


def says(text: str, *embeds: Embed, at: datetime = AT) -> Message:
    """Return a message of the usual author."""
    return Message("1", "100", Author("301", "alice"), at, text, embeds)


def normal(text: str) -> Normal:
    """Return the content of a message, ready to be matched."""
    return normalise(text)


# Any text at all, halves of characters included, and pieces that mean something to the reader.
PIECES = (
    *("BTO", "STC", "SPY", "$AAPL", "600C", "500p", "11/27", "0dte", "weekly", "@", "1.25", "$4.05", ".5", "5", "x3"),
    *("half", "50%", "1/2", "all out", "SL", "PT", "BE", "lotto", "to", "roll", "/ES", "7500/95", "CCS", "?", "\n"),
    *("**", "~~", "> ", "```", "`", "||", "<@123>", "<:x:1>", ":rocket:", "https://t.co/1.5", "@here", "@market", "# "),
    *("½", "６００", "‘", "—", "🚀", "\u200b", "\u202e", "\ud83d", "т", "٣", "\x00", "\t", "if", "exp", "(", ")"),
)
any_text = st.text(st.characters(exclude_categories=()), max_size=60)
alert_like = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map(" ".join)
texts = any_text | alert_like | st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
seen_texts = texts.map(lambda text: normalise(text).text)
