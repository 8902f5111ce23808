"""Files that are no archive, or not a whole one: each is named, and what to do is said."""

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.replay.archive import read_archive

Json = dict[str, Any]
Make = Callable[..., Json]
Export = Callable[..., bytes]


WHOLE = "whole"


def outcome(path: Path) -> tuple[str, int | None]:
    try:
        return WHOLE, sum(isinstance(row, Message) for row in read_archive(path))
    except ArchiveError as error:
        return error.code, None


def fault(path: Path, data: bytes) -> ArchiveError:
    path.write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        list(read_archive(path))
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        pytest.param("a.json", b"", "archive_empty", "holds nothing", id="empty"),
        pytest.param("a.json", b" \n ", "archive_empty", "holds nothing", id="blank"),
        pytest.param("a.json", b"\xef\xbb\xbf", "archive_empty", "holds nothing", id="a lone byte order mark"),
        pytest.param("a.json", b"hello", "archive_not_json", 'starts with "hello"', id="text"),
        pytest.param("a.json", b"hello\n\xff\n", "archive_not_json", 'starts with "hello"', id="lines of text"),
        pytest.param("a.json", b"\x00\xff", "archive_not_json", 'starts with "\ufffd\ufffd"', id="bytes"),
        pytest.param("a.json", b"[1,2]", "archive_wrong_shape", "is a list", id="a list of numbers"),
        pytest.param("a.json", b"42", "archive_wrong_shape", "is a single value", id="a number"),
        pytest.param("a.json", b"{hello}", "archive_not_json", 'starts with "{hello}"', id="no JSON in braces"),
        pytest.param("a.json", b"{hello", "archive_not_json", 'starts with "{hello"', id="an open brace"),
        pytest.param("a.json", b"[10:03] ann: hi", "archive_not_json", "[10:03]", id="a text log"),
        pytest.param("a.json", b"<!DOCTYPE html><html>", "archive_not_json", "HTML export", id="an HTML export"),
        pytest.param("a.json", b'{"a": tru}', "archive_not_json", "damaged", id="bad JSON"),
        pytest.param(
            "a.json", b'{"messages": [], "channel": {"id": "1"}} x', "archive_not_json", "trailing", id="text behind"
        ),
        pytest.param(
            "a.json",
            b'{"channel": {"id": "1"}, "messages": [{"id": tru}]}',
            "archive_not_json",
            "after 0 messages",
            id="a bad message",
        ),
        pytest.param(
            "a.json",
            b'{"channel": {"id": "1"}, "messages": [{}, ]}',
            "archive_not_json",
            "after 0 messages",
            id="a comma too many",
        ),
        pytest.param(
            "a.json",
            b'{"channel": {"id": "1"}, "messages": [{} {}]}',
            "archive_not_json",
            "after 0 messages",
            id="a comma too few",
        ),
        pytest.param(
            "a.json", b'{"channel": {"id": "1"}, "messages": [NaN]}', "archive_not_json", "NaN is not JSON", id="NaN"
        ),
        pytest.param("a.json", b'{"a": 1, "b": []}', "archive_wrong_shape", "holds: a, b", id="other JSON"),
        pytest.param("a.json", b"{}", "archive_wrong_shape", "holds: nothing", id="an empty object"),
        pytest.param("a.json", b'[{"id": "1"}]', "archive_wrong_shape", "is a list", id="a list"),
        pytest.param(
            "a.json",
            b'{"messages": {"a": 1}}',
            "archive_wrong_shape",
            "holds: messages",
            id="messages that are no list",
        ),
        pytest.param("a.json", b'{"messages": []}', "archive_wrong_shape", "no channel", id="no channel"),
        pytest.param(
            "a.json",
            b'{"channel": {"name": "x"}, "messages": []}',
            "archive_wrong_shape",
            "no channel",
            id="a channel without id",
        ),
        pytest.param(
            "a.json",
            b'{"channel": "x", "messages": []}',
            "archive_not_json",
            "before its messages",
            id="a channel that is text",
        ),
        pytest.param(
            "a.json",
            b'[{"ID": 1, "Timestamp": "2020", "Contents": "x"}]',
            "archive_wrong_shape",
            "Discord data package",
            id="messages of a data package",
        ),
        pytest.param(
            "a.json",
            b'{"1105872609649623040": "general"}',
            "archive_wrong_shape",
            "Discord data package",
            id="index of a data package",
        ),
        pytest.param(
            "a.csv",
            b"ID,Timestamp,Contents,Attachments\n1,2020,x,\n",
            "archive_wrong_shape",
            "Discord data package",
            id="CSV of a data package",
        ),
        pytest.param("a.json", '{"channel": 1}'.encode("utf-16"), "archive_not_utf8", "UTF-16", id="UTF-16"),
        pytest.param(
            "a.json",
            b'{"channel": {"id": "1"}, "messages": [{"content": "caf\xe9"}]}',
            "archive_not_utf8",
            "bytes e9",
            id="Latin 1",
        ),
        pytest.param("a.json.gz", b'{"messages": []}', "archive_bad_gzip", "not compressed", id="not gzip"),
        pytest.param(
            "a.json.gz", gzip.compress(b"x" * 99)[:-8] + b"rubbish!", "archive_bad_gzip", "damaged", id="damaged gzip"
        ),
        pytest.param("a.json.zst", b'{"messages": []}', "archive_bad_zstd", "not compressed", id="not zstandard"),
        pytest.param(
            "a.json.zst",
            zstandard.compress(b"x" * 99)[:8] + b"rubbish!",
            "archive_bad_zstd",
            "damaged",
            id="damaged zstandard",
        ),
    ],
)
def test_what_is_no_archive_is_named(tmp_path: Path, name: str, data: bytes, code: str, says: str):
    error = fault(tmp_path / name, data)

    assert error.code == code
    assert says in error.message
    assert error.remedy


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ArchiveError, match="there is no file") as caught:
        list(read_archive(tmp_path / "gone.json"))

    assert caught.value.code == "archive_not_found"


