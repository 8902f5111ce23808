"""Reading: one message → the alerts in it, or why there are none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from engine.model.alert import Action, Alert, Reading, Refusal
from engine.model.decision import Reason
from engine.model.message import Message, Part, parts_of
from engine.model.reading import PatternRule, ReadRules
from engine.parse.agreement import Read, agreed, longest
from engine.parse.build import build
from engine.parse.calendar import market_date
from engine.parse.card import CardPattern, embed_of
from engine.parse.fields import FlawFound
from engine.parse.grammar import Grammar, Pattern, grammar_of
from engine.parse.hints import HintSet, hint_set
from engine.parse.labels import trusted
from engine.parse.leftover import may_matter, stray_contract, stray_figure, stray_prose
from engine.parse.near import Near, nearest, nearly
from engine.parse.normalise import Normal, as_it_is, normalise
from engine.parse.pattern import MOST_ALERTS, Hit, Match, TextPattern, behind_then
from engine.parse.program import Program, Span, compiled, masked
from engine.parse.segments import segment_around
from engine.parse.sketch import SketchSet
from engine.parse.values import read_symbol

MOST_BYTES = 16_384
NOTHING = Reading()
# Fields that may stand before an alert.
_BEFORE = frozenset({"size", "remark"})
# Fields that belong to an alert only in its own sentence.
_OWN_SENTENCE = frozenset({"late_expiry", "quantity", "unit"})


class Reader:
    """Reads messages by one set of rules. Everything is compiled when first needed."""

    def __init__(self, rules: ReadRules) -> None:
        self.rules = rules

    @cached_property
    def _grammar(self) -> Grammar:
        return grammar_of(self.rules)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The compiled patterns, own ones first."""
        return tuple(self._grammar.pattern(rule) for rule in self.rules.patterns)

    @cached_property
    def hints(self) -> tuple[tuple[str, ...], ...]:
        """Of each pattern the hints that must hold for it, and last those of an order no pattern reads."""
        grammar = self._grammar
        order, undecided = (grammar.contract_shape, grammar.order_words), (grammar.no_right,)
        return (*(pattern.hints for pattern in self.patterns), order, undecided, grammar.share_hints)

    @cached_property
    def _sketched(self) -> SketchSet:
        return SketchSet([pattern.sketch if isinstance(pattern, TextPattern) else "" for pattern in self.patterns])

    @cached_property
    def _own_hints(self) -> HintSet:
        return hint_set(self.hints)

    def read(self, message: Message) -> Reading:
        """Return what a message says."""
        if not message.embeds and (plain := plain_part(message, self._own_hints)) is not None:
            return self.with_nearest(message, self.read_parts(message, *plain))
        normals = normal_parts(message, self.rules)
        if isinstance(normals, Refusal):
            return Reading(refusal=normals)
        reading = self.read_parts(message, normals, [self._own_hints.match(normal.text) for normal in normals])
        return self.with_nearest(message, reading)

    def read_parts(self, message: Message, normals: tuple[Normal, ...], hinted: Sequence[tuple[int, ...]]) -> Reading:
        """Return what the parts of a message say; `hinted` names the hints of `hints` that hold for each part."""
        if not any(hinted):
            return NOTHING
        posted = market_date(message.at)
        alerts: list[Alert] = []
        silenced: Reading | None = None
        for normal, candidates in zip(normals, hinted, strict=True):
            if not candidates:
                continue
            reading = self._read_part(message, normal, candidates, posted)
            if reading.refusal is not None and reading.refusal.code is Reason.NOT_AN_ALERT:
                silenced = reading
            elif reading.refusal is not None:
                return reading
            alerts.extend(reading.alerts)
        return silenced if silenced and not alerts else agreed(alerts)

    def _read_part(self, message: Message, normal: Normal, candidates: tuple[int, ...], posted: date) -> Reading:
        picked = [self.patterns[index] for index in self._sketched.possible(normal.text, candidates)]
        matches = [match for pattern in picked for match in self.matches(pattern, normal, message)]
        if len(matches) > MOST_ALERTS and max(Counter(match.rule.name for match in matches).values()) > MOST_ALERTS:
            return Reading(refusal=_TOO_MANY)
        matches += self._following(candidates, matches)
        if not matches:
            return self._unmatched(normal, message, picked)
        if silent := next((match for match in matches if match.rule.is_no_alert), None):
            return _silenced(silent)
        reads = [self._read_match(match, matches, posted) for match in matches]
        chosen = longest(reads)
        if isinstance(chosen, Refusal):
            return Reading(refusal=self._shaped(chosen, normal))
        return self._checked(normal, chosen)

    def _following(self, candidates: tuple[int, ...], matches: list[Match]) -> list[Match]:
        """Return the matches that begin right behind another, joined by "then"."""
        ends = {match.end: match.normal for match in matches}
        out: list[Match | None] = []
        for end, normal in ends.items():
            start = behind_then(normal.text, end)
            if start is not None:
                possible = self._sketched.possible(normal.text[start:], candidates)
                tried = (self.patterns[index] for index in possible)
                out += [each.follows(normal, start) for each in tried if isinstance(each, TextPattern)]
        return [match for match in out if match]

    def matches(self, pattern: Pattern, normal: Normal, message: Message) -> tuple[Match, ...]:
        """Return where one pattern matches a part."""
        if barred(pattern.rule, normal):
            return ()
        if isinstance(pattern, CardPattern):
            return pattern.find(normal, message)
        found = pattern.find(normal)
        if not found:
            return ()
        title = normalise(embed_of(normal, message).title).text if message.embeds else ""
        return tuple(_under(title, match) for match in found) if title else found

    def _read_match(self, match: Match, matches: list[Match], posted: date) -> Read:
        segment = segment_around(match.normal.text, match.start, match.end)
        tail = self._tail(match, matches, segment)
        covered = [(hit.start, hit.end) for hit in tail]
        if match.rule.card:
            segment = (0, len(match.normal.text))
            covered += [(hit.start, hit.end) for hit in match.hits]
        else:
            covered.append((match.start, match.end))
        try:
            tail = trusted(match, tail, self._grammar.vocabulary)
            alert = build(self._grammar, match, tail, posted)
        except FlawFound as found:
            return Read(match, None, found.flaw, found.hit, tuple(covered), segment)
        return Read(match, alert, None, None, tuple(covered), segment)

    def _tail(self, match: Match, matches: list[Match], segment: Span) -> tuple[Hit, ...]:
        """Return what stands beside what a pattern read: behind it, of a card all around it, and some of it before."""
        text, start = match.normal.text, match.end
        after = [other.region for other in matches if other.start >= match.end]
        closes = self._closes(match)
        if match.rule.card and match.hits:
            text, start = masked(text, ((hit.start, hit.end) for hit in match.hits)), 0
        scanned = self._grammar.tail.scan(text, start, min(after, default=len(text)), closes=closes)
        tail = tuple(hit for hit in scanned if hit.field not in _OWN_SENTENCE or segment[0] <= hit.start < segment[1])
        ended = max((other.end for other in matches if other.end <= match.start), default=0)
        since = max(ended, min(match.region, segment[0]))
        before = self._grammar.tail.scan(match.normal.text, since, match.start, closes=closes)
        return (*(hit for hit in before if hit.field in _BEFORE), *tail)

    def _closes(self, match: Match) -> bool:
        words = self._grammar.vocabulary
        meanings = {words.meaning("action", hit.text) for hit in match.hits if hit.field == "action"}
        meanings |= {value for field, value in match.rule.constants if field == "action"}
        return any(meaning in (Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE) for meaning in meanings)

    def _checked(self, normal: Normal, reads: list[Read]) -> Reading:
        """Let guards and leftovers speak: a text is understood completely, or refused."""
        text = normal.text
        alerts = [read.alert for read in reads if read.alert]
        if _is_foreign(normal):
            return Reading(refusal=_FOREIGN)
        if len(alerts) > MOST_ALERTS:
            return Reading(refusal=_TOO_MANY)
        rest = masked(text, [span for read in reads for span in read.spans])
        is_left = may_matter(rest)
        for read in reads:
            refusal = self._guarded(normal, read)
            if refusal is None and is_left:
                refusal = self._left(normal, rest, read, alerts)
            if refusal:
                return Reading(refusal=refusal)
        return Reading(alerts=tuple(alerts))

    def _guarded(self, normal: Normal, read: Read) -> Refusal | None:
        # A ticker such as HE or SHE is no guard; a remark the pattern passes over may be one.
        fields = [(hit.start, hit.end) for hit in read.match.hits if hit.field != "text"]
        clear = masked(normal.text, fields)
        guarded = self._grammar.guards.first(clear, read.segment, read.match.rule.ignore_guards)
        if guarded is None:
            return self._guarded_outside(read)
        words = normal.text[guarded.start : guarded.end]
        return Refusal(
            guarded.code,
            f"{words!r} makes it a {guarded.guard}, not an alert",
            normal.place(guarded.start, guarded.end),
            read.match.rule.name,
            is_order_shaped=guarded.code is not Reason.QUESTION,
        )

    def _guarded_outside(self, read: Read) -> Refusal | None:
        """What stands above an alert, or a footer that its card rests on, may speak against it."""
        rule = read.match.rule
        unless = (*rule.ignore_guards, *(("question", "hearsay") if rule.card is None else ()))
        for text in (*read.match.outside, *self._above(read.match)):
            if guarded := self._grammar.guards.first(text, (0, len(text)), unless):
                words = text[guarded.start : guarded.end]
                detail = f"{words!r} makes it a {guarded.guard}, not an alert"
                return Refusal(guarded.code, detail, None, rule.name, is_order_shaped=True)
        return None

    def _above(self, match: Match) -> tuple[str, ...]:
        """Return the lines above a line of text when they speak of opening something ("I'm in if …")."""
        above = match.normal.text[: max(0, match.normal.text.rfind("\n", 0, match.start))]
        is_about_it = above and match.rule.card is None and compiled(self._grammar.opening_words).holds(above)
        return (above,) if is_about_it else ()

    def _left(self, normal: Normal, rest: str, read: Read, alerts: list[Alert]) -> Refusal | None:
        assert read.alert is not None
        stray = stray_contract(rest, self._grammar.shapes, alerts, self._grammar.right_of)
        if stray is None and not read.match.rule.card:
            stray = stray_figure(rest, read.segment, read.match, read.alert)
            stray = stray or stray_prose(rest, read.segment, read.alert, self._grammar.shapes.noise)
        if stray is None:
            return None
        return Refusal(
            Reason.LEFTOVER,
            f"{stray.text.strip()!r} was left over when {read.match.rule.name!r} had read the rest",
            normal.place(stray.start, stray.end),
            read.match.rule.name,
            is_order_shaped=True,
        )

    def _unmatched(self, normal: Normal, message: Message, hinted: list[Pattern]) -> Reading:
        """No pattern matches: chatter, unless it is shaped like an order."""
        text = normal.text
        card = nearly((pattern for pattern in hinted if not barred(pattern.rule, normal)), normal, message)
        says_action = compiled(self._grammar.order_words).holds(text)
        if says_action and _is_foreign(normal):
            return Reading(refusal=_FOREIGN)
        if card is None and not self._is_order_shaped(text):
            return self._without_right(normal) if says_action else Reading()
        guarded = self._grammar.guards.first(text, (0, len(text)), ())
        if guarded is not None:
            words = text[guarded.start : guarded.end]
            return Reading(
                refusal=Refusal(
                    guarded.code,
                    f"{words!r} makes it a {guarded.guard}, not an alert",
                    normal.place(guarded.start, guarded.end),
                )
            )
        unread = ", and quoted and code text is not read here (listen.quotes)" if normal.quoted else ""
        reason = f"it looks like an order, but no pattern reads it{unread}"
        refusal = Refusal(Reason.NO_PATTERN, reason, normal.place(0, len(text)), is_order_shaped=True)
        return Reading(refusal=_pointed(refusal, card) if card else refusal)

    def with_nearest(self, message: Message, reading: Reading) -> Reading:
        """
        Return a reading whose refusal names the pattern that came nearest, where no pattern matched.

        Every pattern is looked at, so this is for the messages somebody will be told about.
        """
        refusal = reading.refusal
        if refusal is None or refusal.code != Reason.NO_PATTERN or refusal.nearest or refusal.place is None:
            return reading
        normals = normal_parts(message, self.rules)
        if isinstance(normals, Refusal):
            return reading
        normal = next(each for each in normals if each.part == refusal.place.part)
        tried = (pattern for pattern in self.patterns if not barred(pattern.rule, normal))
        near = nearest(tried, normal, message)
        return replace(reading, refusal=_pointed(refusal, near)) if near else reading

    def _without_right(self, normal: Normal) -> Reading:
        """A strike and a date, but neither call nor put, is not guessed."""
        spans = compiled(self._grammar.no_right).search(normal.text)
        if spans is None or "?" in normal.text:
            return Reading()
        place = normal.place(*spans[0])
        return Reading(
            refusal=Refusal(
                Reason.NO_RIGHT, "a strike and a date, but neither call nor put", place, is_order_shaped=True
            )
        )

    def _is_order_shaped(self, text: str) -> bool:
        grammar = self._grammar
        if compiled(grammar.contract_shape).holds(text) and compiled(grammar.order_words).holds(text):
            return True
        shares = compiled(grammar.share_order).search(text)
        return shares is not None and read_symbol(text[slice(*shares[1])]) not in grammar.not_symbols

    def _shaped(self, refusal: Refusal, normal: Normal) -> Refusal:
        return replace(refusal, is_order_shaped=self._is_order_shaped(normal.text))


