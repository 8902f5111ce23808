"""Single values: their rule, and what every rule needs to say what is wrong."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.source import Span
from engine.playbook import yaml_nodes
from engine.playbook.bound import Bound, BoundScalar
from engine.playbook.scalars import NotRead
from engine.playbook.wording import quoted
from engine.playbook.yaml_nodes import Node, Scalar

_BREAKS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "below": operator.lt,
    "not above": operator.le,
    "above": operator.gt,
}
_MOST_SUGGESTIONS: Final = 500
_MOST_LIKENED: Final = 100
_QUOTE_BRACES: Final = "; a text that begins with { must stand in quotes"
_COMMENT: Final = '; what follows " #" is a comment'


@dataclass(slots=True)
class Findings:
    """
    What is found while one file is bound.

    homes: every key of the schema → the sections it belongs to, to help with a key in the wrong place.
    """

    homes: Mapping[str, tuple[str, ...]]
    issues: list[Issue] = field(default_factory=list)

    def nearest(self, word: str, valid: Iterable[str]) -> str:
        """Return the valid word most like one that is not; a file of many mistakes is not worth the search."""
        is_worth_it = len(self.issues) < _MOST_SUGGESTIONS and len(word) <= _MOST_LIKENED
        return nearest(word, valid) if is_worth_it else ""

    def add(self, code: str, message: str, span: Span, expected: str = "", near: str = "") -> None:
        """Note one issue."""
        self.issues.append(Issue(code, message, span, expected, near))


class Rule(Protocol):
    """What may stand at one place of a file."""

    @property
    def expected(self) -> str:
        """What it is, in words, with an example."""
        ...

    def bind(self, node: Node, key: Span | None, findings: Findings) -> Bound | None:
        """Return the typed value, None when there is none to be had; what is wrong goes to `findings`."""
        ...


def refuse_type(node: Node, expected: str, findings: Findings, near: str = "") -> None:
    """Note that something else stands where `expected` belongs."""
    if isinstance(node, Scalar):
        is_absent = node.is_plain and not node.text
        message = "nothing is written here" if is_absent else f"was the text {quoted(node.text)}"
    else:
        message = "was a list" if isinstance(node, yaml_nodes.Sequence) else "was keys and values"
    findings.add("wrong_type", message, node.span, expected, near)


def is_unread(node: Node) -> bool:
    """Whether a node stands for something that was already reported."""
    return isinstance(node, Scalar) and node.is_unread


@dataclass(frozen=True, slots=True)
class ScalarRule:
    """
    A single value.

    what: what it is, in words; expected: the same with examples.
    code: of the issue when the text is not such a value. is_secret: its text is never repeated.
    refusal: what to say of any other text, in place of the usual words; "" for those.
    choices: the only texts there are; empty for any. samples: texts to take a near miss for.
    """

    what: str
    expected: str
    code: str
    read: Callable[[str], BoundScalar]
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    limits: tuple["Limit", ...] = ()
    samples: tuple[str, ...] = ()
    is_secret: bool = False
    refusal: str = ""

    def bind(self, node: Node, key: Span | None, findings: Findings) -> Bound | None:
        """Return the typed value."""
        if not isinstance(node, Scalar):
            is_braced = isinstance(node, yaml_nodes.Mapping) and node.is_flow
            refuse_type(node, self.expected + _QUOTE_BRACES * is_braced, findings)
            return None
        if node.is_unread:
            return None
        value = self.value_of(node, findings)
        return None if value is None else Bound(value, node.span, key)

    def value_of(self, node: Scalar, findings: Findings) -> BoundScalar | None:
        """Return the value of a scalar, None when it has none."""
        text = node.text
        if self.choices and text not in self.choices:
            self._refuse(node, NotRead(), findings)
            return None
        try:
            value = self.read(text)
        except NotRead as problem:
            self._refuse(node, problem, findings)
            return None
        if self.pattern is not None and not self.pattern.search(text):
            self._refuse(node, NotRead(), findings)
            return None
        for limit in self.limits:
            if limit.is_broken_by(value):
                findings.add("out_of_range", f"{quoted(text)} is {limit.words}", node.span, self.expected)
                return None
        return value

    def accepts(self, text: str) -> bool:
        """Whether a text is such a value, its bounds aside."""
        if self.choices:
            return text in self.choices
        try:
            self.read(text)
        except NotRead:
            return False
        return self.pattern is None or self.pattern.search(text) is not None

    def _refuse(self, node: Scalar, problem: NotRead, findings: Findings) -> None:
        if not node.text and node.is_plain:
            refuse_type(node, self.expected + _COMMENT * (not self.choices), findings)
        elif self.is_secret:
            message = "a value stands where only the name of an environment variable belongs"
            findings.add("secret_in_file", message, node.span, self.expected)
        else:
            what = "a choice here" if self.code == "not_a_choice" else self.what
            reason = f": {problem.reason}" if problem.reason else self.refusal and f"; {self.refusal}"
            near = problem.nearest or ("" if reason else self._nearest(node.text, findings))
            findings.add(self.code, f"{quoted(node.text)} is not {what}{reason}", node.span, self.expected, near)

    def _nearest(self, text: str, findings: Findings) -> str:
        if self.samples:
            return findings.nearest(text, self.samples)
        variants = (text.upper(), text.lower(), re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"), text.lstrip("$"))
        matching = (variant for variant in variants if variant and self.pattern and self.pattern.search(variant))
        return next(matching, "")


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A bound of numbers, dollars, shares or lengths of time.

    words: what a value beyond it is ("above 100%").
    """

    words: str
    is_broken_by: Callable[[BoundScalar], bool]

    @classmethod
    def of(cls, words: str, end: BoundScalar, side: str) -> "Limit":
        """Return the limit at `end`; side: "below", "not above" or "above" is what it forbids."""
        compare = _BREAKS[side]
        return cls(words, lambda value: compare(value, end))
