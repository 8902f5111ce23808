"""What an alert's pattern and tail left unread, and whether it might have mattered."""

from collections.abc import Iterable
from decimal import Decimal

import re2

from engine.model.alert import Alert
from engine.parse.pattern import Hit, Match, compiled
from engine.parse.shapes import NUMBER, Shapes
from engine.parse.template import number_groups
from engine.parse.values import Flaw, read_strike

# In the alert's own sentence: prices, dates, shares and words of a contract.
_FIGURE = re2.compile(
    rf"(?i)@(?:\s?\$?{NUMBER})?|\$\s?{NUMBER}|\d*\.\d+|\b\d{{1,4}}/\d{{1,4}}|\b(?:calls?|puts?|strike)\b"
)
_CODE = re2.compile(r"(?i)\b(?:bto|stc|sto|btc)\b")
_DECIMAL = re2.compile(r"\$\s?\d+|\d*\.\d+")
_WORD = re2.compile(r"[A-Za-z][A-Za-z']+")
_FEWEST_WORDS = 3
_REMARK = re2.compile(r"\([^()\n]*\)|\[[^\[\]\n]*\]")
_NEXT_NUMBER = re2.compile(r"^[\s,:|=()*-]*(\d{1,6}(?:\.\d{1,4})?)\b")


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with the stretches already read blanked out, every place kept."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = "\x01" * (end - start)
    return "".join(chars)


def stray_contract(text: str, shapes: Shapes, alerts: Iterable[Alert], right_of: dict[str, str]) -> Hit | None:
    """
    Return the first contract-like words of a masked text that no alert of the message names.

    right_of: canonical right of every spelling.
    """
    known = {(leg.strike, leg.right) for alert in alerts for leg in alert.legs}
    pattern, names = number_groups("(?i)" + shapes.strike_right)
    strike_group, right_group = names.index("strike") + 1, names.index("right") + 1
    for match in compiled(pattern).finditer(text):
        strike = read_strike(match.group(strike_group))
        right = right_of.get(match.group(right_group).lower())
        if isinstance(strike, Flaw) or (strike, right) not in known:
            return Hit("leftover", match.group(), match.start(), match.end())
    return None


def stray_figure(text: str, segment: tuple[int, int], match: Match, alert: Alert) -> Hit | None:
    """
    Return the first price-, date- or share-like words left in the alert's own sentence.

    Remarks in brackets and figures the alert itself states do not count; a bare number right behind
    the alert does.
    """
    start, end = segment
    if code := _CODE.search(text):
        return Hit("leftover", code.group(), code.start(), code.end())
    if alert.action.opens and alert.price is None and not alert.is_market and (price := _DECIMAL.search(text)):
        return Hit("leftover", price.group(), price.start(), price.end())
    body = text[start:end]
    bare = compiled(_REMARK.pattern).sub(lambda remark: "\x01" * len(remark.group()), body)
    for figure in _FIGURE.finditer(bare):
        if not _repeats(figure.group(), alert):
            return Hit("leftover", figure.group(), figure.start() + start, figure.end() + start)
    behind = _NEXT_NUMBER.match(text[match.end : end])
    if behind and match.end >= start and not _repeats(behind.group(1), alert):
        return Hit("leftover", behind.group(1), match.end + behind.start(1), match.end + behind.end(1))
    return None


def stray_prose(text: str, segment: tuple[int, int], alert: Alert, noise: str) -> Hit | None:
    """
    Return the words left in the sentence of an opening that names no price: "Long SPY 450c looks heavy" is talk.

    noise: a pattern for words that mean nothing. Two words are a remark, three are a statement.
    """
    if not alert.action.opens or alert.price is not None or alert.is_market:
        return None
    start, end = segment
    clear = compiled(f"(?i){noise}").sub(lambda match: "\x01" * len(match.group()), text[start:end])
    words = list(_WORD.finditer(compiled(_REMARK.pattern).sub(lambda match: "\x01" * len(match.group()), clear)))
    if len(words) < _FEWEST_WORDS:
        return None
    return Hit("leftover", words[0].group(), words[0].start() + start, words[0].end() + start)


def _repeats(figure: str, alert: Alert) -> bool:
    digits = figure.lstrip("@$ ").strip()
    stated = {found.text.strip().lstrip("$").lower() for found in alert.found}
    if digits.lower() in stated:
        return True
    plain = digits.replace(".", "", 1)
    return plain.isdigit() and alert.price is not None and Decimal(digits) in (alert.price, alert.price_high)