def plain_part(message: Message, hints: HintSet) -> tuple[tuple[Normal, ...], tuple[tuple[int, ...], ...]] | None:
    """
    Return the content of a message without cards, and which hints hold for it; None where it takes a closer look.

    Most messages are like that: as they are posted, they are in their normal form.
    """
    text = message.content
    held = hints.look(text) if len(text) <= MOST_BYTES else None
    if held is None:
        return None
    return ((as_it_is(text),), (held,)) if held else ((), ())


def normal_parts(message: Message, rules: ReadRules) -> tuple[Normal, ...] | Refusal:
    """Return a message's texts ready to be matched, or the refusal of a text too long to read."""
    parts: tuple[Part, ...] = parts_of(message)
    if sum(len(part.text) for part in parts) > MOST_BYTES // 4:
        size = sum(len(part.text.encode("utf-8", "surrogatepass")) for part in parts)
        if size > MOST_BYTES:
            return Refusal(Reason.TOO_LONG, f"the text holds {size:,} bytes, more than {MOST_BYTES:,}")
    return tuple(normalise(part.text, part.name, reads_quotes=rules.reads_quotes) for part in parts)


def barred(rule: PatternRule, normal: Normal) -> str:
    """Return the words of `when` or `unless` that keep a pattern from a text, "" when none do."""
    if not (rule.when or rule.unless):
        return ""
    # An emoji stands in the raw text only; what is quoted there says nothing.
    text = f"{normal.text}\n{masked(normal.raw, normal.quoted)}".lower()
    if rule.when and not any(word.lower() in text for word in rule.when):
        return f"when: {', '.join(rule.when)}"
    met = next((word for word in rule.unless if word.lower() in text), "")
    return f"unless: {met}" if met else ""


