"""
Templates of notices: text with {{ … }}, Jinja2's grammar, an allow-list of what it may hold.

A template becomes a tuple of parts; a part is text, or a dotted name with filters. Nothing else can be
said: no tags, calls, indexes, arithmetic or conditions. Rendering never fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.reading import Source
from engine.playbook.jinja_tree import SyntaxProblem, filter_stretch, parse_template, stretch

Render = Callable[[Mapping[str, str | None]], str]
_Filter = Callable[[str], str]

MISSING: Final = "—"

TEMPLATE_NAMES: Final[Mapping[str, str]] = {
    "author.name": "the author's name in listen.authors",
    "author.id": "the author's Discord id",
    "channel.name": "the channel's name in listen.channels",
    "playbook": "name of the playbook",
    "order": "the order in one line",
    "alert.action": "what the alert asks for",
    "alert.symbol": "the underlying",
    "alert.price": "the price the alert names",
    "stage": "observe, sandbox, canary or production",
    "account": "alias of the account",
    "code": "code of the outcome",
    "reason": "one sentence that says why",
    "line": "the line of the playbook that decided",
    "message.link": "link to the message",
    "position": "what is held afterwards, in one line",
    "profit": "profit or loss of a closed position, in dollars",
}

_FILTERS: Final[Mapping[str, _Filter]] = {"upper": str.upper, "lower": str.lower, "trim": str.strip}
TEMPLATE_FILTERS: Final = (*_FILTERS, "default", "truncate")
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Value:
    """One {{ … }}: a known name, what stands in when it has no value, filters in order."""

    name: str
    fallback: str
    filters: tuple[_Filter, ...]


def compile_template(source: Source) -> tuple[Render | None, tuple[Issue, ...]]:
    """Return a template as a function of TEMPLATE_NAMES; a name without value shows as "—"."""
    tree = parse_template(source.text)
    if isinstance(tree, SyntaxProblem):
        span = source.span.within(source.text, tree.start, tree.end)
        message = "only {{ … }} may stand in a template" if "{%" in source.text else tree.message
        return None, (Issue("bad_template", message, span, "text with {{ name }}"),)
    compiler = _Compiler(source)
    parts = tuple(part for node in tree.body for part in compiler.parts(node))
    if compiler.issues:
        return None, tuple(compiler.issues)

    def render(values: Mapping[str, str | None]) -> str:
        return "".join(_text(part, values) for part in parts)[:_LONGEST]

    return render, ()


def _text(part: str | _Value, values: Mapping[str, str | None]) -> str:
    if isinstance(part, str):
        return part
    text = values.get(part.name) or part.fallback
    for apply in part.filters:
        text = apply(text)
    return text


class _Compiler:
    """Turns the nodes of one template into parts, and collects what is wrong with them."""

    def __init__(self, source: Source) -> None:
        self.issues: list[Issue] = []
        self._source = source

    def parts(self, node: nodes.Node) -> tuple[str | _Value, ...]:
        if not isinstance(node, nodes.Output):
            self._fail("not_allowed", "only {{ … }} may stand in a template", node)
            return ()
        return tuple(self._part(child) for child in node.nodes)

    def _part(self, node: nodes.Expr) -> str | _Value:
        if isinstance(node, nodes.TemplateData):
            return node.data
        fallback = MISSING
        filters: list[_Filter] = []
        inner: nodes.Expr = node
        while isinstance(inner, nodes.Filter) and inner.node is not None:
            if inner.name == "default":
                fallback = self._default(inner)
            else:
                filters.insert(0, self._filter(inner))
            inner = inner.node
        return _Value(self._name(inner), fallback, tuple(filters))

    def _name(self, node: nodes.Expr) -> str:
        name = _dotted(node)
        if name is None:
            self._fail("not_allowed", "only a name with filters may stand in {{ … }}", node)
        elif name not in TEMPLATE_NAMES:
            expected = "one of " + ", ".join(TEMPLATE_NAMES)
            self._fail("unknown_name", f"{name!r} is not a name here", node, expected, nearest(name, TEMPLATE_NAMES))
        return name or ""

    def _filter(self, node: nodes.Filter) -> _Filter:
        if node.name == "truncate":
            length = self._length(node)
            return lambda text: text if len(text) <= length else text[: max(0, length - 1)] + "…"
        known = _FILTERS.get(node.name)
        if known is None or node.args or node.kwargs:
            message = f"{node.name!r} is not a filter here" if known is None else f"{node.name!r} takes no argument"
            spelling = nearest(node.name, TEMPLATE_FILTERS) if known is None else ""
            self._fail("unknown_filter", message, node, "one of " + ", ".join(TEMPLATE_FILTERS), spelling)
        return known or str.strip

    def _length(self, node: nodes.Filter) -> int:
        value = _only_argument(node)
        if isinstance(value, int):
            return value
        self._fail("wrong_type", "'truncate' takes one number in brackets", node)
        return 0

    def _default(self, node: nodes.Filter) -> str:
        value = _only_argument(node)
        if isinstance(value, str):
            return value
        self._fail("wrong_type", "'default' takes one text in brackets", node)
        return ""

    def _fail(self, code: str, message: str, node: nodes.Node, expected: str = "", spelling: str = "") -> None:
        is_filter = isinstance(node, nodes.Filter) and code == "unknown_filter"
        place = filter_stretch(node) if is_filter else stretch(node, self._source.text)
        span = self._source.span.within(self._source.text, *place)
        self.issues.append(Issue(code, message, span, expected, spelling))


def _dotted(node: nodes.Expr) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        outer = _dotted(node.node)
        return None if outer is None else f"{outer}.{node.attr}"
    return None


def _only_argument(node: nodes.Filter) -> object:
    argument = node.args[0] if len(node.args) == 1 and not node.kwargs else None
    return argument.value if isinstance(argument, nodes.Const) else None
