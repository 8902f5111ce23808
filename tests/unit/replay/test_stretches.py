"""A large export read in stretches holds what it holds when it is read as a whole."""

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from engine.replay.archive_json import Run, read_runs
from engine.replay.archive_message import RawMessage
from engine.replay.archive_shape import NotJson
from engine.replay.archive_split import CutShort
from engine.replay.stretches import read_stretch, stretches_of

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]

SIZE = 4_000


def laid(folder: Path, text: bytes) -> Path:
    file = folder / "x.json"
    file.write_bytes(text)
    return file


def ids(runs: Iterable[Run]) -> list[object]:
    return [raw.id for run in runs for raw in run.entries if isinstance(raw, RawMessage)]


def in_stretches(file: Path) -> list[object]:
    return list(chain.from_iterable(ids(read_stretch(each, lambda _: None)) for each in stretches_of(file, SIZE)))


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param({"indent": 2}, id="as the exporter writes it"),
        pytest.param({"indent": 1}, id="indented by one"),
        pytest.param({"indent": "\t"}, id="indented by tabs"),
        pytest.param({"indent": 2, "newline": "\r\n"}, id="with line breaks of Windows"),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_stretches_hold_every_message_once(
    tmp_path: Path, exported: Make, export: Export, layout: dict[str, Any], mark: bytes
):
    messages = [exported(id=str(number), content='a } ], {"messages": [ \n    },') for number in range(200)]
    file = laid(tmp_path, mark + export(messages, **layout))

    assert len(stretches_of(file, SIZE)) > 5
    assert in_stretches(file) == ids(read_runs(file, lambda _: None))


@pytest.mark.parametrize("layout", [{"indent": None}, {"indent": 0}])
def test_a_file_without_indentation_is_not_cut(tmp_path: Path, exported: Make, export: Export, layout: dict[str, Any]):
    file = laid(tmp_path, export([exported()] * 200, **layout))

    assert stretches_of(file, SIZE) == ()


def test_a_small_file_is_not_cut(tmp_path: Path, exported: Make, export: Export):
    assert stretches_of(laid(tmp_path, export([exported()], indent=2)), SIZE) == ()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[: len(text) // 2], id="cut in the middle"),
        pytest.param(lambda text: text[:-20], id="cut at the end"),
        pytest.param(lambda text: text.replace(b'"id": "90"', b'"id": 90"', 1), id="a message that is not JSON"),
        pytest.param(
            lambda text: text.replace(b'"id": "90"', b'"x": [\n  ],\n"id": "90"', 1), id="a list that seems to end"
        ),
        pytest.param(
            lambda text: text.replace(b'"messageCount"', b"messageCount", 1), id="no JSON behind the messages"
        ),
    ],
)
def test_a_fault_is_met(tmp_path: Path, exported: Make, export: Export, damage: Callable[[bytes], bytes]):
    file = laid(tmp_path, damage(export([exported(id=str(number)) for number in range(200)], indent=2)))

    with pytest.raises((CutShort, NotJson)):
        in_stretches(file)
