"""The log takes entries in order, gives them back, and goes on after a crash where the disk left it."""

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.chain import BEFORE_FIRST, HEADER, chain_hash, framed, payload_of
from engine.journal.head import NAME as HEAD
from engine.journal.log import JournalLog, read_entries
from engine.journal.segment_file import SegmentFile
from engine.journal.segments import HEADER_SIZE, SegmentHeader, segment_numbers, segment_path
from engine.journal.verify_log import verify
from engine.model.entry import GENESIS, Entry, EntryKind
from engine.model.errors import InvariantBroken, JournalError

NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
RUN = "feed-1"


def opened(folder: Path, segment_bytes: int = 1 << 20, reserve_bytes: int = 256) -> JournalLog:
    return JournalLog.open(folder, lambda: NOON, segment_bytes=segment_bytes, reserve_bytes=reserve_bytes)


def written(folder: Path, bodies: Sequence[bytes], segment_bytes: int = 1 << 20) -> list[Entry]:
    """A closed journal, every entry synced by itself."""
    with opened(folder, segment_bytes) as log:
        entries = []
        for body in bodies:
            entries.append(log.append(EntryKind.DECIDED, RUN, body))
            log.sync()
        return entries


def without_head(folder: Path) -> None:
    (folder / HEAD).unlink()


def end_of(entries: Sequence[Entry], run: str = RUN) -> int:
    """Where the entries of a single segment end, in bytes."""
    fixed = HEADER.size + 28 + len(run)
    return HEADER_SIZE + sum(fixed + len(entry.kind) + len(entry.body) for entry in entries)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(JournalError) as raised:
        work()
    return raised.value.code


bodies = st.binary(max_size=400)
appended = st.tuples(st.sampled_from(EntryKind), st.text(max_size=20), bodies, st.booleans())


@given(rows=st.lists(appended, max_size=20), segment_bytes=st.integers(200, 3_000))
def test_what_is_appended_is_read_back_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[EntryKind, str, bytes, bool]], segment_bytes: int
):
    """S-702."""
    folder = tmp_path_factory.mktemp("log") / "journal"
    entries = []
    log = opened(folder, segment_bytes)
    for kind, run, body, is_reopened in rows:
        if is_reopened:
            log.close()
            log = opened(folder, segment_bytes)
        entries.append(log.append(kind, run, body))
    assert log.last == (entries[-1] if entries else None)
    log.close()

    assert list(read_entries(folder)) == entries
    assert [(e.kind, e.run, e.body) for e in entries] == [row[:3] for row in rows]
    assert [e.seq for e in entries] == list(range(1, len(rows) + 1))
    assert verify(folder).ok
    assert verify(folder).unwitnessed == 0


def test_entries_behind_one_of_them_are_read(tmp_path: Path):
    entries = written(tmp_path, [bytes(100)] * 30, segment_bytes=900)

    assert len(segment_numbers(tmp_path)) > 3
    assert [list(read_entries(tmp_path, after)) for after in range(32)] == [entries[after:] for after in range(32)]


def test_a_new_journal_begins_with_nothing(tmp_path: Path):
    with opened(tmp_path / "deep" / "journal") as log:
        assert (log.last, log.repairs, log.can_open) == (None, (), True)
        assert list(read_entries(tmp_path / "deep" / "journal")) == []
        first = log.append(EntryKind.CONTROL, "", b"")

    assert first.seq == 1
    assert first.hash != GENESIS


def test_a_segment_is_closed_before_it_grows_too_large(tmp_path: Path):
    written(tmp_path, [bytes(100)] * 30, segment_bytes=900)

    whole = [segment_path(tmp_path, number).stat().st_size for number in segment_numbers(tmp_path)[:-1]]
    assert max(whole) <= 900
    assert min(whole) > 600


def test_an_entry_larger_than_a_segment_has_one_of_its_own(tmp_path: Path):
    entries = written(tmp_path, [b"a", bytes(5_000), b"b"], segment_bytes=900)

    assert list(read_entries(tmp_path)) == entries
    assert segment_numbers(tmp_path) == (1, 2, 3)