def _under(title: str, match: Match) -> Match:
    """What a title says holds for all that stands below it."""
    return replace(match, outside=(title,)) if title and match.start >= len(title) else match


def _silenced(match: Match) -> Reading:
    """A pattern of the playbook says that such a text is no alert, whatever else it looks like."""
    name = match.rule.name
    return Reading(refusal=Refusal(Reason.NOT_AN_ALERT, f"{name!r} says it is no alert", nearest=name))


def _pointed(refusal: Refusal, near: Near) -> Refusal:
    lacking = f"; {near.name!r} expected {near.lacks}" if near.lacks else ""
    return replace(refusal, reason=refusal.reason + lacking, place=near.place or refusal.place, nearest=near.name)


_TOO_MANY = Refusal(Reason.TOO_LONG, f"more than {MOST_ALERTS} alerts in one message", is_order_shaped=True)
_FOREIGN = Refusal(
    Reason.FOREIGN_CHARACTERS,
    "the text holds letters, digits or marks that do not read as they look",
    is_order_shaped=True,
)
# Greek and Cyrillic letters inside a word of Latin ones: "SPY" that is not SPY.
_MIXED = Program(r"[A-Za-z0-9][\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][A-Za-z0-9]")


def _is_foreign(normal: Normal) -> bool:
    if normal.has_bidi or normal.text.isascii():
        return normal.has_bidi
    has_digit = any(char.isdigit() and not char.isascii() for char in normal.text)
    return has_digit or _MIXED.holds(normal.text)
