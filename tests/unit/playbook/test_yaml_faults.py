"""What a text that is not YAML is told."""

import pytest

from engine.playbook.yaml_tree import read_yaml


def told(text: str) -> list[str]:
    """Return the issues of a text, one line each."""
    _, issues = read_yaml(text, "a.yaml")
    return [f"{i.span.line}:{i.span.column} {i.code}: {i.message} → {i.expected}" for i in issues]


QUOTED = "the text in quotes: a text that begins with {} must be quoted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a:\n\tb: 1\n\tc: 2\n",
            [
                "2:1 tab_indentation: a tab indents this line → spaces",
                "3:1 tab_indentation: a tab indents this line → spaces",
            ],
            id="tabs are told all at once",
        ),
        pytest.param(
            "a:\n  b: 1\n\tc: 2\n",
            ["3:1 tab_indentation: a tab indents this line → spaces"],
            id="a tab after spaces",
        ),
        pytest.param(
            "a: x\n  b: 1\n",
            [
                "2:3 bad_indentation: this line is indented by 2 spaces under a line that already has its value"
                " → 0 spaces, as the line above"
            ],
            id="deeper under a value",
        ),
        pytest.param(
            "a:\n    b: 1\n  c: 2\n",
            [
                "3:3 bad_indentation: this line is indented by 2 spaces, which no line above it is"
                " → 0 or 4 spaces, as the lines above"
            ],
            id="between two levels",
        ),
        pytest.param(
            "  a: 1\nb: 2\n",
            [
                "2:1 bad_indentation: this line is indented by 0 spaces, which no line above it is"
                " → 2 spaces, as the lines above"
            ],
            id="the whole file indented, but for one line",
        ),
        pytest.param(
            "a:\n  - b: 1\n   c: 2\n",
            [
                "3:4 bad_indentation: this line is indented by 3 spaces, which no line above it is"
                " → 0 or 2 spaces, as the lines above"
            ],
            id="a key beside its list entry",
        ),
        pytest.param(
            "a: 1\n- b\n",
            ["2:1 bad_indentation: a list entry among keys at the same indentation → one or the other, or more spaces"],
            id="a list entry among keys",
        ),
        pytest.param(
            "says: note: BTO\n",
            ['1:11 yaml_syntax: a second colon on this line → a text with ": " in it in quotes'],
            id="a colon in a text",
        ),
        pytest.param(
            'a: "abc\nb: 1\n',
            ["1:4 yaml_syntax: the quote opened at 1:4 is not closed → the same quote at the end of the text"],
            id="an open quote",
        ),
        pytest.param(
            "a: {b: 1\nc: 2\n",
            ["1:4 yaml_syntax: the { of line 1 is not closed → } at its end, commas between its entries"],
            id="an open brace",
        ),
        pytest.param(
            "a: [1]\nb: {c: '}', d: [\n",
            ["2:16 yaml_syntax: the [ of line 2 is not closed → ] at its end, commas between its entries"],
            id="a bracket open at the end",
        ),
        pytest.param(
            "a: {b:}\n",
            [
                "1:6 yaml_syntax: inside { } and [ ] this colon needs a space after it"
                " → a space after the colon, or the text in quotes"
            ],
            id="a colon before a brace",
        ),
        pytest.param(
            "match: {action} {contract} {price}\n",
            [f"1:17 yaml_syntax: '{{contract}}' stands after the end of a value → {QUOTED.format('{')}"],
            id="an unquoted pattern",
        ),
        pytest.param(
            "x: {name: e, match: {action} {contract}}\n",
            [
                "1:30 yaml_syntax: '{contract}}' stands after the end of a value"
                f" → a comma before it, or {QUOTED.format('{')}"
            ],
            id="an unquoted pattern inside braces",
        ),
        pytest.param(
            "a: 'it's'\n",
            [
                '1:8 yaml_syntax: "s\'" stands after the end of a value'
                " → the whole text in quotes; a quote inside it is doubled"
            ],
            id="an apostrophe in single quotes",
        ),
        pytest.param(
            'regex: "\\d+"\n',
            [
                "1:9 yaml_syntax: \\d is not an escape: inside double quotes a backslash begins one"
                " → single quotes, where a backslash is a backslash"
            ],
            id="a regular expression in double quotes",
        ),
        pytest.param(
            "a: @here\n", [f"1:4 yaml_syntax: a text cannot begin with @ → {QUOTED.format('@')}"], id="an at sign"
        ),
        pytest.param(
            "a: **bold**\n", [f"1:4 yaml_syntax: a text cannot begin with * → {QUOTED.format('*')}"], id="bold text"
        ),
        pytest.param(
            "if: > 50\n", [f"1:5 yaml_syntax: a text cannot begin with > → {QUOTED.format('>')}"], id="a comparison"
        ),
        pytest.param("a: ]\n", [f"1:4 yaml_syntax: a text cannot begin with ] → {QUOTED.format(']')}"], id="a bracket"),
        pytest.param(
            "a: - b\n",
            ["1:4 yaml_syntax: a list cannot begin beside its key → the list on the lines below, or [a, b]"],
            id="a list beside its key",
        ),
        pytest.param(
            "a: 1\nbcd\ne: 2\n", ["2:1 yaml_syntax: this line has no colon → key: value"], id="a line without a colon"
        ),
        pytest.param(
            "a:1\nb: 2\n",
            ["1:1 yaml_syntax: a space is missing after the colon → a: 1"],
            id="a colon without its space",
        ),
        pytest.param(
            "l:\n  b: 1\n  good_for:3m\n",
            ["3:3 yaml_syntax: a space is missing after the colon → good_for: 3m"],
            id="a colon without its space, last of its section",
        ),
        pytest.param(
            "l:\n  b: 1\n  https://x\n",
            ["3:3 yaml_syntax: this line has no colon → key: value"],
            id="the colon of a link is not that of a key",
        ),
        pytest.param(
            "a:\n  -{name: x, b: 1}\n",
            ["2:3 yaml_syntax: a space is missing after the dash → - {…"],
            id="a dash without its space",
        ),
        pytest.param(
            "a:\n  - {name: b}\n  -{name: x}\n",
            ["3:3 yaml_syntax: a space is missing after the dash → - {name: x}"],
            id="a dash without its space, later in the list",
        ),
        pytest.param(
            'a:\n  owner: "ops\n  b: "x"\n',
            ["2:10 yaml_syntax: the quote opened at 2:10 is not closed → the same quote at the end of the text"],
            id="an open quote that the next one ends",
        ),
        pytest.param(
            'a:\n  - {name: "bob, may: [x]}\n  - {name: "al"}\n',
            ["2:12 yaml_syntax: the quote opened at 2:12 is not closed → the same quote at the end of the text"],
            id="an open quote in braces",
        ),
        pytest.param(
            'a: "two\n  lines" more\n',
            ["2:10 yaml_syntax: this is not YAML: did not find expected key → a key, a value or a list entry"],
            id="a text over two lines is not taken for an open quote",
        ),
        pytest.param(
            "a: 1\nb: \x07\n", ["2:4 yaml_syntax: the character U+0007 is not allowed → visible text"], id="a bell"
        ),
        pytest.param("a: !x!y z\n", [f"1:4 yaml_tag: tags (!) are not allowed → {QUOTED.format('!')}"], id="a tag"),
        pytest.param(
            "%YAML 3.0\n---\na: 1\n",
            ["1:1 yaml_syntax: this is not YAML: found incompatible YAML document → a key, a value or a list entry"],
            id="what nobody writes is told in the parser's words",
        ),
    ],
)
def test_the_fault_is_told_with_its_remedy(text: str, expected: list[str]):
    """S-113, S-116."""
    assert told(text) == expected