@pytest.mark.parametrize(
    ("run", "body"),
    [
        pytest.param("", bytes(32 * 1024 * 1024), id="its body"),
        pytest.param("r" * 70_000, b"", id="the name of its run"),
    ],
)
def test_what_is_too_large_is_refused_and_leaves_nothing(tmp_path: Path, run: str, body: bytes):
    with opened(tmp_path) as log:
        with pytest.raises(ValueError, match="larger than any can be"):
            log.append(EntryKind.TEXTS, run, body)

        assert log.append(EntryKind.TEXTS, "", b"").seq == 1


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path):
    """S-702."""
    with opened(tmp_path):
        process = get_context("spawn").Process(target=_opens_in_vain, args=(tmp_path,))
        process.start()
        process.join()

        assert process.exitcode == 0


def _opens_in_vain(folder: Path) -> None:
    import os

    with pytest.raises(JournalError, match=f"written by process {os.getppid()}") as raised:
        opened(folder)
    assert raised.value.code == "journal_busy"


def test_the_lock_is_let_go_when_it_is_closed(tmp_path: Path):
    log = opened(tmp_path)
    assert code_of(lambda: opened(tmp_path)) == "journal_busy"
    log.close()
    log.close()

    with opened(tmp_path) as again:
        assert again.can_open


def test_a_closed_journal_is_not_used(tmp_path: Path):
    log = opened(tmp_path)
    log.close()

    assert not log.can_open
    for work in (log.sync, lambda: log.append(EntryKind.CONTROL, "", b"")):
        with pytest.raises(InvariantBroken, match="is closed"):
            work()


