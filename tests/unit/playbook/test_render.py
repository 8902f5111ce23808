import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.render import render, render_all


def issue(line: int, column: int, end: int, **more: object) -> Issue:
    return Issue("code", "message", Span("a.yaml", line, column, line, end), **more)  # type: ignore[arg-type]


def test_an_issue_is_place_line_caret_and_remedy():
    text = "size: {percent: 2%, max_contract: 4}\n"

    assert render(issue(1, 21, 33, expected="one of of, percent", nearest="at_most"), text) == (
        "a.yaml:1:21: code: message\n"
        "   1 | size: {percent: 2%, max_contract: 4}\n"
        "     |                     ^^^^^^^^^^^^\n"
        "     = expected: one of of, percent   did you mean 'at_most'?"
    )


def test_a_warning_says_so():
    assert render(issue(1, 1, 2, is_error=False), "") == "a.yaml:1:1: warning: code: message"


@pytest.mark.parametrize(
    ("text", "columns", "line", "carets"),
    [
        pytest.param("\tkey: x", (2, 5), "    key: x", "    ^^^", id="a tab is four spaces"),
        pytest.param("注文: x", (5, 6), "注文: x", "      ^", id="wide characters are two columns"),
        pytest.param("a🚀b", (2, 3), "a🚀b", " ^^", id="a wide character pointed at"),
        pytest.param("e\u0301x", (3, 4), "e\u0301x", " ^", id="marks that combine take no column"),
        pytest.param("a\u200bb", (2, 3), "a�b", " ^", id="invisible characters are shown"),
        pytest.param("key:", (5, 5), "key:", "    ^", id="behind the end"),
        pytest.param("key", (9, 12), "key", "   ^", id="far behind the end"),
    ],
)
def test_carets_stand_below_what_they_mean(text: str, columns: tuple[int, int], line: str, carets: str):
    shown = render(issue(1, *columns), text).splitlines()

    assert shown[1:] == [f"   1 | {line}", f"     | {carets}"]


def test_a_value_over_several_lines_is_pointed_at_on_its_first():
    span = Span("a.yaml", 1, 7, 3, 4)

    shown = render(Issue("code", "message", span), "size:  \n  percent: 2%\n  of: x").splitlines()

    assert shown[1:] == ["   1 | size:", "     |       ^"]


def test_long_lines_are_cut_around_the_place():
    text = "x" * 300 + "HERE" + "y" * 300

    shown = render(issue(1, 301, 305), text).splitlines()

    assert len(shown[1]) < 130
    assert shown[1].startswith("   1 | …xx")
    assert shown[1].endswith("y…")
    assert shown[2].index("^") == shown[1].index("HERE")


def test_secrets_are_never_shown():
    text = "client_secret: 0f8a2c9e4b7d6a1f3c5e9d2b8a7f6e4c1d0b9a8f"
    hidden = Issue("secret_in_file", "message", Span("a.yaml", 1, 16, 1, 56))

    assert "0f8a2c9e" not in render(hidden, text)
    assert "0f8a2c9e" not in render(issue(1, 1, 14), text)


def test_all_issues_stand_apart():
    issues = (issue(1, 1, 2), Issue("other", "message", Span("b.yaml", 1, 1, 1, 2)))

    assert render_all(issues, {"a.yaml": "x"}) == (
        "a.yaml:1:1: code: message\n   1 | x\n     | ^\n\nb.yaml:1:1: other: message"
    )


def test_what_has_no_lines_is_named_without_a_place():
    nowhere = Issue("unreadable_folder", "there is no such folder", Span("gone", 1, 1, 1, 1))

    assert render(nowhere, "") == "gone: unreadable_folder: there is no such folder"


@given(st.text(min_size=1, max_size=80), st.integers(1, 5), st.integers(1, 90), st.integers(0, 90))
def test_any_place_in_any_text_can_be_shown(text: str, line: int, column: int, width: int):
    assert render(issue(line, column, column + width), text).startswith(f"a.yaml:{line}:{column}: code")
