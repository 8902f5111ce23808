"""What a replay must give, as a tester writes it in YAML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.model.decision import Reason, Verdict
from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.source import Span
from engine.model.stages import Gives, GivesRefusal
from engine.playbook.compile_examples import gives_of
from engine.playbook.compile_read import action_name
from engine.playbook.loader import bind_file
from engine.playbook.rulebook import Rulebook
from engine.playbook.section import Section
from engine.playbook.yaml_tree import read_text, read_yaml


class Unexpected(StrEnum):
    """What a decision about something shaped like an order means that nothing covers."""

    FAIL = "fail"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class CountExpected:
    """
    How many decisions must fit what is stated; None: whichever.

    author: an id, or a name in the playbook or as posted. reason: a reason, or a rule's own code.
    """

    span: Span
    playbook: str | None = None
    author: str | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    action: str | None = None
    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def holds(self, count: int) -> bool:
        """Return whether so many are as many as there must be."""
        if self.exactly is not None and count != self.exactly:
            return False
        return (self.at_least is None or count >= self.at_least) and (self.at_most is None or count <= self.at_most)


@dataclass(frozen=True, slots=True)
class MessageExpected:
    """What must come of one message. playbook: None for every one that decides it. span: of `gives`."""

    span: Span
    message_id: str
    playbook: str | None
    gives: Gives
    written: str


@dataclass(frozen=True, slots=True)
class Expectations:
    """All of a file. about: what it is about."""

    file: str
    about: str
    unexpected: Unexpected
    counts: tuple[CountExpected, ...]
    messages: tuple[MessageExpected, ...]


@dataclass(frozen=True, slots=True)
class ExpectationFile:
    """A file as it was read. expectations: None when it has errors. text: "" when it cannot be read."""

    expectations: Expectations | None
    issues: tuple[Issue, ...]
    text: str


def read_expectations(path: Path, rulebook: Rulebook) -> ExpectationFile:
    """Return the expectations of a file, and everything wrong with it."""
    text = read_text(path, path.as_posix())
    if isinstance(text, Issue):
        return ExpectationFile(None, (text,), "")
    node, issues = read_yaml(text, path.as_posix())
    bound, shape_issues = bind_file(node, "expect")
    found = (*issues, *shape_issues)
    if bound is None or any(issue.is_error for issue in found):
        return ExpectationFile(None, found, text)
    compiled = _compiled(Section(bound, bound.span), path.as_posix(), text)
    found = (*found, *_wrong_names(compiled, rulebook))
    return ExpectationFile(None if any(issue.is_error for issue in found) else compiled, found, text)


def _compiled(section: Section, file: str, text: str) -> Expectations:
    lines = text.splitlines()
    return Expectations(
        file=file,
        about=section.text("expect"),
        unexpected=section.choice("unexpected", Unexpected.FAIL),
        counts=tuple(map(_count, section.sections("counts"))),
        messages=tuple(_message(each, lines) for each in section.sections("messages")),
    )


def _count(entry: Section) -> CountExpected:
    return CountExpected(
        span=entry.span,
        playbook=entry.text("playbook") or None,
        author=entry.text("author") or None,
        verdict=Verdict(entry.text("verdict")) if "verdict" in entry else None,
        reason=entry.text("reason") or None,
        action=action_name(entry.text("action")) if "action" in entry else None,
        exactly=entry.count_if_written("exactly"),
        at_least=entry.count_if_written("at_least"),
        at_most=entry.count_if_written("at_most"),
    )


def _message(entry: Section, lines: list[str]) -> MessageExpected:
    span = entry.span_of("gives")
    return MessageExpected(
        span=span,
        message_id=entry.text("message"),
        playbook=entry.text("playbook") or None,
        gives=gives_of(entry),
        written=_written(span, lines),
    )


def _written(span: Span, lines: list[str]) -> str:
    rows = lines[span.line - 1 : span.end_line]
    if len(rows) == 1:
        return rows[0][span.column - 1 : span.end_column - 1]
    return " ".join(row.strip() for row in rows)


def _wrong_names(expected: Expectations, rulebook: Rulebook) -> Iterator[Issue]:
    codes = {reason.value for reason in Reason}
    codes |= {rule.code for live in rulebook.playbooks for rule in live.playbook.refuse_when}
    names = {live.playbook.name for live in rulebook.playbooks}
    named = [(each.playbook, each.span) for each in expected.counts]
    named += [(each.playbook, each.span) for each in expected.messages]
    for playbook, span in named:
        if playbook is not None:
            yield from _unknown("unknown_playbook", "playbook", playbook, span, names)
    for count in expected.counts:
        if count.reason is not None:
            yield from _unknown("unknown_code", "reason", count.reason, count.span, codes)
    for message in expected.messages:
        if isinstance(message.gives, GivesRefusal):
            yield from _unknown("unknown_code", "refusal", message.gives.code, message.gives.span, codes)


def _unknown(code: str, what: str, name: str, span: Span, known: Iterable[str]) -> Iterator[Issue]:
    names = sorted(known)
    if name not in names:
        expected = (
            f"one of {', '.join(names)}" if code == "unknown_playbook" else "a code of docs/reasons.md, or a rule's"
        )
        yield Issue(code, f"there is no {what} {name!r}", span, expected, nearest(name, names))
