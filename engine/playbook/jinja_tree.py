"""Jinja2's parser, used for its tree only: every node knows where it stands, nothing is ever rendered by it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Lexer, Token, TokenStream
from jinja2.parser import Parser

_MOST_CHARACTERS: Final = 1_000
_MOST_TOKENS: Final = 200
_MOST_NESTING: Final = 12
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_LINE_BREAK: Final = re.compile(r"\r(\n?)")
_LEAVES: Final = (nodes.Name, nodes.Const, nodes.Filter, nodes.Getattr)
_WORD: Final = re.compile(r"""\.\s*\w+|[\w.]+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|.""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why a text has no tree. start, end: offsets into it."""

    message: str
    start: int
    end: int


class _Placed(Environment):
    """
    An environment whose tokens carry their offset in the text in place of a line number.

    The parser copies that number to every node, which is how a node knows where it stands.
    """

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        return TokenStream(self._placed(source, state), name, filename)

    def _placed(self, source: str, state: str | None) -> Iterator[Token]:
        position, count, depth = 0, 0, 0
        lexer = self.lexer
        try:
            for _, kind, raw in lexer.tokeniter(source, None, None, state):
                position = source.index(raw, position)
                count += 1
                depth += (raw in ("(", "[", "{")) - (raw in (")", "]", "}"))
                if count > _MOST_TOKENS or depth > _MOST_NESTING:
                    raise TemplateSyntaxError("it is too long or too deeply nested", position)
                yield from _token(lexer, position, kind, raw)
                position += len(raw)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(error.message or "it cannot be read", position) from error


def _token(lexer: Lexer, position: int, kind: str, raw: str) -> Iterator[Token]:
    if kind in ("float", "integer") and not _NUMBER.fullmatch(raw):
        raise TemplateSyntaxError(f"{raw[:40]!r} is not a number here", position)
    if kind == "float":
        return iter([Token(position, kind, Decimal(raw))])  # type: ignore[arg-type]
    return lexer.wrap([(position, kind, raw)])


_ENVIRONMENT: Final = _Placed(autoescape=False)


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> nodes.Expr | SyntaxProblem:
    """
    Return the tree of an expression.

    A node's `lineno` is its offset in the text; numbers with a point are Decimal.
    """
    try:
        parser = Parser(_ENVIRONMENT, _prepared(text), state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            parser.fail("it goes on after its end", parser.stream.current.lineno)
    except TemplateSyntaxError as error:
        return _problem(text, error)
    return tree


@lru_cache(maxsize=1024)
def parse_template(text: str) -> nodes.Template | SyntaxProblem:
    """Return the tree of a template; see `parse_expression` for its offsets."""
    try:
        return Parser(_ENVIRONMENT, _prepared(text)).parse()
    except TemplateSyntaxError as error:
        return _problem(text, error)


def stretch(node: nodes.Node, text: str) -> tuple[int, int]:
    """Return the offsets of a node: from its first name, constant or filter to the end of its last."""
    places = [leaf.lineno for leaf in (node, *node.find_all(_LEAVES)) if isinstance(leaf, _LEAVES)]
    if not places:
        return min(node.lineno, len(text)), len(text)
    last = max(places)
    return min(places), last + _token_length(text[last:])


def filter_stretch(node: nodes.Node) -> tuple[int, int]:
    """Return the offsets of a filter's own name."""
    return node.lineno, node.lineno + len(getattr(node, "name", ""))


def _token_length(text: str) -> int:
    found = _WORD.match(text)
    return found.end() if found else 0


def _prepared(text: str) -> str:
    if len(text) > _MOST_CHARACTERS:
        raise TemplateSyntaxError(f"it is longer than {_MOST_CHARACTERS:,} characters", 0)
    return _LINE_BREAK.sub(lambda found: " \n" if found[1] else "\n", text)


def _problem(text: str, error: TemplateSyntaxError) -> SyntaxProblem:
    start = min(error.lineno, len(text))
    while start and start == len(text):
        start -= 1
    message = (error.message or "it cannot be read").rstrip(".")
    if message.startswith("unexpected 'end of") or message.startswith("unexpected end"):
        message = "it ends where more is expected"
    return SyntaxProblem(message[0].lower() + message[1:], start, start + max(1, _token_length(text[start:])))