def test_a_folder_cannot_be_read(tmp_path: Path):
    with pytest.raises(ArchiveError) as caught:
        list(read_archive(tmp_path))

    assert caught.value.code == "archive_unreadable"


def test_bottomless_nesting_is_a_damaged_file(tmp_path: Path, exported: Make, export: Export):
    data = export([exported(stickers=["DEEP"])]).replace(b'"DEEP"', b"[" * 200_000 + b"]" * 200_000)

    assert fault(tmp_path / "a.json", data).code == "archive_not_json"


@pytest.mark.parametrize("indent", [2, None])
def test_a_broken_off_export_yields_what_is_whole_and_says_where(
    tmp_path: Path, exported: Make, export: Export, indent: int | None
):
    path = tmp_path / "a.json"
    data = export([exported()] * 5, indent=indent)
    path.write_bytes(data[: data.rindex(b"roles")])
    rows: list[object] = []

    with pytest.raises(ArchiveError, match="after 4 whole messages") as caught:
        rows.extend(read_archive(path))

    assert (caught.value.code, len(rows)) == ("archive_truncated", 4)


def test_a_giant_message_is_refused_before_memory_runs_out(tmp_path: Path, exported: Make, export: Export):
    error = fault(tmp_path / "a.json", export([exported(content="x" * 18_000_000)]))

    assert (error.code, "larger than any message" in error.message) == ("archive_wrong_shape", True)


@settings(max_examples=150, deadline=None)
@given(
    keep=st.floats(0, 1),
    indent=st.sampled_from([2, None]),
    packing=st.sampled_from([("a.json", bytes), ("a.json.gz", gzip.compress), ("a.json.zst", zstandard.compress)]),
)
def test_a_cut_anywhere_is_told_as_such(
    exported: Make, export: Export, keep: float, indent: int | None, packing: tuple[str, Callable[[bytes], bytes]]
):
    name, pack = packing
    data = pack(export([exported(), exported(), exported()], indent=indent))
    cut = data[: int(len(data) * keep)]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(cut)
        found = outcome(path)

    assert found in ((WHOLE, 3), ("archive_truncated" if cut else "archive_empty", None))
