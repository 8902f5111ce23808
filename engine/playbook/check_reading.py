"""Checks of how alerts are read: patterns, structures and conditions that contradict or never apply."""

from collections.abc import Iterator
from typing import Final

from engine.model.decision import Reason
from engine.model.errors import Issue
from engine.model.listen import ReadFrom
from engine.model.nearest import nearest
from engine.model.reading import PatternRule
from engine.model.stages import Gives, GivesAlerts, GivesRefusal
from engine.playbook.checked import Checked, unknown
from engine.playbook.section import Section


def reads_nothing(checked: Checked) -> Iterator[Issue]:
    """A playbook needs a pattern, its own or a library's."""
    if checked.is_complete and not checked.playbook.read.patterns:
        expected = "a pattern, or a library with patterns"
        yield Issue("no_patterns", "no pattern reads anything", checked.at("read"), expected)


def unreachable_patterns(checked: Checked) -> Iterator[Issue]:
    """A card of an embed is never met where embeds are not read, nor content where content is not."""
    read_from = checked.playbook.listen.read_from
    for pattern in checked.own_patterns():
        if _needs_embed(pattern) and ReadFrom.EMBEDS not in read_from:
            yield _unreachable(pattern, ReadFrom.EMBEDS)
        elif pattern.card and pattern.card.content and ReadFrom.CONTENT not in read_from:
            yield _unreachable(pattern, ReadFrom.CONTENT)


def _unreachable(pattern: PatternRule, part: ReadFrom) -> Issue:
    message = f"{pattern.name!r} reads {part.value}, which is not read here"
    return Issue("unreachable_pattern", message, pattern.span, f"{part.value!r} in listen.read_from")


def _needs_embed(pattern: PatternRule) -> bool:
    card = pattern.card
    return card is not None and any((card.title, card.description, card.author, card.footer, card.color))


def reserved_codes(checked: Checked) -> Iterator[Issue]:
    """A playbook's own codes are told apart from the engine's."""
    for written, rule in zip(
        checked.written.section("read").sections("refuse_when"), checked.playbook.refuse_when, strict=True
    ):
        if rule.code in set(Reason):
            message = f"{rule.code!r} is a code of the engine"
            yield Issue("reserved_code", message, written.span_of("code"), "a code of your own")


def reading_of_playbook(checked: Checked) -> Iterator[Issue]:
    """The checks that libraries get too."""
    yield from check_reading_section(checked.written.section("read"))
    structures = {structure.name for structure in checked.playbook.read.structures}
    for pattern in checked.written.section("read").sections("patterns"):
        constants = pattern.section("set")
        name = constants.text("structure")
        if checked.is_complete and name and name not in structures:
            yield unknown("unknown_structure", "structure", name, structures, constants.span_of("structure"))


def check_reading_section(section: Section) -> Iterator[Issue]:
    """Return what is wrong with the reading half of one file, by itself."""
    yield from _same_pattern_names(section)
    yield from _never_and_also(section.section("symbols"))
    structures = section.section("structures")
    for name, bound in structures.entries():
        yield from _ranks(name, Section(bound, structures.span))


def _same_pattern_names(section: Section) -> Iterator[Issue]:
    seen: set[str] = set()
    for pattern in section.sections("patterns"):
        name = pattern.text("name")
        if name in seen:
            message = f"two patterns are called {name!r}"
            yield Issue("duplicate_pattern", message, pattern.span_of("name"), "a name of its own")
        seen.add(name)


def _never_and_also(symbols: Section) -> Iterator[Issue]:
    never = set(symbols.texts("never"))
    for item in symbols.items("also"):
        if item.value in never:
            message = f"{item.value} is never a ticker and also one"
            yield Issue("never_and_also", message, item.span, "one or the other")


def _ranks(name: str, structure: Section) -> Iterator[Issue]:
    legs = structure.sections("legs")
    ranks = {leg.count("buy", 0) or leg.count("sell", 0) for leg in legs}
    missing = sorted(set(range(1, max(ranks, default=0))) - ranks)
    if missing:
        message = f"no leg of {name!r} takes strike {missing[0]}, though one takes strike {max(ranks)}"
        yield Issue("missing_rank", message, structure.span_of("legs"), "strikes numbered from 1 without a gap")


def examples_name_somebody(checked: Checked) -> Iterator[Issue]:
    """A stranger can only be refused as one; any other unknown name, and one much like an author's, is a slip."""
    names = {author.name for author in checked.playbook.listen.authors}
    for written, example in zip(checked.written.sections("examples"), checked.playbook.examples, strict=True):
        by = written.text("by")
        if by not in names and not _is_stranger(by, names, example.gives):
            yield unknown("unknown_author", "author", by, names, written.span_of("by"))


def _is_stranger(by: str, names: set[str], gives: Gives) -> bool:
    if isinstance(gives, GivesRefusal):
        return gives.code == Reason.UNKNOWN_AUTHOR
    return not isinstance(gives, GivesAlerts) and not nearest(by, names)


def examples_name_codes(checked: Checked) -> Iterator[Issue]:
    """A refusal that an example expects must be one there is."""
    codes = {reason.value for reason in Reason} | {rule.code for rule in checked.playbook.refuse_when}
    for example in checked.playbook.examples:
        if isinstance(example.gives, GivesRefusal) and example.gives.code not in codes:
            message = f"there is no refusal {example.gives.code!r}"
            expected = "a code of docs/reasons.md, or of 'refuse_when'"
            yield Issue("unknown_code", message, example.gives.span, expected, nearest(example.gives.code, codes))


def examples_answer_something(checked: Checked) -> Iterator[Issue]:
    """An example can answer only an earlier alert it names."""
    for written, example in zip(checked.written.sections("examples"), checked.playbook.examples, strict=True):
        answers = written.section("message").count("answers", 0)
        if answers > len(example.before):
            message = f"there is no earlier alert {answers}"
            yield Issue("unknown_answer", message, written.at("message", "answers"), f"at most {len(example.before)}")


READING_CHECKS: Final = (
    reads_nothing,
    unreachable_patterns,
    reserved_codes,
    reading_of_playbook,
    examples_name_somebody,
    examples_name_codes,
    examples_answer_something,
)
