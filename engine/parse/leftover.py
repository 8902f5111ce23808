"""What an alert's pattern and tail left unread, and whether it might have mattered."""

import re
from collections.abc import Iterable
from decimal import Decimal

from engine.model.alert import Alert
from engine.parse.pattern import Hit, Match
from engine.parse.program import Program, Span, compiled
from engine.parse.shapes import NUMBER, Shapes
from engine.parse.template import number_groups
from engine.parse.values import Flaw, read_strike

# In the alert's own sentence: prices, dates, shares and words of a contract.
_FIGURE = Program(rf"(?i)@(?:\s?\$?{NUMBER})?|\$\s?{NUMBER}|\d*\.\d+|\b\d{{1,4}}/\d{{1,4}}|\b(?:calls?|puts?|strike)\b")
# Without one of these nothing is left that might have mattered.
_MATTERS = re.compile(r"[A-Za-z0-9@]")
_CODE = Program(r"(?i)\b(?:bto|stc|sto|btc)\b")
_DECIMAL = Program(r"\$\s?\d+|\d*\.\d+")
_WORD = Program(r"[A-Za-z][A-Za-z']+")
_FEWEST_WORDS = 3
_REMARK = Program(r"\([^()\n]*\)|\[[^\[\]\n]*\]")
_NEXT_NUMBER = Program(r"^[\s,:|=()*-]*(\d{1,6}(?:\.\d{1,4})?)\b")


def may_matter(text: str) -> bool:
    """Return whether a masked text holds anything that could be left over: a letter, a figure, a price sign."""
    return _MATTERS.search(text) is not None


def stray_contract(text: str, shapes: Shapes, alerts: Iterable[Alert], right_of: dict[str, str]) -> Hit | None:
    """
    Return the first contract-like words of a masked text that no alert of the message names.

    right_of: canonical right of every spelling.
    """
    known = {(leg.strike, leg.right) for alert in alerts for leg in alert.legs}
    pattern, names = number_groups("(?i)" + shapes.strike_right)
    strike_group, right_group = names.index("strike") + 1, names.index("right") + 1
    for spans in compiled(pattern).finditer(text):
        strike = read_strike(text[slice(*spans[strike_group])])
        right = right_of.get(text[slice(*spans[right_group])].lower())
        if isinstance(strike, Flaw) or (strike, right) not in known:
            return _leftover(text, spans[0])
    return None


def stray_figure(text: str, segment: tuple[int, int], match: Match, alert: Alert) -> Hit | None:
    """
    Return the first price-, date- or share-like words left in the alert's own sentence.

    Remarks in brackets and figures the alert itself states do not count; a bare number right behind
    the alert does.
    """
    start, end = segment
    if code := _CODE.search(text):
        return _leftover(text, code[0])
    if alert.action.opens and alert.price is None and not alert.is_market and (price := _DECIMAL.search(text)):
        return _leftover(text, price[0])
    bare = _REMARK.blanked(text[start:end])
    for figure in _FIGURE.finditer(bare):
        if not _repeats(bare[slice(*figure[0])], alert):
            return _leftover(text, figure[0], start)
    behind = _NEXT_NUMBER.match(text[match.end : end])
    if behind and match.end >= start:
        found = _leftover(text, behind[1], match.end)
        return None if _repeats(found.text, alert) else found
    return None


def stray_prose(text: str, segment: tuple[int, int], alert: Alert, noise: str) -> Hit | None:
    """
    Return the words left in the sentence of an opening that names no price: "Long SPY 450c looks heavy" is talk.

    noise: a pattern for words that mean nothing. Two words are a remark, three are a statement.
    """
    if not alert.action.opens or alert.price is not None or alert.is_market:
        return None
    start, end = segment
    clear = _REMARK.blanked(compiled(f"(?i){noise}").blanked(text[start:end]))
    words = list(_WORD.finditer(clear))
    return _leftover(text, words[0][0], start) if len(words) >= _FEWEST_WORDS else None


def _leftover(text: str, span: Span, shift: int = 0) -> Hit:
    start, end = span[0] + shift, span[1] + shift
    return Hit("leftover", text[start:end], start, end)


def _repeats(figure: str, alert: Alert) -> bool:
    digits = figure.lstrip("@$ ").strip()
    stated = {found.text.strip().lstrip("$").lower() for found in alert.found}
    if digits.lower() in stated:
        return True
    plain = digits.replace(".", "", 1)
    return plain.isdigit() and alert.price is not None and Decimal(digits) in (alert.price, alert.price_high)
