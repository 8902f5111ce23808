"""CSV exports: less is known, nothing is guessed."""

import csv
import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.errors import ArchiveError
from engine.model.message import Author, Message
from engine.model.run import BadRow
from engine.replay.archive import read_archive
from engine.replay.archive_message import snowflake_time

HEADER = "AuthorID,Author,Date,Content,Attachments,Reactions\n"
NAME = "Desk - Alerts - analyst-alerts [925974466886655304] (after 2024-01-01).csv"
AT = datetime(2023, 5, 10, 15, 2, 56, 260000, UTC)
ROW = '"605538624183270431","ann","2023-05-10T11:02:56.2600000-04:00","BTO 3 BABA 88C","",""\n'


def read(folder: Path, text: str, name: str = NAME) -> list[Message | BadRow]:
    path = folder / name
    path.write_bytes(text.encode())
    return list(read_archive(path))


def fault(folder: Path, data: bytes, name: str = NAME) -> ArchiveError:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        list(read_archive(path))
    return caught.value


def test_a_row_says_who_when_and_what(tmp_path: Path):
    text = '"605538624183270431","ann","2023-05-10T11:02:56.26-04:00","say ""hi"",\nthen BTO","u/a.png,b.txt","x (1)"\n'

    [message] = read(tmp_path, HEADER + text)

    assert message == Message(
        id="1105872609649623040",
        channel_id="925974466886655304",
        author=Author("605538624183270431", "ann"),
        at=AT,
        content='say "hi",\nthen BTO',
        channel_name="analyst-alerts",
        images=1,
    )


def test_rows_of_one_moment_have_ids_of_their_own_in_order(tmp_path: Path):
    rows = read(tmp_path, HEADER + ROW * 3)

    ids = [int(row.id) for row in rows if isinstance(row, Message)]
    assert ids == sorted(set(ids))
    assert {snowflake_time(str(number)) for number in ids} == {AT}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + HEADER + ROW, id="byte order mark"),
        pytest.param(HEADER.replace("\n", "\r\n") + ROW.replace("\n", "\r\n"), id="Windows line breaks"),
        pytest.param('"AuthorID","Author","Date","Content","Attachments"\n' + ROW, id="quoted header"),
        pytest.param(HEADER + "\n" + ROW + "\n", id="blank lines"),
    ],
)
def test_every_layout_reads_alike(tmp_path: Path, text: str):
    assert [row.content for row in read(tmp_path, text) if isinstance(row, Message)] == ["BTO 3 BABA 88C"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param('"1","ann","14-Sep-21 02:32 PM","x","",""\n', "bad_time", id="local time of older exporters"),
        pytest.param('"1","ann","2023-05-10T11:02:56","x","",""\n', "bad_time", id="time without zone"),
        pytest.param('"1","ann","2010-01-01T00:00:00Z","x","",""\n', "bad_time", id="before Discord"),
        pytest.param('"","ann","2023-05-10T11:02:56Z","x","",""\n', "no_author", id="no author"),
        pytest.param('"ann","ann","2023-05-10T11:02:56Z","x","",""\n', "no_author", id="a name for an id"),
        pytest.param('"1","ann"\n', "not_a_message", id="columns are missing"),
    ],
)
def test_one_bad_row_does_not_stop_the_rest(tmp_path: Path, row: str, code: str):
    rows = read(tmp_path, HEADER + row + ROW)

    assert [row.code if isinstance(row, BadRow) else row.content for row in rows] == [code, "BTO 3 BABA 88C"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        pytest.param("alerts.csv", (HEADER + ROW).encode(), "archive_wrong_shape", id="no channel in the name"),
        pytest.param(NAME, HEADER[:9].encode(), "archive_truncated", id="cut in the header"),
        pytest.param(NAME, (HEADER + ROW)[:-1].encode(), "archive_truncated", id="cut before the line break"),
        pytest.param(NAME, (HEADER + ROW)[:-9].encode(), "archive_truncated", id="cut in a row"),
        pytest.param(NAME, (HEADER + ROW + '"1","ann","2').encode(), "archive_truncated", id="cut within quotes"),
        pytest.param(NAME, HEADER.encode() + b'"1","caf\xe9"\n', "archive_not_utf8", id="Latin 1"),
        pytest.param(NAME, HEADER.encode() + b'"1"x,2\n', "archive_not_csv", id="text after a quote"),
        pytest.param(NAME, HEADER.encode() + b'"' + b"x" * 200_000 + b'"\n', "archive_not_csv", id="a giant cell"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, data: bytes, code: str):
    error = fault(tmp_path, data, name)

    assert error.code == code
    assert error.remedy


@settings(max_examples=60, deadline=None)
@given(
    contents=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30), max_size=4),
    offset=st.integers(0, 10**9),
)
def test_what_was_posted_is_read_back_exactly(contents: list[str], offset: int):
    at = AT + timedelta(milliseconds=offset)
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        ("1", "ann", at.isoformat(), content, "", "") for content in contents
    )

    with tempfile.TemporaryDirectory() as folder:
        rows = read(Path(folder), HEADER + text.getvalue())

    assert [(row.at, row.content) for row in rows if isinstance(row, Message)] == [(at, text) for text in contents]


@settings(max_examples=100, deadline=None)
@given(keep=st.floats(0, 1))
def test_a_cut_anywhere_is_told_or_falls_between_rows(keep: float):
    data = (HEADER + ROW * 3).encode()
    cut = data[: int(len(data) * keep)]

    with tempfile.TemporaryDirectory() as folder:
        try:
            found = str(len(read(Path(folder), cut.decode())))
        except ArchiveError as error:
            found = error.code

    whole_rows = str(max(cut.count(b"\n") - 1, 0))
    assert found == (whole_rows if cut.endswith(b"\n") else "archive_truncated" if cut else "archive_empty")
