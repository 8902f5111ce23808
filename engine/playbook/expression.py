"""
Conditions of a playbook: Jinja2's grammar, an allow-list of what it may hold, types known at load.

A condition becomes a chain of Python closures over a mapping of known names. Numbers are Decimal.
Nothing else can be said: no calls, attributes, indexes, tests, loops, powers, text arithmetic.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from jinja2 import nodes

from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.reading import Source
from engine.model.rule import RULE_NAMES, RuleName, Test, ValueKind
from engine.playbook.jinja_tree import SyntaxProblem, filter_stretch, parse_expression, stretch
from engine.playbook.operations import (
    ARITHMETIC,
    BROKEN,
    FILTERS,
    ORDER,
    SUMS,
    Run,
    Typed,
    Values,
    as_dates,
    decimal_of,
    is_date,
)

_NUMBER, _TEXT, _YES_NO = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.YES_NO
_NOT_ALLOWED: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Call: "calls are not allowed in a condition",
    nodes.Getattr: "attributes are not allowed in a condition",
    nodes.Getitem: "indexes are not allowed in a condition",
    nodes.Pow: "'**' is not allowed in a condition",
    nodes.Mod: "'%' is not allowed; write a percentage as a number: 0.1",
    nodes.FloorDiv: "'//' is not allowed in a condition",
    nodes.Concat: "'~' is not allowed in a condition",
    nodes.Test: "'is' is not allowed; a missing value refuses by itself",
    nodes.CondExpr: "'if … else' is not allowed in a condition",
    nodes.Dict: "a mapping is not allowed in a condition",
}


def compile_condition(source: Source, names: Iterable[RuleName] = RULE_NAMES) -> tuple[Test | None, tuple[Issue, ...]]:
    """
    Return a condition as a function of known names, or None and what is wrong with it.

    The function returns None when a name it uses has no value, or arithmetic has no result.
    """
    tree = parse_expression(source.text)
    if isinstance(tree, SyntaxProblem):
        span = source.span.within(source.text, tree.start, tree.end)
        return None, (Issue("bad_expression", tree.message, span, "a condition"),)
    compiler = _Compiler(source, {name.name: name for name in names})
    typed = compiler.compile(tree)
    compiler.check_is_condition(tree, typed)
    if compiler.issues:
        return None, tuple(compiler.issues)
    return _guarded(typed.run, frozenset(compiler.used)), ()


def _guarded(run: Run, used: frozenset[str]) -> Test:
    def test(values: Values) -> bool | None:
        if any(values.get(name) is None for name in used):
            return None
        try:
            return bool(run(values))
        except ArithmeticError:
            return None

    return test


class _Compiler:
    """Turns the nodes of one condition into closures, and collects what is wrong with them."""

    def __init__(self, source: Source, names: Mapping[str, RuleName]) -> None:
        self.issues: list[Issue] = []
        self.used: set[str] = set()
        self._source = source
        self._names = names

    def compile(self, node: nodes.Node) -> Typed:
        if isinstance(node, nodes.BinExpr) and type(node) in SUMS:
            return self._sum(node)
        for kind, compile_node in _NODES.items():
            if isinstance(node, kind):
                return compile_node(self, node)
        reason = next((text for kind, text in _NOT_ALLOWED.items() if isinstance(node, kind)), "this is not allowed")
        return self._fail("not_allowed", reason, node)

    def check_is_condition(self, tree: nodes.Expr, typed: Typed) -> None:
        if typed.kind is not None and typed.kind is not _YES_NO:
            self._fail("not_a_condition", f"{self._source.text!r} is {typed.kind}", tree, "a comparison")
        elif not self.used and not self.issues:
            self._fail("constant_condition", f"{self._source.text!r} always has the same answer", tree)

    def name(self, node: nodes.Name) -> Typed:
        rule = self._names.get(node.name)
        if rule is None:
            spelling = nearest(node.name, self._names)
            expected = "one of " + ", ".join(sorted(self._names))
            return self._fail("unknown_name", f"{node.name!r} is not a name here", node, expected, spelling)
        self.used.add(rule.name)
        wanted = rule.name
        if rule.kind is _NUMBER:
            return Typed(_NUMBER, lambda values: decimal_of(values[wanted]), rule)
        return Typed(rule.kind, lambda values: values[wanted], rule)

    def constant(self, node: nodes.Const) -> Typed:
        value = node.value
        if isinstance(value, bool):
            return Typed(_YES_NO, lambda values: value, constant=value)
        if isinstance(value, int | Decimal):
            number = Decimal(value)
            return Typed(_NUMBER, lambda values: number, constant=number)
        if isinstance(value, str):
            return Typed(_TEXT, lambda values: value, constant=value)
        return self._fail("not_allowed", "none cannot be compared; a missing value refuses by itself", node)

    def list(self, node: nodes.List | nodes.Tuple) -> Typed:
        items = [self.compile(item) for item in node.items]
        kinds = {item.kind for item in items}
        if None in kinds:
            return BROKEN
        if kinds not in ({_TEXT}, {_NUMBER}):
            return self._fail("wrong_type", "a list holds either texts or numbers", node)
        kind = ValueKind.TEXTS if kinds == {_TEXT} else ValueKind.NUMBERS
        runs = tuple(item.run for item in items)
        constant = tuple(item.constant for item in items)
        return Typed(kind, lambda values: tuple(run(values) for run in runs), constant=constant)

    def sign(self, node: nodes.Neg | nodes.Pos) -> Typed:
        typed = self.compile(node.node)
        if not self._is(typed, _NUMBER, node, "'-' and '+'"):
            return BROKEN
        run = typed.run
        if isinstance(node, nodes.Pos):
            return typed
        return Typed(_NUMBER, lambda values: ARITHMETIC.minus(decimal_of(run(values))))

    def negation(self, node: nodes.Not) -> Typed:
        typed = self.compile(node.node)
        if not self._is(typed, _YES_NO, node, "'not'"):
            return BROKEN
        return Typed(_YES_NO, lambda values: not typed.run(values))

    def both(self, node: nodes.And | nodes.Or) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        word = "'and'" if isinstance(node, nodes.And) else "'or'"
        if not (self._is(left, _YES_NO, node.left, word) & self._is(right, _YES_NO, node.right, word)):
            return BROKEN
        combine = operator.and_ if isinstance(node, nodes.And) else operator.or_
        # Both sides always run, so that a division by zero on either refuses.
        return Typed(_YES_NO, lambda values: combine(bool(left.run(values)), bool(right.run(values))))

    def filter(self, node: nodes.Filter) -> Typed:
        known = FILTERS.get(node.name)
        if known is None or node.node is None:
            expected = "one of " + ", ".join(FILTERS)
            message = f"{node.name!r} is not a filter here"
            return self._fail("unknown_filter", message, node, expected, nearest(node.name, FILTERS))
        takes, gives, function = known
        typed = self.compile(node.node)
        if typed.kind is None:
            return BROKEN
        digits = self._digits(node)
        if typed.kind not in takes or digits is None:
            wanted = " or ".join(takes)
            return self._fail("wrong_type", f"'{node.name}' takes {wanted}, not {typed.kind}", node)
        return Typed(gives, lambda values: function(typed.run(values), digits))

    def comparison(self, node: nodes.Compare) -> Typed:
        left, left_node = self.compile(node.expr), node.expr
        steps: list[tuple[Run, Callable[[Any, Any], bool], Run]] = []
        for operand in node.ops:
            right = self.compile(operand.expr)
            compare = self._comparable(operand, (left, left_node), right)
            left = as_dates(left, right)
            steps.append((left.run, compare, as_dates(right, left).run))
            left, left_node = right, operand.expr
        return Typed(_YES_NO, lambda values: all([compare(a(values), b(values)) for a, compare, b in steps]))

    def _comparable(
        self, operand: nodes.Operand, left: tuple[Typed, nodes.Expr], right: Typed
    ) -> Callable[[Any, Any], bool]:
        typed, left_node = left
        if typed.kind is None or right.kind is None:
            return operator.eq
        if operand.op in ("in", "notin"):
            return self._membership(operand, left, right)
        sign, compare = ORDER[operand.op]
        kinds = {typed.kind, right.kind}
        is_dates = kinds == {ValueKind.DATE, _TEXT} and (is_date(typed.constant) or is_date(right.constant))
        if len(kinds) > 1 and not is_dates:
            self._fail("wrong_type", f"{typed.kind} and {right.kind} cannot be compared", operand.expr)
        elif sign not in ("==", "!=") and not (is_dates or kinds <= {_NUMBER, ValueKind.DATE}):
            self._fail("wrong_type", f"{typed.kind} has no order; '{sign}' compares numbers and dates", operand.expr)
        else:
            self._check_choice(typed.name, right.constant, operand.expr)
            self._check_choice(right.name, typed.constant, left_node)
        return compare

    def _membership(
        self, operand: nodes.Operand, left: tuple[Typed, nodes.Expr], right: Typed
    ) -> Callable[[Any, Any], bool]:
        typed, left_node = left
        wanted = {_TEXT: ValueKind.TEXTS, _NUMBER: ValueKind.NUMBERS}.get(typed.kind or _YES_NO)
        is_search = typed.kind is right.kind is _TEXT and right.name is not None
        if right.kind is not wanted and not is_search:
            message = f"'in' looks for {typed.kind} in a list of the same; this is {right.kind}"
            self._fail("wrong_type", message, operand.expr)
        for constant in right.constant if isinstance(right.constant, tuple) else ():
            self._check_choice(typed.name, constant, operand.expr)
        if not is_search:
            self._check_choice(right.name, typed.constant, left_node)
        if operand.op == "in":
            return lambda item, items: item in items
        return lambda item, items: item not in items

    def _check_choice(self, rule: RuleName | None, constant: object, node: nodes.Expr) -> None:
        if rule is None or not isinstance(constant, str):
            return
        if rule.choices and constant not in rule.choices:
            expected = "one of " + ", ".join(rule.choices)
            spelling = nearest(constant, rule.choices)
            self._fail("never_equal", f"{rule.name} is never {constant!r}", node, expected, spelling)
        elif rule.is_capitals and constant != constant.upper():
            message = f"{rule.name} is never {constant!r}: it is in capitals"
            self._fail("never_equal", message, node, nearest_spelling=constant.upper())

    def _sum(self, node: nodes.BinExpr) -> Typed:
        sign, function = SUMS[type(node)]
        left, right = self.compile(node.left), self.compile(node.right)
        if not (self._is(left, _NUMBER, node, f"'{sign}'") and self._is(right, _NUMBER, node, f"'{sign}'")):
            return BROKEN
        return Typed(_NUMBER, lambda values: function(decimal_of(left.run(values)), decimal_of(right.run(values))))

    def _digits(self, node: nodes.Filter) -> int | None:
        """Return the argument of `round`, 0 when there is none; None when it is not a small number."""
        if not node.args and not node.kwargs:
            return 0
        argument = node.args[0]
        is_good = node.name == "round" and len(node.args) == 1 and not node.kwargs and isinstance(argument, nodes.Const)
        value = argument.value if is_good and isinstance(argument, nodes.Const) else None
        return value if isinstance(value, int) and 0 <= value <= 8 else None

    def _is(self, typed: Typed, kind: ValueKind, node: nodes.Node, what: str) -> bool:
        if typed.kind is kind:
            return True
        if typed.kind is not None:
            self._fail("wrong_type", f"{what} takes {kind}, not {typed.kind}", node)
        return False

    def _fail(self, code: str, message: str, node: nodes.Node, expected: str = "", nearest_spelling: str = "") -> Typed:
        is_filter = isinstance(node, nodes.Filter) and code == "unknown_filter"
        place = filter_stretch(node) if is_filter else stretch(node, self._source.text)
        span = self._source.span.within(self._source.text, *place)
        self.issues.append(Issue(code, message, span, expected, nearest_spelling))
        return BROKEN


_NODES: Final[Mapping[type[nodes.Node] | tuple[type[nodes.Node], ...], Callable[..., Typed]]] = {
    nodes.Name: _Compiler.name,
    nodes.Const: _Compiler.constant,
    (nodes.List, nodes.Tuple): _Compiler.list,
    (nodes.Neg, nodes.Pos): _Compiler.sign,
    nodes.Not: _Compiler.negation,
    (nodes.And, nodes.Or): _Compiler.both,
    nodes.Filter: _Compiler.filter,
    nodes.Compare: _Compiler.comparison,
}
