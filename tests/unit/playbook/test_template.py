import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.reading import Source
from engine.model.source import Span
from engine.playbook.template import TEMPLATE_NAMES, compile_template

VALUES: dict[str, str | None] = {"author.name": "alice", "order": "BTO 8 SPY 602C", "stage": "sandbox", "reason": None}


def source(text: str) -> Source:
    return Source(text, Span("book.yaml", 3, 10, 3, 12 + len(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="no value"),
        pytest.param("✅ {{ author.name }}: {{ order }}", "✅ alice: BTO 8 SPY 602C", id="values"),
        pytest.param("{{ stage|upper }}", "SANDBOX", id="filter"),
        pytest.param("{{ order|lower|truncate(6) }}", "bto 8…", id="filters in order"),
        pytest.param("{{ reason }}", "—", id="no value shows a dash"),
        pytest.param("{{ reason|default('none given')|upper }}", "NONE GIVEN", id="default stands in"),
        pytest.param("{# a note #}{{ stage }}", "sandbox", id="comments are left out"),
        pytest.param("{{ '{{' }}", None, id="constants are not values"),
    ],
)
def test_templates(text: str, expected: str | None):
    render, issues = compile_template(source(text))

    assert (render(VALUES) if render else None) == expected
    assert bool(issues) == (expected is None)


@pytest.mark.parametrize(
    ("text", "code", "pointed_at", "nearest"),
    [
        pytest.param("{{ reasn }}", "unknown_name", "reasn", "reason", id="unknown name"),
        pytest.param("{{ author.nam }}", "unknown_name", "author.nam", "author.name", id="unknown attribute"),
        pytest.param("{{ order.__class__ }}", "unknown_name", "order.__class__", "", id="outwards"),
        pytest.param("{{ order|uper }}", "unknown_filter", "uper", "upper", id="unknown filter"),
        pytest.param("{{ order|upper(2) }}", "unknown_filter", "upper", "", id="argument where none belongs"),
        pytest.param("{{ order|truncate('x') }}", "wrong_type", "order|truncate('x'", "", id="wrong argument"),
        pytest.param("{{ reason.upper() }}", "not_allowed", "reason.upper", "", id="call"),
        pytest.param("{{ 1 + 1 }}", "not_allowed", "1 + 1", "", id="arithmetic"),
        pytest.param("{{ order[0] }}", "not_allowed", "order[0", "", id="index"),
        pytest.param("{% set x = 1 %}", "not_allowed", "x = 1", "", id="tag"),
        pytest.param("{% for x in order %}", "bad_template", "%", "", id="unclosed tag"),
        pytest.param("{{ order", "bad_template", "order", "", id="unclosed braces"),
    ],
)
def test_what_is_wrong_is_pointed_at(text: str, code: str, pointed_at: str, nearest: str):
    render, issues = compile_template(source(text))

    assert render is None
    assert [(issue.code, issue.nearest) for issue in issues] == [(code, nearest)]
    span = issues[0].span
    assert text[span.column - 11 : span.end_column - 11] == pointed_at


@given(st.text(max_size=40))
def test_any_text_gives_a_template_or_an_issue(text: str):
    render, issues = compile_template(source(text))

    assert (render is None) == bool(issues)


@given(st.dictionaries(st.sampled_from(list(TEMPLATE_NAMES)), st.none() | st.text(max_size=20)))
def test_rendering_never_fails(values: dict[str, str | None]):
    text = " ".join(f"{{{{ {name} }}}}" for name in TEMPLATE_NAMES)
    render, _ = compile_template(source(text))

    assert render is not None
    assert isinstance(render(values), str)