def test_threads_append_and_sync_together(tmp_path: Path):
    with opened(tmp_path, segment_bytes=4_000) as log:

        def work(number: int) -> None:
            for index in range(40):
                log.append(EntryKind.DECIDED, f"run-{number}", bytes(index))
                log.sync()

        threads = [Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    entries = list(read_entries(tmp_path))
    assert [len(entry.body) for entry in entries if entry.run == "run-3"] == list(range(40))
    assert len(entries) == 240
    assert verify(tmp_path).ok


def test_a_reader_beside_the_writer_never_sees_a_gap_or_an_error(tmp_path: Path):
    seen: list[int] = []
    with opened(tmp_path, segment_bytes=8_000) as log:
        log.append(EntryKind.CONTROL, "", b"")

        def read() -> None:
            while not seen or seen[-1] < 600:
                seen.extend(entry.seq for entry in read_entries(tmp_path, seen[-1] if seen else 0))
                assert verify(tmp_path).ok

        reader = Thread(target=read)
        reader.start()
        for index in range(600):
            log.append(EntryKind.DECIDED, RUN, bytes(index % 300))
        reader.join()

    assert seen == list(range(1, len(seen) + 1))


# The end of the journal after a crash.


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """A journal of five entries without a head, its room for more cut off."""
    folder = tmp_path_factory.mktemp("five")
    entries = written(folder, [b"one", b"two" * 10, b"three", b"four" * 12, b"five" * 3])
    without_head(folder)
    path = segment_path(folder, 1)
    path.write_bytes(path.read_bytes()[: end_of(entries)])
    return folder, entries


def changed(five: tuple[Path, list[Entry]], folder: Path, change: Callable[[bytes], bytes]) -> Path:
    shutil.copytree(five[0], folder)
    path = segment_path(folder, 1)
    path.write_bytes(change(path.read_bytes()))
    return folder


def test_every_cut_within_the_last_two_entries_is_repaired_and_told(five: tuple[Path, list[Entry]], tmp_path: Path):
    """S-703."""
    entries = five[1]
    whole = segment_path(five[0], 1).read_bytes()
    ends = {end_of(entries[:count]): count for count in range(3, 6)}
    start = min(ends)
    for size in range(start, len(whole)):
        folder = changed(five, tmp_path / str(size), lambda data, size=size: data[:size])
        stays = max(count for end, count in ends.items() if end <= size)

        with opened(folder) as log:
            told = [(repair.after, repair.size) for repair in log.repairs]
            kept = [(folder / repair.kept).read_bytes() for repair in log.repairs]
            log.append(EntryKind.CONTROL, RUN, b"after")

        torn = whole[end_of(entries[:stays]) : size].rstrip(b"\0")
        assert told == ([(stays, len(torn))] if torn else [])
        assert kept == ([torn] if torn else [])
        assert [entry.body for entry in read_entries(folder)] == [e.body for e in entries[:stays]] + [b"after"]
        assert verify(folder).ok


@pytest.mark.parametrize(
    ("tail", "is_told"),
    [
        pytest.param(bytes(5_000), False, id="zero bytes are room for more"),
        pytest.param(b"garbage", True, id="garbage"),
        pytest.param(b"\xffSBe" * 20, True, id="marks of entries that are none"),
        pytest.param(bytes(100) + b"x" + bytes(100), True, id="garbage among zero bytes"),
    ],
)
def test_what_is_no_entry_behind_the_last_is_cut_off(
    five: tuple[Path, list[Entry]], tmp_path: Path, tail: bytes, is_told: bool
):
    folder = changed(five, tmp_path / "journal", lambda data: data + tail)

    with opened(folder) as log:
        assert len(log.repairs) == is_told
        assert log.last == five[1][-1]
        assert all(tail.startswith((folder / repair.kept).read_bytes()) for repair in log.repairs)
    with opened(folder) as log:
        assert log.repairs == ()


def test_what_repairs_cut_off_is_never_written_over(five: tuple[Path, list[Entry]], tmp_path: Path):
    folder = changed(five, tmp_path / "journal", lambda data: data + b"first")
    opened(folder).close()
    path = segment_path(folder, 1)
    with path.open("r+b") as file:
        file.seek(end_of(five[1]))
        file.write(b"second")

    with opened(folder) as log:
        [repair] = log.repairs

    assert sorted(each.read_bytes() for each in folder.glob("*.torn-*")) == [b"first", b"second"]
    assert repair.kept.endswith("-2")
    assert "6 bytes behind entry 5" in str(repair)


def test_a_group_that_was_never_synced_may_have_a_hole(tmp_path: Path):
    with opened(tmp_path) as log:
        entries = [log.append(EntryKind.DECIDED, RUN, b"synced")]
        log.sync()
        entries += [log.append(EntryKind.DECIDED, RUN, body) for body in (b"lost", b"on disk")]
    without_head(tmp_path)
    path = segment_path(tmp_path, 1)
    start, end = end_of(entries[:1]), end_of(entries[:2])
    path.write_bytes(path.read_bytes()[:start] + bytes(end - start) + path.read_bytes()[end:])

    assert list(read_entries(tmp_path)) == entries[:1]
    with opened(tmp_path) as log:
        assert [repair.after for repair in log.repairs] == [1]
        assert log.last == entries[0]


def test_what_was_acknowledged_is_never_cut_off(five: tuple[Path, list[Entry]], tmp_path: Path):
    """S-703: Every later entry says which were on disk before it."""
    entries = five[1]
    for count in range(4):
        place = end_of(entries[:count]) + 20
        folder = changed(
            five, tmp_path / str(count), lambda data, at=place: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        )
        before = segment_path(folder, 1).read_bytes()

        assert code_of(lambda folder=folder: opened(folder)) == "journal_damaged"
        assert code_of(lambda folder=folder: list(read_entries(folder))) == "journal_damaged"
        assert segment_path(folder, 1).read_bytes() == before


def test_nothing_is_cut_off_that_the_head_has_seen(tmp_path: Path):
    entries = written(tmp_path, [b"one", b"two"])
    path = segment_path(tmp_path, 1)
    path.write_bytes(path.read_bytes()[: end_of(entries) - 1])

    with pytest.raises(JournalError, match="ends with entry 1, and entry 2 was on disk"):
        opened(tmp_path)
    assert code_of(lambda: list(read_entries(tmp_path))) == "journal_damaged"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param(HEAD, b"2:" + b"0" * 64, "journal_damaged", id="a head of another journal"),
        pytest.param(HEAD, b"what?", "journal_damaged", id="a head that says nothing"),
        pytest.param("000001.log", b"", "journal_damaged", id="an empty segment"),
        pytest.param("000001.log", b"x" * 500, "journal_damaged", id="a segment of something else"),
        pytest.param("000003.log", b"", "journal_damaged", id="a segment too many"),
        pytest.param("000003.log", SegmentHeader(3, 9, bytes(32)).encoded(), "journal_damaged", id="a segment missing"),
        pytest.param("000002.log", SegmentHeader(3, 3, bytes(32)).encoded(), "journal_damaged", id="a wrong number"),
        pytest.param("000002.log", SegmentHeader(2, 3, bytes(32)).encoded(), "journal_damaged", id="a wrong hash"),
        pytest.param("000002.log", SegmentHeader(2, 9, bytes(32)).encoded(), "journal_damaged", id="entries missing"),
    ],
)
def test_damage_that_is_not_at_the_end_is_not_repaired(tmp_path: Path, name: str, content: bytes, code: str):
    """S-703."""
    written(tmp_path, [b"one", b"two"])
    (tmp_path / name).write_bytes(content)

    assert code_of(lambda: opened(tmp_path)) == code
    assert code_of(lambda: list(read_entries(tmp_path))) == code


