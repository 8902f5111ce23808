"""YAML text as nodes with places."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.model.errors import Issue
from engine.playbook.yaml_tree import (
    MOST_BYTES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    read_text,
    read_yaml,
    read_yaml_file,
    source_lines,
)

YAML_SIGNS = st.text(alphabet=st.sampled_from(list("ab1$%,.:-#?!&*|>{}[]'\"@`\\~<=\t\n\r \u2028é✅")), max_size=60)


def place(issue: Issue) -> str:
    """Return where an issue starts and ends, without the file."""
    span = issue.span
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"


def scalars(node: Node) -> list[Scalar]:
    """Return every scalar of a tree, keys included."""
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [scalar for item in node.items for scalar in scalars(item)]
    return [scalar for entry in node.entries for scalar in (entry.key, *scalars(entry.value))]


def sliced(text: str, scalar: Scalar) -> str:
    """Return what stands in a text where a scalar of one line says it stands."""
    assert scalar.span.line == scalar.span.end_line
    return source_lines(text)[scalar.span.line - 1][scalar.span.column - 1 : scalar.span.end_column - 1]


@pytest.mark.parametrize(
    "text",
    ["ON", "TRUE", "no", "NULL", "~", "9:30", "012", "0x1F", "1e3", ".5", "1_000", "2026-11-27", "+1", "5%", "<<x"],
)
def test_every_plain_scalar_stays_text(text: str):
    """S-102."""
    node, issues = read_yaml(f"key: {text}\nlist: [{text}]\n", "a.yaml")

    assert issues == ()
    assert isinstance(node, Mapping)
    assert [scalar.text for scalar in scalars(node)] == ["key", text, "list", text]


def test_an_absent_value_is_an_empty_plain_scalar_after_its_colon():
    node, _ = read_yaml("first:   # nothing\n\nsecond: {third: , fourth: ''}\n", "a.yaml")

    assert isinstance(node, Mapping)
    first = node.entries[0].value
    assert isinstance(first, Scalar)
    assert (first.text, first.is_plain, str(first.span)) == ("", True, "a.yaml:1:7")
    second = node.entries[1].value
    assert isinstance(second, Mapping)
    assert [(e.value.text, e.value.is_plain) for e in second.entries if isinstance(e.value, Scalar)] == [
        ("", True),
        ("", False),
    ]


def test_every_node_knows_its_place():
    """S-104."""
    text = "listen:\n  channels: [a, 'b c']\n  note: |\n    two\n    lines\nlast: {x: 1}\n"

    node, issues = read_yaml(text, "a.yaml")

    assert issues == ()
    assert isinstance(node, Mapping)
    listen, last = node.entries
    assert (str(listen.key.span), listen.key.span.end_column) == ("a.yaml:1:1", 7)
    assert isinstance(listen.value, Mapping)
    channels, note = listen.value.entries
    assert isinstance(channels.value, Sequence)
    assert channels.value.is_flow
    assert (channels.value.span.column, channels.value.span.end_column) == (13, 23)
    assert [str(item.span) for item in channels.value.items] == ["a.yaml:2:14", "a.yaml:2:17"]
    assert isinstance(note.value, Scalar)
    assert (note.value.text, note.value.is_plain) == ("two\nlines\n", False)
    assert isinstance(last.value, Mapping)
    assert (last.value.is_flow, last.value.span.end_column) == (True, 13)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", [("duplicate_key", "3:1-3:2")], id="a key twice"),
        pytest.param("a: {b: 1, 'b': 2}\n", [("duplicate_key", "1:11-1:14")], id="quotes make no other key"),
        pytest.param("a: &x 1\n", [("alias_not_allowed", "1:4-1:8")], id="an anchor"),
        pytest.param("a: *x\n", [("alias_not_allowed", "1:4-1:6")], id="an alias, known or not"),
        pytest.param("a: {<<: {b: 1}}\n", [("alias_not_allowed", "1:5-1:7")], id="a merge key"),
        pytest.param("a: !!str 5\n", [("yaml_tag", "1:4-1:11")], id="a standard tag"),
        pytest.param("a: !mine [1]\n", [("yaml_tag", "1:4-1:11")], id="a tag of one's own"),
        pytest.param("a: ! x\n", [("yaml_tag", "1:4-1:7")], id="the empty tag"),
        pytest.param("[a, b]: 1\n", [("not_a_key", "1:1-1:2")], id="a list as a key"),
        pytest.param(": x\n", [("not_a_key", "1:1-1:2")], id="no key at all"),
        pytest.param("?", [("not_a_key", "1:2-1:2")], id="no key, at the very end"),
        pytest.param("a: {{ reason }}\n", [("not_a_key", "1:5-1:6")], id="an unquoted template"),
        pytest.param("a: 1\n---\nb: 2\n", [("several_documents", "2:1-2:4")], id="a second document"),
        pytest.param("", [("empty_file", "1:1-1:1")], id="nothing"),
        pytest.param("# only a comment\n", [("empty_file", "1:1-1:1")], id="a comment only"),
        pytest.param("---\n...\n", [("empty_file", "1:1-1:1")], id="a document of nothing"),
        pytest.param("[" * 60, [("too_deep", "1:51-1:52")], id="nested too deep"),
        pytest.param("a:\n - x\n  - y\n", [("bad_indentation", "3:3-3:4")], id="a list entry that text swallows"),
    ],
)
def test_what_is_refused_is_named_and_placed(text: str, found: list[tuple[str, str]]):
    """S-111, S-116."""
    _, issues = read_yaml(text, "a.yaml")

    assert [(issue.code, place(issue)) for issue in issues] == found


@pytest.mark.parametrize(
    ("text", "span", "remedy"),
    [
        pytest.param("a: {cost: $5,000}", "1:11-1:17", '"$5,000"', id="in a mapping"),
        pytest.param("a: {cost: 5,000, b: 1}", "1:11-1:16", '"5,000"', id="without a dollar sign"),
        pytest.param("a: {cost: $5,000.50}", "1:11-1:20", '"$5,000.50"', id="with cents"),
        pytest.param("a: [$5,000]", "1:5-1:11", '"$5,000"', id="in a list"),
        pytest.param("a: {cost: $1,000,000}", "1:11-1:21", '"$1,000,000"', id="two commas are one mistake"),
        pytest.param("a: [$1,000,000]", "1:5-1:15", '"$1,000,000"', id="two commas in a list"),
        pytest.param("a:\n  {b: [{c: $5,000}]}", "2:12-2:18", '"$5,000"', id="deep inside"),
    ],
)
def test_money_split_by_a_comma_is_named(text: str, span: str, remedy: str):
    """S-115."""
    _, issues = read_yaml(text, "a.yaml")

    assert [(issue.code, place(issue)) for issue in issues] == [("split_by_comma", span)]
    assert issues[0].expected == f"quote it: {remedy}"


def test_ten_thousand_commas_of_one_value_are_one_short_issue():
    _, issues = read_yaml("a: {cost: $5" + ",000" * 10_000 + "}", "a.yaml")

    assert [(issue.code, len(issue.message) < 200) for issue in issues] == [("split_by_comma", True)]


@pytest.mark.parametrize("text", ["a: [100,200]", "a: [$5, 000]", "a: {b: 1, c: }", 'a: ["$5",000]', "a: $5,000"])
def test_other_commas_are_left_alone(text: str):
    _, issues = read_yaml(text, "a.yaml")

    assert issues == ()


def test_all_mistakes_are_told_in_one_pass_in_file_order():
    """S-112."""
    text = "a: &x {b: 1, b: 2}\nc: *x\nd: [1\ne: 'open\nf:\n\tg: 1\nh: {cost: $5,000}\na: again\n"

    node, issues = read_yaml(text, "a.yaml")

    assert [(issue.span.line, issue.code) for issue in issues] == [
        (1, "alias_not_allowed"),
        (1, "duplicate_key"),
        (2, "alias_not_allowed"),
        (3, "yaml_syntax"),
        (4, "yaml_syntax"),
        (6, "tab_indentation"),
        (7, "split_by_comma"),
        (8, "duplicate_key"),
    ]
    assert isinstance(node, Mapping)
    assert [entry.key.text for entry in node.entries] == ["a", "c", "d", "e", "f", "h"]


def test_a_broken_section_leaves_the_others_readable():
    node, issues = read_yaml("a: {b: 1\nc: {d: 2}\n", "a.yaml")

    assert [issue.code for issue in issues] == ["yaml_syntax"]
    assert isinstance(node, Mapping)
    broken, whole = node.entries
    assert isinstance(broken.value, Scalar)
    assert broken.value.is_unread
    assert isinstance(whole.value, Mapping)
    assert str(whole.value.entries[0].key.span) == "a.yaml:2:5"


def test_a_bomb_of_aliases_costs_nothing():
    """S-116."""
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))

    node, issues = read_yaml("l0: &l0 [lol]\n" + levels, "bomb.yaml")

    assert node is not None
    assert len(scalars(node)) < 1_000
    assert {issue.code for issue in issues} == {"alias_not_allowed"}


def test_a_byte_order_mark_shifts_nothing():
    node, issues = read_yaml("\ufeffa: 1\n", "a.yaml")

    assert issues == ()
    assert isinstance(node, Mapping)
    assert str(node.entries[0].key.span) == "a.yaml:1:1"


def test_a_file_larger_than_a_megabyte_is_not_read():
    _, issues = read_yaml("a: " + "é" * (MOST_BYTES // 2), "a.yaml")

    assert [issue.code for issue in issues] == ["file_too_large"]


def test_half_a_character_is_not_text():
    _, issues = read_yaml("a: 1\nb: é\ud83d\n", "a.yaml")

    assert [(issue.code, place(issue)) for issue in issues] == [("not_utf8", "2:5-2:6")]


def test_a_file_is_read_as_its_text(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text("a: [é]\n", "utf-8")

    assert read_yaml_file(path, "a.yaml") == read_yaml("a: [é]\n", "a.yaml")
    assert read_text(path, "a.yaml") == "a: [é]\n"


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        pytest.param(b"a: 1\nb: \xff\n", "not_utf8", 2, id="a byte that is not UTF-8"),
        pytest.param("a: 1\n".encode("utf-16"), "not_utf8", 1, id="UTF-16"),
        pytest.param(b"a: " + b"x" * MOST_BYTES, "file_too_large", 1, id="too large"),
        pytest.param(None, "unreadable_file", 1, id="vanished"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_issue(tmp_path: Path, data: bytes | None, code: str, line: int):
    path = tmp_path / "a.yaml"
    if data is not None:
        path.write_bytes(data)

    node, issues = read_yaml_file(path)

    assert node is None
    assert [(issue.code, issue.span.file, issue.span.line) for issue in issues] == [(code, str(path), line)]


def test_a_folder_is_not_a_file(tmp_path: Path):
    _, issues = read_yaml_file(tmp_path)

    assert [issue.code for issue in issues] == ["unreadable_file"]


@given(st.text(max_size=200) | YAML_SIGNS)
@example("? [a]\n: {b: &c !d *e}\n")
@example("{$5,000,: x}")
@example("a: [b]: c")
def test_reading_never_raises_and_places_lie_inside_the_text(text: str):
    node, issues = read_yaml(text, "a.yaml")

    lines = source_lines(text)
    assert node is not None or issues
    for issue in issues:
        assert issue.code
        assert issue.message
        assert 1 <= issue.span.line <= len(lines)
        assert 1 <= issue.span.column <= len(lines[issue.span.line - 1]) + 1
        assert (issue.span.end_line, issue.span.end_column) >= (issue.span.line, issue.span.column)
    assert list(issues) == sorted(issues, key=lambda issue: (issue.span.line, issue.span.column))


@given(YAML_SIGNS)
def test_the_place_of_a_plain_scalar_slices_out_its_text(text: str):
    node, issues = read_yaml(text, "a.yaml")

    for scalar in scalars(node) if node is not None and not issues else []:
        if scalar.is_plain and scalar.span.line == scalar.span.end_line:
            assert sliced(text, scalar) == scalar.text


@given(
    st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=20)), unique_by=lambda p: p[0])
)
def test_what_is_written_in_quotes_is_read_back(pairs: list[tuple[str, str]]):
    printable = [(key, "".join(sign for sign in value if sign.isprintable())) for key, value in pairs]
    text = "".join(f"{key}: '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in printable)

    node, issues = read_yaml(text or "{}", "a.yaml")

    assert issues == ()
    assert isinstance(node, Mapping)
    assert [scalar.text for scalar in scalars(node)] == [text for pair in printable for text in pair]
