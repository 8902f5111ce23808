"""One file after another: text to tree, tree to values, values checked, examples run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from engine.decide.terms import Terms
from engine.model.desk import Desk
from engine.model.errors import Issue
from engine.model.playbook import Playbook
from engine.model.reading import ReadRules
from engine.model.rule import RefuseRule
from engine.parse.check import check_rules
from engine.parse.reader import Reader
from engine.playbook.bound import Bound
from engine.playbook.check_desk import DESK_CHECKS
from engine.playbook.check_reading import check_reading_section
from engine.playbook.checked import Checked
from engine.playbook.checks import check_playbook, in_file_order
from engine.playbook.compile_desk import compile_desk
from engine.playbook.compile_playbook import compile_library, compile_playbook, compile_rules
from engine.playbook.effective import Hasher
from engine.playbook.examples import Interpreter, run_examples
from engine.playbook.libraries import Libraries, Library
from engine.playbook.schema import bind, load_schema
from engine.playbook.section import Section
from engine.playbook.yaml_nodes import Node

Issues = tuple[Issue, ...]
Load = Callable[[Bound, str], "tuple[LivePlaybook | None, Issues]"]


@dataclass(frozen=True, slots=True)
class LivePlaybook:
    """
    One playbook that loaded without errors, with all that runs it.

    text: the file as it is written. libraries: those it was compiled with. Both are for comparing
    versions; "" and None where a playbook was made without a file.
    """

    terms: Terms
    reader: Reader
    content_hash: str
    text: str = field(default="", compare=False, repr=False)
    libraries: Libraries | None = field(default=None, compare=False, repr=False)

    @property
    def playbook(self) -> Playbook:
        """What the file says, compiled."""
        return self.terms.playbook


def under_desk(live: LivePlaybook, desk: Desk | None) -> LivePlaybook:
    """Return a playbook as it decides under a desk; None for none."""
    return replace(live, terms=_terms(live.playbook, live.terms.rules, desk))


def _terms(playbook: Playbook, rules: tuple[RefuseRule, ...], desk: Desk | None) -> Terms:
    return Terms(playbook, rules) if desk is None else Terms(playbook, rules, desk.limits, desk.time_zone)


def has_errors(issues: Iterable[Issue]) -> bool:
    """Return whether anything in it keeps a file from being used."""
    return any(issue.is_error for issue in issues)


def bind_file(node: Node | None, kind: str) -> tuple[Bound | None, Issues]:
    """Return the checked tree of a file; None when it is not whole."""
    if node is None:
        return None, ()
    bound, issues = bind(node, load_schema(kind))
    return (bound if bound is not None and bound.is_whole else None), issues


def load_desk(bound: Bound) -> tuple[Desk, Issues]:
    """Return the desk of a checked file, and what is wrong with it."""
    desk = compile_desk(bound)
    written = Section(bound, bound.span)
    return desk, in_file_order(issue for check in DESK_CHECKS for issue in check(desk, written))


def load_library(bound: Bound, *, is_shipped: bool) -> tuple[Library, Issues]:
    """Return the library of a checked file, and what is wrong with it."""
    library = compile_library(bound, is_shipped=is_shipped)
    alone = Libraries((library,))
    issues = (
        *check_reading_section(Section(bound, bound.span)),
        *alone.clashes((library.name,), ()),
        *check_rules(library.rules),
    )
    return library, in_file_order(issues)


class PlaybookLoader:
    """
    Makes live playbooks of checked files.

    desk: None when there is none, or it is wrong. runs_examples: whether examples decide too.
    """

    def __init__(self, desk: Desk | None, libraries: Libraries, *, runs_examples: bool = True) -> None:
        self._desk = desk
        self._libraries = libraries
        self._runs_examples = runs_examples
        self._hasher = Hasher()
        self._readers: dict[int, Reader] = {}

    def load(self, bound: Bound, text: str = "") -> tuple[LivePlaybook | None, Issues]:
        """Return the live playbook of a checked file, None when something keeps it from going live, and the issues."""
        playbook, issues = compile_playbook(bound, self._libraries)
        rules, rule_issues = compile_rules(playbook)
        checked = Checked(playbook, Section(bound, bound.span), self._desk, is_complete=not has_errors(issues))
        own = checked.own_patterns()
        found = (*issues, *rule_issues, *check_playbook(checked), *check_rules(ReadRules(patterns=own)))
        if has_errors(found):
            return None, in_file_order(found)
        if self._runs_examples:
            found = (
                *found,
                *run_examples(Interpreter(_terms(playbook, rules, self._desk), self._reader(playbook.read))),
            )
        if has_errors(found):
            return None, in_file_order(found)
        return self._live(playbook, rules, text), in_file_order(found)

    def compiled(self, bound: Bound, text: str = "") -> tuple[LivePlaybook | None, Issues]:
        """Return a playbook that is only to be compared: nothing outside its file keeps it from that."""
        playbook, issues = compile_playbook(bound, self._libraries)
        rules, rule_issues = compile_rules(playbook)
        found = in_file_order((*issues, *rule_issues))
        return None if has_errors(found) else self._live(playbook, rules, text), found

    def _live(self, playbook: Playbook, rules: tuple[RefuseRule, ...], text: str) -> LivePlaybook:
        digest = self._hasher.content_hash(playbook)
        return LivePlaybook(
            _terms(playbook, rules, self._desk), self._reader(playbook.read), digest, text, self._libraries
        )

    def _reader(self, rules: ReadRules) -> Reader:
        """Return a reader; playbooks that share their rules share one, and what it compiles."""
        known = self._readers.get(id(rules))
        if known is None:
            known = self._readers[id(rules)] = Reader(rules)
        return known
