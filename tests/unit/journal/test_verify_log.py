"""`verify` names the segment, the entry and the byte of everything that is not as it was written."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.chain import HEADER, chain_hash, framed
from engine.journal.head import NAME as HEAD
from engine.journal.log import JournalLog, read_entries
from engine.journal.reading import last_witness
from engine.journal.segments import HEADER_SIZE, segment_numbers, segment_path
from engine.journal.verify_log import Fault, Verdict, verify
from engine.model.entry import GENESIS, EntryKind, Witness
from engine.model.errors import JournalError
from tests.soak.altered_journal import Pages
from tests.soak.journal_faults import judge

NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
BODY = bytes(56)
SIZE = HEADER.size + 28 + len("control") + len("run") + len(BODY)
EACH = 4
ENTRIES = 12


def at(index: int) -> int:
    """The offset of an entry in its segment, from 0."""
    return HEADER_SIZE + index * SIZE


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments of four entries each."""
    folder = tmp_path_factory.mktemp("whole")
    with JournalLog.open(folder, lambda: NOON, segment_bytes=at(EACH), reserve_bytes=100) as log:
        for _ in range(ENTRIES):
            log.append(EntryKind.CONTROL, "run", BODY)
    assert segment_numbers(folder) == (1, 2, 3)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to be altered."""
    return Path(shutil.copytree(whole, tmp_path / "journal"))


def hashes(folder: Path) -> dict[int, str]:
    return {entry.seq: entry.hash for entry in read_entries(folder)}


def seen(verdict: Verdict) -> list[tuple[Fault, str, int, int]]:
    return [(each.fault, each.segment, each.seq, each.offset) for each in verdict.problems]


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_a_whole_journal_is_covered_by_its_head(folder: Path):
    verdict = verify(folder)

    assert verdict == Verdict((), Witness(12, hashes(folder)[12]), 12, 0, 0)
    assert verdict.ok
    assert verdict.unwitnessed == 0
    assert last_witness(folder) == verdict.last


def test_without_a_head_nothing_is_covered_but_by_a_witness(folder: Path):
    known = hashes(folder)
    (folder / HEAD).unlink()

    assert (verify(folder).ok, verify(folder).unwitnessed) == (True, 12)
    assert verify(folder, (9, known[9])) == Verdict((), Witness(12, known[12]), 0, 9, 0)
    assert verify(folder, (9, known[9])).unwitnessed == 3
    assert last_witness(folder) == Witness(12, known[12])


def test_a_new_journal_is_whole(tmp_path: Path):
    JournalLog.open(tmp_path, lambda: NOON).close()

    assert verify(tmp_path) == Verdict((), Witness(0, GENESIS), 0, 0, 0)
    assert last_witness(tmp_path) == Witness(0, GENESIS)


def test_where_there_is_no_journal_there_is_nothing_to_verify(tmp_path: Path):
    for work in (verify, last_witness):
        with pytest.raises(JournalError, match="there is no journal") as raised:
            work(tmp_path / "nowhere")
        assert raised.value.code == "journal_not_found"


def _flip_body(folder: Path) -> None:
    overwrite(segment_path(folder, 2), at(1) + SIZE - 1, b"x")


def _flip_length(folder: Path) -> None:
    overwrite(segment_path(folder, 2), at(1) + 7, b"\x7f")


def _blank_two(folder: Path) -> None:
    overwrite(segment_path(folder, 2), at(1), bytes(2 * SIZE))


def _blank_the_last_of_a_segment(folder: Path) -> None:
    overwrite(segment_path(folder, 2), at(3), bytes(SIZE))


def _damage_the_last_of_a_segment(folder: Path) -> None:
    overwrite(segment_path(folder, 2), at(3) + 60, b"xxxx")


def _flip_header(folder: Path) -> None:
    overwrite(segment_path(folder, 2), 20, b"\x09")


def _cut(folder: Path) -> None:
    path = segment_path(folder, 2)
    path.write_bytes(path.read_bytes()[: at(2) + 10])


def _empty(folder: Path) -> None:
    segment_path(folder, 2).write_bytes(b"")


def _remove_segment(folder: Path) -> None:
    segment_path(folder, 2).unlink()


def _remove_segments(folder: Path) -> None:
    segment_path(folder, 1).unlink()
    segment_path(folder, 2).unlink()


def _remove_the_last_segment(folder: Path) -> None:
    segment_path(folder, 3).unlink()


def _forge(folder: Path) -> None:
    pages = Pages(folder)
    frame = pages.segments[1][1]
    payload = frame.payload[:-1] + b"x"
    digest = chain_hash(pages.segments[1][0].hash, payload)
    overwrite(segment_path(folder, 2), frame.offset, framed(digest, payload))


def _remove(folder: Path) -> None:
    pages = Pages(folder)
    del pages.segments[1][1]
    pages.write()


def _swap(folder: Path) -> None:
    pages = Pages(folder)
    pages.segments[1][1:3] = reversed(pages.segments[1][1:3])
    pages.write()


def _unreadable_head(folder: Path) -> None:
    (folder / HEAD).write_text("12")


def _another_head(folder: Path) -> None:
    (folder / HEAD).write_text(f"6:{GENESIS}\n")


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        pytest.param(_flip_body, [(Fault.NOT_WHOLE, "000002.log", 6, at(1))], id="a bit of a body"),
        pytest.param(_flip_length, [(Fault.NOT_WHOLE, "000002.log", 6, at(1))], id="a bit of a length"),
        pytest.param(_blank_two, [(Fault.NOT_WHOLE, "000002.log", 6, at(1))], id="two entries blanked"),
        pytest.param(
            _blank_the_last_of_a_segment, [(Fault.WRONG_SEQ, "000003.log", 8, 0)], id="the last of a segment blanked"
        ),
        pytest.param(
            _damage_the_last_of_a_segment, [(Fault.NOT_WHOLE, "000002.log", 8, at(3))], id="the last of a segment"
        ),
        pytest.param(_flip_header, [(Fault.BAD_HEADER, "000002.log", 5, 0)], id="a bit of a header"),
        pytest.param(_cut, [(Fault.NOT_WHOLE, "000002.log", 7, at(2))], id="a segment cut short"),
        pytest.param(
            _empty,
            [(Fault.BAD_HEADER, "000002.log", 5, 0), (Fault.WRONG_SEQ, "000003.log", 5, 0)],
            id="a segment emptied",
        ),
        pytest.param(_remove_segment, [(Fault.MISSING_SEGMENT, "000002.log", 5, 0)], id="a segment removed"),
        pytest.param(_remove_segments, [(Fault.MISSING_SEGMENT, "000001.log", 1, 0)], id="two segments removed"),
        pytest.param(_remove_the_last_segment, [(Fault.TRUNCATED, "000002.log", 9, 0)], id="the last segment removed"),
        pytest.param(_forge, [(Fault.BROKEN_CHAIN, "000002.log", 7, at(2))], id="an entry forged with its hash"),
        pytest.param(_remove, [(Fault.WRONG_SEQ, "000002.log", 6, at(1))], id="an entry removed"),
        pytest.param(
            _swap,
            [
                (Fault.WRONG_SEQ, "000002.log", 6, at(1)),
                (Fault.WRONG_SEQ, "000002.log", 8, at(2)),
                (Fault.WRONG_SEQ, "000002.log", 7, at(3)),
            ],
            id="two entries swapped",
        ),
        pytest.param(_unreadable_head, [(Fault.BAD_HEAD, "head", 1, 0)], id="a head that cannot be read"),
        pytest.param(
            _another_head, [(Fault.NOT_AS_WITNESSED, "000002.log", 6, at(1))], id="a head that saw another entry"
        ),
    ],
)
def test_every_place_that_was_altered_is_named(
    folder: Path, alter: Callable[[Path], None], expected: list[tuple[Fault, str, int, int]]
):
    """S-704."""
    alter(folder)

    assert seen(verify(folder)) == expected


def test_a_journal_written_anew_from_some_entry_on_is_caught_by_a_witness_behind_it(folder: Path):
    known = hashes(folder)
    pages = Pages(folder)
    frame = pages.segments[1][1]
    pages.segments[1][1] = replace(frame, payload=frame.payload[:-1] + b"x")
    pages.chain_again(1, 1)
    pages.write()
    (folder / HEAD).unlink()

    assert verify(folder).ok
    assert verify(folder, (5, known[5])).ok
    assert verify(folder, (5, known[5])).unwitnessed == 7
    assert seen(verify(folder, (9, known[9]))) == [(Fault.NOT_AS_WITNESSED, "000003.log", 9, at(0))]


def test_a_witness_knows_when_the_end_is_missing(folder: Path):
    known = hashes(folder)
    path = segment_path(folder, 3)
    path.write_bytes(path.read_bytes()[: at(1)])
    (folder / HEAD).write_text(f"9:{known[9]}")

    assert verify(folder).ok
    verdict = verify(folder, (11, known[11]))
    assert seen(verdict) == [(Fault.TRUNCATED, "000003.log", 10, 0)]
    assert "ends with entry 9; the witness has seen 11" in verdict.problems[0].message


def test_what_a_crash_left_at_the_end_is_no_problem_but_told(folder: Path):
    with JournalLog.open(folder, lambda: NOON) as log:
        log.append(EntryKind.CONTROL, "run", BODY)
    known = hashes(folder)
    overwrite(segment_path(folder, 3), at(5) - 1, b"x")
    (folder / HEAD).write_text(f"12:{known[12]}")

    verdict = verify(folder)

    assert (verdict.ok, verdict.last.seq, verdict.torn_bytes) == (True, 12, SIZE)


@given(data=st.data())
def test_no_flipped_bit_goes_unseen_up_to_the_witness(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    """S-704."""
    folder = Path(shutil.copytree(whole, tmp_path_factory.mktemp("flipped") / "journal"))
    known = hashes(whole)
    witness = data.draw(st.integers(1, ENTRIES), label="witness")
    (folder / HEAD).write_text(f"{witness}:{known[witness]}")
    number = data.draw(st.integers(1, 3), label="segment")
    offset = data.draw(st.integers(0, at(EACH) - 1), label="offset")
    path = segment_path(folder, number)
    byte = path.read_bytes()[offset] ^ 1 << data.draw(st.integers(0, 7), label="bit")
    overwrite(path, offset, bytes([byte]))
    hit = max((number - 1) * EACH + (offset - HEADER_SIZE) // SIZE + 1, (number - 1) * EACH + 1)

    verdict = verify(folder)

    if verdict.ok:
        # Only the very last entry, which nobody has seen, can pass for one that a crash cut short.
        assert (hit, verdict.torn_bytes > 0, witness < ENTRIES) == (ENTRIES, True, True)
    else:
        assert verdict.problems[0].seq == hit


def test_altered_journals_are_named_or_lie_behind_the_last_witness(tmp_path: Path):
    """S-704."""
    result = judge(60, seed=7, folder=tmp_path)

    assert result.missed == ()
    assert result.named > result.unseen > 0
