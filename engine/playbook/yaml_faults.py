"""Why a text is not YAML, in words for the person who wrote it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import yaml

from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.wording import quoted

_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INDENT: Final = re.compile(r"[ \t]*")
_LONGEST_SEARCHED: Final = 5_000
_BRACKET: Final = re.compile(r"""[{}\[\]]|"(?:[^"\\]|\\.)*"|'[^']*'|(?:^|\s)#.*""")
_TOKEN: Final = re.compile(r"\S+|$")
_KEY_ALONE: Final = re.compile(r"""[ ]*(?:- +)*(?:[^\s:#'"\[{-][^:#]*|"[^"]*"|'[^']*')$""")
_GLUED: Final = {
    "dash": re.compile(r"[ ]*(?P<head>-)(?P<rest>[^\s\-\d.].*)"),
    "colon": re.compile(r"[ ]*(?:- +)*(?P<head>[A-Za-z_][\w-]*:)(?P<rest>[^\s:/].*)"),
}
_SHORT: Final = 12
_OPENERS: Final = ("", ":", "-", ",", "[", "{")
_QUOTED: Final = re.compile(
    r"""(?:^|(?<=[\s\[{,]))(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?:^|(?<=\s))#[^\n]*""", re.DOTALL
)
_OPENED_BY: Final = {"}": "{", "]": "[", '"': '"', "'": "'"}


def start_of_file(file: str) -> Span:
    """Return the place of what concerns a whole file."""
    return Span(file, 1, 1, 1, 1)


def empty_file(file: str) -> Issue:
    """Return the issue of a file with nothing in it."""
    return Issue("empty_file", "the file is empty", start_of_file(file), "a playbook, a library or a desk")


