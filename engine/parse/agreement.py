"""Several matches, one meaning: which reading of a text counts, and when they contradict each other."""

from dataclasses import dataclass

from engine.model.alert import Alert, Asset, Leg, Reading, Refusal
from engine.model.decision import Reason
from engine.parse.pattern import Hit, Match
from engine.parse.values import Flaw


@dataclass(frozen=True, slots=True)
class Read:
    """
    One match and what came of it.

    spans: the stretches of text it accounts for. segment: the sentence or line it stands in; of a card all of its text.
    """

    match: Match
    alert: Alert | None
    flaw: Flaw | None
    hit: Hit | None
    spans: tuple[tuple[int, int], ...]
    segment: tuple[int, int] = (0, 0)


def longest(reads: list[Read]) -> list[Read] | Refusal:
    """
    Keep, of matches that overlap, the one that reads most; what the others read must agree with it.

    A match inside a longer one that leaves out some of its fields is only a part of it; one that reads the
    same words otherwise, or crosses it, contradicts it.
    """
    if len(reads) == 1 and reads[0].flaw is None:
        return reads
    kept: list[Read] = []
    agreeing: list[Read] = []
    for read in sorted(reads, key=_longest_first):
        over = [other for other in (*kept, *agreeing) if _overlap(read.match, other.match)]
        if not over:
            kept.append(read)
        elif _says_nothing_new(read, over):
            continue
        elif all(_agree(read, other) for other in over):
            agreeing.append(read)
        else:
            names = f"{read.match.rule.name!r} and {over[0].match.rule.name!r}"
            place = read.match.normal.place(read.match.start, read.match.end)
            return Refusal(Reason.AMBIGUOUS, f"the patterns {names} read it differently", place, read.match.rule.name)
    kept.sort(key=lambda read: read.match.start)
    for read in kept:
        if read.flaw:
            hit = read.hit or Hit("", "", read.match.start, read.match.end)
            place = read.match.normal.place(hit.start, hit.end)
            return Refusal(read.flaw.code, read.flaw.detail, place, read.match.rule.name)
    return kept


def _longest_first(read: Read) -> tuple[int, bool, int, int]:
    match, legs = read.match, len(read.alert.legs) if read.alert else 0
    return match.start - match.end, read.alert is None, -legs, match.start


def _overlap(one: Match, other: Match) -> bool:
    if one.rule.card and other.rule.card:
        return True
    return one.start < other.end and other.start < one.end


def _says_nothing_new(read: Read, over: list[Read]) -> bool:
    if read.alert is None or all(other.alert is None for other in over):
        return True
    return all(_is_part(read.match, other.match) for other in over)


def _is_part(one: Match, other: Match) -> bool:
    """Whether a match lies inside another and leaves some of its fields out."""
    inside = other.start <= one.start and one.end <= other.end
    return inside and any(hit.end <= one.start or one.end <= hit.start for hit in other.hits)


def _agree(one: Read, other: Read) -> bool:
    return one.alert is not None and other.alert is not None and _alerts_agree(one.alert, other.alert)


def _alerts_agree(one: Alert, other: Alert) -> bool:
    if len(one.legs) > len(other.legs):
        one, other = other, one
    if 0 < len(one.legs) < len(other.legs):
        contracts = {(leg.strike, leg.right) for leg in other.legs}
        return one.symbol == other.symbol and all((leg.strike, leg.right) in contracts for leg in one.legs)
    if one.action is not other.action or (Asset.STOCK in {one.asset, other.asset} and one.asset is not other.asset):
        return one.action is other.action and one.symbol == other.symbol
    pairs: list[tuple[object, object]] = [
        (one.symbol, other.symbol),
        (one.price, other.price),
        (one.quantity, other.quantity),
        (one.fraction, other.fraction),
    ]
    if len(one.legs) == len(other.legs):
        for mine, theirs in zip(sorted(one.legs, key=_by_contract), sorted(other.legs, key=_by_contract), strict=True):
            pairs += [(mine.strike, theirs.strike), (mine.right, theirs.right), (mine.expiry, theirs.expiry)]
            pairs += [(mine.action, theirs.action), (mine.ratio, theirs.ratio)]
    return all(left is None or right is None or left == right for left, right in pairs)


def _by_contract(leg: Leg) -> tuple[str, str, str]:
    return str(leg.strike), str(leg.right), str(leg.expiry)


def agreed(alerts: list[Alert]) -> Reading:
    """Merge repetitions of one alert; two different prices or sizes for the same contract contradict."""
    if len(alerts) < 2:
        return Reading(alerts=tuple(alerts))
    kept: list[Alert] = []
    if _opens_what_it_closes(alerts):
        return Reading(refusal=Refusal(Reason.HEARSAY, "it opens and closes one contract: a report, not an order"))
    for alert in alerts:
        same = next((index for index, other in enumerate(kept) if _same_contract(alert, other)), None)
        if same is None:
            kept.append(alert)
        elif not _alerts_agree(alert, kept[same]):
            return Reading(
                refusal=Refusal(Reason.AMBIGUOUS, "the message states the same order in two ways", is_order_shaped=True)
            )
        elif len(alert.found) > len(kept[same].found):
            kept[same] = alert
    return Reading(alerts=tuple(kept))


def _opens_what_it_closes(alerts: list[Alert]) -> bool:
    """Whether one message both opens and closes a contract, as recaps of past trades do."""
    opened = {
        (leg.symbol, leg.strike, leg.right)
        for alert in alerts
        for leg in alert.legs
        if alert.action.opens and leg.strike
    }
    closed = {(leg.symbol, leg.strike, leg.right) for alert in alerts for leg in alert.legs if alert.action.closes}
    return not opened.isdisjoint(closed)


def _same_contract(one: Alert, other: Alert) -> bool:
    if (one.action, one.symbol, len(one.legs)) != (other.action, other.symbol, len(other.legs)):
        return False
    return all(
        (mine.strike, mine.right, mine.asset) == (theirs.strike, theirs.right, theirs.asset)
        and (mine.expiry is None or theirs.expiry is None or mine.expiry == theirs.expiry)
        for mine, theirs in zip(one.legs, other.legs, strict=True)
    )
