"""What is wrong with reading rules: every pattern is looked at before anything is matched with it."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

import re2

from engine.model.alert import Action, Asset
from engine.model.errors import Issue
from engine.model.instrument import Right
from engine.model.nearest import nearest
from engine.model.reading import CardRule, PatternRule, ReadRules, Source
from engine.parse.normalise import plain
from engine.parse.program import compiled
from engine.parse.template import parse_template, part_of, unseen
from engine.parse.values import read_fraction

WIDEST_GAP = 40
REGEX_FIELDS = (
    "action", "symbol", "strike", "right", "expiry", "price", "price_high", "quantity", "fraction", "close_all", "stop",
    "target", "size", "future", "structure", "strikes", "credit", "unit", "text",
)  # fmt: skip
_ACTION_FIELDS = frozenset({"action", "open", "close", "legs", "roll"})
# Syntax other engines know and RE2 does not: what it looks like, its name, what to write instead.
_UNSUPPORTED = (
    (r"\(\?<?[=!]", "a look-around", "match the surrounding words too and name only the group you want"),
    (r"\(\?>", "an atomic group", "a plain group (?:…)"),
    (r"\\[1-9]", "a back-reference", "two groups; the reader compares what they hold"),
    (r"\(\?\(", "a conditional", "two patterns"),
    (r"\\Z", r"\Z", r"\z, or $"),
    (r"[*+?}]\+", "a possessive repeat", "the repeat without the second +"),
)
_WIDE = re2.compile(r"(\.|\[[^\]]+\]|\\[SWDswd]|\))\{(\d+)?,?(\d+)?\}")


def check_rules(rules: ReadRules) -> tuple[Issue, ...]:
    """Return what is wrong with the patterns, in the order they are written."""
    return tuple(issue for rule in rules.patterns for check in CHECKS for issue in check(rule))


def _templates(rule: PatternRule) -> Iterator[Issue]:
    for source in _sources(rule):
        yield from parse_template(source)[1]


def _regex(rule: PatternRule) -> Iterator[Issue]:
    source = rule.regex
    if source is None:
        return
    try:
        program = compiled(source.text)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        bad = Issue("bad_regex", f"the expression does not compile: {reason}", source.span, "RE2 syntax")
        yield from _unsupported(source) or (bad,)
        return
    yield from _group_names(source, tuple(filter(None, program.names)))
    yield from _never_seen(source)
    if program.holds(""):
        yield Issue(
            "empty_pattern",
            "the expression matches the empty text",
            source.span,
            "at least one character that must be there",
        )


def _unsupported(source: Source) -> tuple[Issue, ...]:
    return tuple(
        Issue(
            "re2_unsupported",
            f"{name} is not in RE2, which playbooks match with",
            part_of(source, match.start(), match.end()),
            instead,
        )
        for pattern, name, instead in _UNSUPPORTED
        for match in re2.compile(pattern).finditer(source.text)
    )


def _group_names(source: Source, names: tuple[str, ...]) -> Iterator[Issue]:
    for name in names:
        if name not in REGEX_FIELDS:
            at = source.text.find(f"<{name}>") + 1
            yield Issue(
                "unknown_field",
                f"{name!r} is not a field",
                part_of(source, at, at + len(name)),
                f"one of {', '.join(REGEX_FIELDS)}",
                nearest(name, REGEX_FIELDS),
            )


def _never_seen(source: Source) -> Iterator[Issue]:
    for index, char in enumerate(source.text):
        seen = char if char.isascii() else plain(char).strip()
        if seen != char:
            yield Issue(
                "bad_regex",
                f"{char!r} is never seen: a text is made plain before it is read",
                part_of(source, index, index + 1),
                repr(seen) if seen else "the words beside it",
            )


def _wide_gaps(rule: PatternRule) -> Iterator[Issue]:
    if rule.regex is None:
        return
    for match in _WIDE.finditer(rule.regex.text):
        widest = int(match.group(3) or match.group(2) or 0)
        if widest > WIDEST_GAP:
            yield Issue(
                "wide_gap",
                f"a gap of up to {widest} characters makes every message slow to match",
                part_of(rule.regex, match.start(), match.end()),
                f"at most {WIDEST_GAP}, or .* with words on both sides",
            )


def _says_what_to_do(rule: PatternRule) -> Iterator[Issue]:
    if any(field == "action" for field, _ in rule.constants):
        return
    fields = {element.field for source in _sources(rule) for element in parse_template(source)[0]}
    if rule.regex is not None:
        fields |= {"action"} if "<action>" in rule.regex.text else set()
    if not fields & _ACTION_FIELDS:
        yield Issue(
            "no_action",
            f"nothing in pattern {rule.name!r} says what to do",
            rule.span,
            "{action}, {open} or {close} in it, or set: {action: BTO}",
        )


def _constants(rule: PatternRule) -> Iterator[Issue]:
    for field, value in rule.constants:
        valid = _VALID_CONSTANTS.get(field)
        if valid is None:
            yield Issue(
                "unknown_field",
                f"{field!r} cannot be set",
                rule.span,
                f"one of {', '.join(_VALID_CONSTANTS)}",
                nearest(field, _VALID_CONSTANTS),
            )
        elif not valid(value):
            yield Issue("bad_constant", f"{value!r} is not {_a(field)}", rule.span)


def _a(field: str) -> str:
    return f"an {field}" if field[0] in "ae" else f"a {field}"


def _is_number(value: str) -> bool:
    try:
        return Decimal(value) > 0
    except InvalidOperation:
        return False


_VALID_CONSTANTS: dict[str, Callable[[str], bool]] = {
    "action": lambda value: value in (*Action, "none"),
    "right": lambda value: value in tuple(Right),
    "symbol": lambda value: value.lstrip("$/").replace(".", "").isalnum(),
    "expiry": lambda value: value in ("0dte", "tomorrow", "this_week", "next_week", "this_month", "next_month"),
    "strike": _is_number,
    "structure": bool,
    "future": lambda value: value.startswith("/"),
    "price": lambda value: value == "market",
    "fraction": lambda value: isinstance(read_fraction(value, None), Decimal),
    "size": bool,
    "asset": lambda value: value in tuple(Asset),
    "credit": lambda value: value in ("credit", "debit"),
    "stop": lambda value: value == "breakeven",
}


def _labels(rule: PatternRule) -> Iterator[Issue]:
    for field in rule.card.fields if rule.card else ():
        start = 0
        for name in field.label.text.split("|"):
            yield from unseen(field.label, start, start + len(name))
            start += len(name) + 1


CHECKS = (_templates, _labels, _regex, _wide_gaps, _constants, _says_what_to_do)


def _sources(rule: PatternRule) -> tuple[Source, ...]:
    """Return every template of a pattern."""
    if rule.card is None:
        return (rule.template,) if rule.template else ()
    card: CardRule = rule.card
    slots = (
        card.title,
        card.description,
        card.content,
        card.author,
        card.footer,
        *(field.template for field in card.fields),
    )
    return tuple(slot for slot in slots if slot is not None)