def test_a_journal_without_its_segments_is_not_begun_anew(tmp_path: Path):
    written(tmp_path, [b"one"])
    segment_path(tmp_path, 1).unlink()

    assert code_of(lambda: opened(tmp_path)) == "journal_damaged"
    assert code_of(lambda: list(read_entries(tmp_path))) == "journal_not_found"


def test_a_crash_while_a_segment_is_begun_leaves_the_one_before_or_both(tmp_path: Path):
    entries = written(tmp_path, [b"one", b"two"])
    unfinished = tmp_path / "000002.log.new"
    unfinished.write_bytes(b"half a head")
    with opened(tmp_path) as log:
        assert log.last == entries[-1]
    assert not unfinished.exists()

    SegmentFile.begin(tmp_path, SegmentHeader(2, 3, bytes.fromhex(entries[-1].hash)), 100).close()
    with opened(tmp_path) as log:
        assert log.last == entries[-1]
        entries.append(log.append(EntryKind.CONTROL, RUN, b"three"))

    assert list(read_entries(tmp_path)) == entries
    assert verify(tmp_path).ok


def _in_a_format_of_the_future(folder: Path) -> None:
    written(folder, [b"one"])
    path = segment_path(folder, 1)
    fields = bytearray(path.read_bytes()[: HEADER_SIZE - 4])
    fields[8] = 2
    path.write_bytes(fields + crc32(fields).to_bytes(4, "little") + path.read_bytes()[HEADER_SIZE:])


def _with_a_kind_of_the_future(folder: Path) -> None:
    payload = payload_of(1, 0, NOON, (b"prophecy", b""), b"")
    digest = chain_hash(BEFORE_FIRST, payload)
    segment_path(folder, 1).write_bytes(SegmentHeader(1, 1, BEFORE_FIRST).encoded() + framed(digest, payload))


@pytest.mark.parametrize("write", [_in_a_format_of_the_future, _with_a_kind_of_the_future])
def test_what_a_newer_version_wrote_is_left_to_it(tmp_path: Path, write: Callable[[Path], None]):
    write(tmp_path)

    assert code_of(lambda: opened(tmp_path)) == "journal_too_new"
    assert code_of(lambda: list(read_entries(tmp_path))) == "journal_too_new"


def test_reading_keeps_one_entry_in_memory(tmp_path: Path):
    import tracemalloc

    with opened(tmp_path, segment_bytes=4 << 20) as log:
        for _ in range(160):
            log.append(EntryKind.TEXTS, RUN, bytes(100_000))
    tracemalloc.start()
    count = sum(1 for _ in read_entries(tmp_path))
    verdict = verify(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (count, verdict.ok) == (160, True)
    assert peak < 4_000_000
