"""Which lines of a playbook no message of a replay ever reached: dead patterns, silent authors, limits never met."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.model.decision import Decision, GateStatus, Outcome
from engine.model.limits import SizeRule
from engine.model.playbook import Playbook
from engine.model.source import Span


class LineKind(StrEnum):
    """What a line of a playbook says."""

    PATTERN = "pattern"
    AUTHOR = "author"
    RULE = "rule"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class UnreachedLine:
    """
    A line that made no difference: a pattern that never matched, an author never heard, a condition or
    a limit that never refused anything and never bound a size.

    name: as the playbook calls it ("entry", "alice", "too_dear", "risk.symbols"). place: "file:line".
    """

    playbook: str
    kind: LineKind
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class _Line:
    """key: of an author, the id."""

    kind: LineKind
    name: str
    span: Span
    key: str = ""


class Reached:
    """Marks the lines that messages reach; memory grows with the playbooks, not with messages."""

    def __init__(self) -> None:
        self._playbooks: dict[str, Playbook] = {}
        self._decided: set[Span] = set()
        self._bound_by: set[tuple[str, str]] = set()
        self._heard: set[tuple[str, str]] = set()

    def watch(self, playbook: Playbook) -> None:
        """Take in a playbook whose lines are of interest."""
        self._playbooks[playbook.name] = playbook

    def hear(self, playbook: str, author_ids: Iterable[str]) -> None:
        """Mark authors who said something in a channel the playbook hears."""
        self._heard.update((playbook, each) for each in author_ids)

    def add(self, decision: Decision) -> None:
        """Mark the lines that bore on a decision."""
        self._heard.add((decision.playbook, decision.author_id))
        for outcome in decision.outcomes:
            self._add(decision.playbook, outcome)

    def unreached(self, hits: Iterable[tuple[str, str]]) -> tuple[UnreachedLine, ...]:
        """
        Return the lines nothing reached, by playbook: in the order of its file, then of the libraries it uses.

        hits: (playbook, pattern) of the patterns that matched.
        """
        hit = frozenset(hits)
        return tuple(
            UnreachedLine(name, line.kind, line.name, f"{line.span.file}:{line.span.line}")
            for name, playbook in sorted(self._playbooks.items())
            for line in sorted(_lines(playbook), key=lambda line: _place(line, playbook.file))
            if not self._is_reached(name, line, hit)
        )

    def _add(self, playbook: str, outcome: Outcome) -> None:
        if outcome.span is not None:
            self._decided.add(outcome.span)
        for gate in outcome.gates:
            if gate.span is not None and gate.status in (GateStatus.FAILED, GateStatus.COULD_NOT_RUN):
                self._decided.add(gate.span)
        if outcome.size is not None:
            self._bound_by.add((playbook, outcome.size.bound_by))

    def _is_reached(self, playbook: str, line: _Line, hit: frozenset[tuple[str, str]]) -> bool:
        if line.kind is LineKind.PATTERN:
            return (playbook, line.name) in hit
        if line.kind is LineKind.AUTHOR:
            return (playbook, line.key) in self._heard
        return line.span in self._decided or (playbook, line.name) in self._bound_by


def _place(line: _Line, own: str) -> tuple[bool, str, int, int]:
    span = line.span
    return span.file != own, span.file, span.line, span.column


def _lines(playbook: Playbook) -> Iterator[_Line]:
    """Yield what a playbook writes that a message can reach; what it leaves to defaults has no line."""
    for pattern in playbook.read.patterns:
        yield _Line(LineKind.PATTERN, pattern.name, pattern.span)
    for author in playbook.listen.authors:
        yield _Line(LineKind.AUTHOR, author.name, author.span, author.id)
    for rule in playbook.refuse_when:
        yield _Line(LineKind.RULE, rule.code, rule.span)
    limits = (*_limits(playbook), *((name, playbook.size.span) for name in _sizes(playbook.size)))
    for name, span in limits:
        if span != playbook.risk.span and not _surrounds(span, playbook.span):
            yield _Line(LineKind.LIMIT, name, span)


def _surrounds(span: Span, name: Span) -> bool:
    """What is not written has the place of what surrounds it: at the outermost the whole file, its name included."""
    return (span.line, span.column) <= (name.line, name.column) and span.end_line >= name.end_line


def _limits(playbook: Playbook) -> Iterator[tuple[str, Span]]:
    risk, allow = playbook.risk, playbook.allow
    yield "allow", allow.span
    for name in ("symbols", "session", "expiry", "per_symbol", "per_author"):
        yield f"risk.{name}", getattr(risk, name).span
    yield "risk.duplicate_window", risk.duplicates.span
    optional = ("max_open_positions", "max_orders_per_day", "max_daily_loss", "price_collar", "max_spread", "cooldown")
    for name in optional:
        limit = getattr(risk, name)
        if limit is not None:
            yield f"risk.{name}", limit.span


def _sizes(size: SizeRule) -> Iterator[str]:
    """Yield the bounds a `size` section writes, as `Size.bound_by` names them."""
    bounds = {
        "size.percent": size.percent,
        "size.at_most.contracts": size.most_contracts,
        "size.at_most.cost": size.most_cost,
    }
    yield from (name for name, most in bounds.items() if most is not None)
    if size.by_symbol:
        yield "size.by_symbol"