def explain_syntax(error: yaml.YAMLError, lines: list[str], first_line: int, file: str) -> tuple[Issue, ...]:
    """
    Turn the parser's error into issues.

    lines: of the text that was parsed; the first of them is line `first_line` of the file.
    Never empty: a fault that is not recognised is told in the parser's own words.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _unprintable(lines, first_line, file)
    fault = _Fault.of(error, error.problem_mark, lines, Span(file, first_line, 1, first_line, 1))
    tabs = _tabs(lines, first_line, file)
    if tabs and (fault.token.startswith("\t") or fault.line_has_tab or "tab" in fault.problem):
        return tabs
    found = next(issue for rule in _RULES if (issue := rule(fault)) is not None)
    return (*tabs, found)


@dataclass(frozen=True, slots=True)
class _Fault:
    """
    Where the parser stopped and why.

    line, column: of the problem, from 0, within `lines`. token: the word there.
    context, context_line, context_column: what was being read, and where that began.
    """

    lines: list[str]
    first_line: int
    file: str
    problem: str
    line: int
    column: int
    context: str
    context_line: int
    context_column: int

    @classmethod
    def of(cls, error: yaml.MarkedYAMLError, mark: yaml.Mark, lines: list[str], start: Span) -> "_Fault":
        context = error.context_mark or mark
        line = min(mark.line, len(lines) - 1)
        column = mark.column if line == mark.line else len(lines[line])
        problem, doing = error.problem or "it cannot be read", error.context or ""
        context_line = min(context.line, len(lines) - 1)
        return cls(lines, start.line, start.file, problem, line, column, doing, context_line, context.column)

    @property
    def text(self) -> str:
        return self.lines[self.line]

    @property
    def before(self) -> str:
        return self.text[: self.column]

    @property
    def token(self) -> str:
        found = _TOKEN.match(self.text, self.column)
        return found[0] if found else self.text[self.column : self.column + 1]

    @property
    def context_sign(self) -> str:
        return self.lines[self.context_line][self.context_column : self.context_column + 1]

    @property
    def line_has_tab(self) -> bool:
        found = _INDENT.match(self.text)
        return found is not None and "\t" in found[0]

    @property
    def is_first_on_its_line(self) -> bool:
        return not self.before.strip(" -")

    def at_problem(self, code: str, message: str, expected: str) -> Issue:
        return self.at((self.line, self.column), code, message, expected)

    def at_context(self, code: str, message: str, expected: str) -> Issue:
        return self.at((self.context_line, self.context_column), code, message, expected)

    def at_line(self, code: str, message: str, expected: str) -> Issue:
        return self.at((self.line, _width(self.text)), code, message, expected)

    def at(self, place: tuple[int, int], code: str, message: str, expected: str) -> Issue:
        line, column = place
        found = _TOKEN.match(self.lines[line], column)
        end = max(column + 1, found.end() if found else 0)
        number = line + self.first_line
        return Issue(code, message, Span(self.file, number, column + 1, number, end + 1), expected)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(width: int) -> str:
    return f"{width} space" if width == 1 else f"{width} spaces"


def _tabs(lines: list[str], first_line: int, file: str) -> tuple[Issue, ...]:
    issues = []
    for number, line in enumerate(lines, first_line):
        indent = _INDENT.match(line)
        if indent is not None and "\t" in indent[0] and line.strip():
            column = indent[0].index("\t") + 1
            span = Span(file, number, column, number, indent.end() + 1)
            issues.append(Issue("tab_indentation", "a tab indents this line", span, "spaces"))
    return tuple(issues)


def _unprintable(lines: list[str], first_line: int, file: str) -> tuple[Issue, ...]:
    issues = []
    for number, line in enumerate(lines, first_line):
        if (found := _NOT_PRINTABLE.search(line)) is not None:
            span = Span(file, number, found.start() + 1, number, found.end() + 1)
            message = f"the character U+{ord(found[0]):04X} is not allowed"
            issues.append(Issue("yaml_syntax", message, span, "visible text"))
    return tuple(issues) or (Issue("yaml_syntax", "there are characters that are not text", start_of_file(file)),)


def _must_be_quoted(sign: str) -> str:
    return f"the text in quotes: a text that begins with {sign} must be quoted"


def _quote_closed_by_another(fault: _Fault) -> Issue | None:
    """A quote left open ends where the next one opens, lines later; what is wrong is told of the first."""
    if not fault.problem.startswith(("did not find expected", "mapping values")) or _is_too_long(fault):
        return None
    text = "\n".join([*fault.lines[: fault.line], fault.before])
    last = next((found for found in _QUOTED.finditer(text) if found.end() > len(text) - len(fault.before)), None)
    if last is None or "\n" not in last[0] or fault.before[: -1 - len(text) + last.end()].strip()[-1:] not in _OPENERS:
        return None
    above = text[: last.start()].split("\n")
    return _not_closed_quote(fault, len(above) - 1, len(above[-1]))


def _not_closed_quote(fault: _Fault, line: int, column: int) -> Issue:
    message = f"the quote opened at {line + fault.first_line}:{column + 1} is not closed"
    return fault.at((line, column), "yaml_syntax", message, "the same quote at the end of the text")


def _is_too_long(fault: _Fault) -> bool:
    return max(map(len, fault.lines)) > _LONGEST_SEARCHED


def _space_missing(fault: _Fault) -> Issue | None:
    is_about_keys = "mapping values" in fault.problem or "simple key" in fault.context
    if not is_about_keys and not (fault.problem.startswith("did not find expected") and fault.is_first_on_its_line):
        return None
    at = fault.context_line if "simple key" in fault.context else fault.line
    above = next((line for line in range(at - 1, -1, -1) if fault.lines[line].strip()), at)
    for line in (at, above) if "mapping values" in fault.problem else (at,):
        for sign, pattern in _GLUED.items():
            if (found := pattern.match(fault.lines[line])) is not None:
                message = f"a space is missing after the {sign}"
                rest = found["rest"] if len(found["rest"]) <= _SHORT else f"{found['rest'][0]}…"
                expected = f"{found['head']} {rest}"
                return fault.at((line, found.start("head")), "yaml_syntax", message, expected)
    return None


def _deeper_than_a_value(fault: _Fault) -> Issue | None:
    if "mapping values are not allowed" not in fault.problem or not fault.line:
        return None
    above = next((line for line in reversed(fault.lines[: fault.line]) if line.strip()), "")
    if not _KEY_ALONE.match(fault.before) or not above:
        return None
    width, width_above = _width(fault.text), _width(above)
    if width <= width_above:
        message = f"the line above, {quoted(above.strip())}, has no colon with a space after it"
        return fault.at_line("yaml_syntax", message, "key: value")
    message = f"this line is indented by {_spaces(width)} under a line that already has its value"
    return fault.at_line("bad_indentation", message, f"{_spaces(width_above)}, as the line above")


def _colon_in_text(fault: _Fault) -> Issue | None:
    if "mapping values are not allowed" not in fault.problem:
        return None
    return fault.at_problem("yaml_syntax", "a second colon on this line", 'a text with ": " in it in quotes')


def _text_after_a_closed_value(fault: _Fault) -> Issue | None:
    if not fault.problem.startswith("did not find expected") or fault.is_first_on_its_line:
        return None
    sign = _OPENED_BY.get(fault.before.rstrip()[-1:], "")
    if not sign or sign not in fault.before.rstrip()[:-1]:
        return None
    expected = "the whole text in quotes; a quote inside it is doubled" if sign == "'" else _must_be_quoted(sign)
    if "flow" in fault.context:
        expected = f"a comma before it, or {expected}"
    return fault.at_problem("yaml_syntax", f"{quoted(fault.token)} stands after the end of a value", expected)


def _not_closed(fault: _Fault) -> Issue | None:
    if not fault.problem.startswith(("did not find expected ',' or", "expected ',' or")):
        return None
    close = "}" if "mapping" in fault.context else "]"
    opening = f"the {'{' if close == '}' else '['} of line {fault.context_line + fault.first_line}"
    if fault.line == fault.context_line and fault.token:
        message = f"{opening} is followed by something unexpected: {quoted(fault.token)}"
        return fault.at_problem("yaml_syntax", message, f"a comma before it, or {close}")
    expected = f"{close} at its end, commas between its entries"
    return fault.at_context("yaml_syntax", f"{opening} is not closed", expected)


def _ends_inside_brackets(fault: _Fault) -> Issue | None:
    is_at_end = not any(line.strip() for line in (fault.text[fault.column :], *fault.lines[fault.line + 1 :]))
    if "flow" not in fault.context or not is_at_end or _is_too_long(fault):
        return None
    opened = [(line, found) for line, text in enumerate(fault.lines) for found in _BRACKET.finditer(text)]
    stack: list[tuple[int, re.Match[str]]] = []
    for line, found in opened:
        if found[0] in "{[":
            stack.append((line, found))
        elif found[0] in "}]" and stack:
            stack.pop()
    if not stack:
        return None
    line, found = stack[-1]
    sign, close = found[0], "}" if found[0] == "{" else "]"
    message = f"the {sign} of line {line + fault.first_line} is not closed"
    return fault.at((line, found.start()), "yaml_syntax", message, f"{close} at its end, commas between its entries")


def _colon_without_space(fault: _Fault) -> Issue | None:
    if fault.problem != "found unexpected ':'":
        return None
    expected = "a space after the colon, or the text in quotes"
    return fault.at_problem("yaml_syntax", "inside { } and [ ] this colon needs a space after it", expected)


def _wrong_level(fault: _Fault) -> Issue | None:
    if not fault.problem.startswith(("did not find expected", "expected <")) or "flow" in fault.context:
        return None
    if not fault.is_first_on_its_line or "node content" in fault.problem:
        return None
    width = _width(fault.text)
    is_entry = fault.token.startswith("-") and not fault.before.strip()
    if fault.context_column == width and (is_entry or "collection" in fault.context):
        kind = "a list entry among keys" if is_entry else "a key among list entries"
        expected = "one or the other, or more spaces"
        return fault.at_problem("bad_indentation", f"{kind} at the same indentation", expected)
    levels = sorted({_width(line) for line in fault.lines[: fault.line] if line.strip()})
    expected = " or ".join(str(level) for level in levels) or "0"
    reason = "does not fit the lines above it" if width in levels else "no line above it is"
    message = f"this line is indented by {_spaces(width)}, which {reason}"
    return fault.at_line("bad_indentation", message, f"{expected} spaces, as the lines above")


def _open_quote(fault: _Fault) -> Issue | None:
    if "quoted scalar" not in fault.context:
        return None
    if "escape" in fault.problem or "hexdec" in fault.problem or "Unicode" in fault.problem:
        message = f"{fault.token[:2]} is not an escape: inside double quotes a backslash begins one"
        return fault.at_problem("yaml_syntax", message, "single quotes, where a backslash is a backslash")
    return _not_closed_quote(fault, fault.context_line, fault.context_column)


def _no_colon(fault: _Fault) -> Issue | None:
    if "simple key" not in fault.context:
        return None
    return fault.at_context("yaml_syntax", "this line has no colon", "key: value")


def _reserved_sign(fault: _Fault) -> Issue | None:
    if "cannot start any token" in fault.problem or fault.token[:1] in (",", "}", "]"):
        sign = fault.token[:1]
        return fault.at_problem("yaml_syntax", f"a text cannot begin with {sign}", _must_be_quoted(sign))
    signs = {"scanning an alias": "*", "scanning an anchor": "&", "scanning a block scalar": fault.context_sign}
    sign = next((sign for doing, sign in signs.items() if doing in fault.context), "")
    if not sign:
        return None
    return fault.at_context("yaml_syntax", f"a text cannot begin with {sign}", _must_be_quoted(sign))


def _tag(fault: _Fault) -> Issue | None:
    if "tag" not in fault.problem and "scanning a tag" not in fault.context:
        return None
    return fault.at_context("yaml_tag", "tags (!) are not allowed", _must_be_quoted("!"))


def _no_key(fault: _Fault) -> Issue | None:
    if not fault.token.startswith(":") or not fault.is_first_on_its_line:
        return None
    return fault.at_problem("not_a_key", "a value without a key", "key: value")


def _list_beside_key(fault: _Fault) -> Issue | None:
    if "block sequence entries are not allowed" not in fault.problem:
        return None
    expected = "the list on the lines below, or [a, b]"
    return fault.at_problem("yaml_syntax", "a list cannot begin beside its key", expected)


def _in_the_parsers_words(fault: _Fault) -> Issue:
    return fault.at_problem("yaml_syntax", f"this is not YAML: {fault.problem}", "a key, a value or a list entry")


_RULES: Final[tuple[Callable[[_Fault], Issue | None], ...]] = (
    _quote_closed_by_another,
    _space_missing,
    _deeper_than_a_value,
    _colon_in_text,
    _text_after_a_closed_value,
    _not_closed,
    _ends_inside_brackets,
    _colon_without_space,
    _open_quote,
    _no_colon,
    _reserved_sign,
    _tag,
    _list_beside_key,
    _no_key,
    _wrong_level,
    _in_the_parsers_words,
)
