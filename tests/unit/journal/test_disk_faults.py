"""A full disk, a limit, a folder that cannot be written, a disk that fails: openings stop, and nothing is lost."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import pytest

from engine.journal.log import JournalLog, read_entries
from engine.journal.verify_log import verify
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError

NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
RESERVE = 64 * 1024
NOBODY = 65534
MIB = 1 << 20


def opened(folder: Path, segment_bytes: int = 64 * MIB) -> JournalLog:
    return JournalLog.open(folder, lambda: NOON, segment_bytes=segment_bytes, reserve_bytes=RESERVE)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(JournalError) as raised:
        work()
    return raised.value.code


def filled(log: JournalLog, *, urgent: bool = False) -> list[Entry]:
    """Append until there is no room left."""
    entries: list[Entry] = []

    def fill() -> None:
        while True:
            entries.append(log.append(EntryKind.DECIDED, "feed", bytes(4_000), urgent=urgent))

    assert code_of(fill) == "journal_full"
    log.sync()
    return entries


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[Path]:
    """A small file system; the test is skipped where none may be mounted."""
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", *arguments, str(folder)], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def small_memory_disk(folder: Path) -> Iterator[Path]:
    with mounted(folder / "disk", "-t", "tmpfs", "-o", "size=3m", "tmpfs") as disk:
        yield disk


@contextmanager
def small_ext4(folder: Path) -> Iterator[Path]:
    image = folder / "image"
    image.write_bytes(bytes(6 * MIB))
    if shutil.which("mkfs.ext4") is None or subprocess.run(["mkfs.ext4", "-q", str(image)]).returncode:
        pytest.skip("no ext4 here")
    with mounted(folder / "disk", "-o", "loop", str(image)) as disk:
        yield disk


@contextmanager
def limit_of_file_size(folder: Path) -> Iterator[Path]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MIB, hard))
    try:
        yield folder / "disk"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("disk", "segment_bytes"),
    [
        pytest.param(small_memory_disk, 64 * MIB, id="memory, one segment"),
        pytest.param(small_memory_disk, 200_000, id="memory, many segments"),
        pytest.param(small_ext4, 64 * MIB, id="ext4, one segment"),
        pytest.param(small_ext4, 200_000, id="ext4, many segments"),
        pytest.param(limit_of_file_size, 64 * MIB, id="a limit of file size"),
    ],
)
def test_a_full_disk_stops_openings_and_leaves_room_for_closes(
    tmp_path: Path, disk: Callable[[Path], AbstractContextManager[Path]], segment_bytes: int
):
    """S-705."""
    with disk(tmp_path) as place:
        folder = place / "journal"
        log = opened(folder, segment_bytes)
        openings = filled(log)

        assert not log.can_open
        assert code_of(lambda: log.append(EntryKind.DECIDED, "feed", b"")) == "journal_full"
        assert log.can_spare
        closes = filled(log, urgent=True)
        assert len(closes) > RESERVE // 4_500
        assert not log.can_spare
        assert list(read_entries(folder)) == openings + closes
        log.close()

        with opened(folder, segment_bytes) as again:
            assert not again.can_open
            assert again.last == closes[-1]
        verdict = verify(folder)
        assert (verdict.ok, verdict.unwitnessed, verdict.torn_bytes) == (True, 0, 0)


def test_openings_go_on_when_there_is_room_again(tmp_path: Path):
    with small_memory_disk(tmp_path) as disk:
        (disk / "other").write_bytes(bytes(2 * MIB))
        with opened(disk / "journal") as log:
            entries = filled(log)
        (disk / "other").unlink()

        with opened(disk / "journal") as log:
            assert log.can_open
            entries.append(log.append(EntryKind.DECIDED, "feed", b"after"))
        assert list(read_entries(disk / "journal")) == entries


def test_a_journal_that_cannot_even_begin_says_so(tmp_path: Path):
    with small_memory_disk(tmp_path) as disk:
        (disk / "journal").mkdir()
        fill = disk / "other"
        with pytest.raises(OSError, match="No space left"):
            fill.write_bytes(bytes(4 * MIB))

        assert code_of(lambda: opened(disk / "journal")) == "journal_full"


def test_what_an_entry_left_that_did_not_fit_is_gone(tmp_path: Path):
    with small_memory_disk(tmp_path) as disk, opened(disk) as log:
        first = log.append(EntryKind.DECIDED, "feed", b"first")
        assert code_of(lambda: log.append(EntryKind.TEXTS, "feed", bytes(5 * MIB))) == "journal_full"
        assert code_of(lambda: log.append(EntryKind.TEXTS, "feed", bytes(5 * MIB), urgent=True)) == "journal_full"
        second = log.append(EntryKind.DECIDED, "feed", b"second", urgent=True)

        assert list(read_entries(disk)) == [first, second]
        assert verify(disk).torn_bytes == 0


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Without the rights of root, whom no permission binds."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody reaches."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    yield folder
    (folder / "journal").chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("is_begun", [False, True], ids=["nothing in it", "with a journal in it"])
def test_a_folder_that_cannot_be_written_is_told_with_a_remedy(public: Path, is_begun: bool):
    folder = public / "journal"
    folder.mkdir()
    if is_begun:
        with opened(folder) as log:
            log.append(EntryKind.CONTROL, "", b"")
    folder.chmod(0o555)

    with as_somebody_else(), pytest.raises(JournalError) as raised:
        opened(folder)

    assert raised.value.code == "journal_unwritable"
    assert "Permission denied" in raised.value.message
    assert str(folder) in raised.value.message
    assert "let this user write" in raised.value.remedy


def test_a_folder_mounted_read_only_is_told(tmp_path: Path):
    with small_memory_disk(tmp_path) as disk:
        opened(disk / "journal").close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(JournalError, match="Read-only file system") as raised:
            opened(disk / "journal")
        assert raised.value.code == "journal_unwritable"
        assert verify(disk / "journal").ok


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path):
    (tmp_path / "journal").write_text("")

    assert code_of(lambda: opened(tmp_path / "journal")) == "journal_unwritable"
    assert code_of(lambda: list(read_entries(tmp_path / "journal"))) == "journal_not_found"


# The system's own fsync calls, made to fail while a file is there.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) { return access(getenv("FSYNC_FAILS"), F_OK) == 0 ? (errno = EIO, 1) : 0; }
int fdatasync(int file) { return fails() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file); }
int fsync(int file) { return fails() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file); }
"""
# Appends, lets the disk fail, and says what became of each call after it.
BESIDE_A_FAILING_DISK = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from engine.journal.log import JournalLog
from engine.model.entry import EntryKind
from engine.model.errors import JournalError

folder, fails, way = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
now = lambda: datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
log = JournalLog.open(folder, now, segment_bytes=4_000, reserve_bytes=1_000)
for _ in range(3):
    log.append(EntryKind.DECIDED, "feed", b"acknowledged")
log.sync()
fails.touch()
said = []

def attempt(work):
    try:
        said.append([work() and None, log.can_open])
    except JournalError as error:
        said.append([error.code, log.can_open])

if way == "sync":
    log.append(EntryKind.DECIDED, "feed", b"lost, perhaps")
    attempt(log.sync)
else:
    attempt(lambda: log.append(EntryKind.DECIDED, "feed", bytes(5_000)))
fails.unlink()
attempt(log.sync)
attempt(lambda: log.append(EntryKind.DECIDED, "feed", b"", urgent=True))
log.close()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("nothing to compile with")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "shim.so", folder / "shim.c", "-ldl"], check=True)
    return folder / "shim.so"


@pytest.mark.parametrize("way", ["sync", "a new segment"])
def test_a_failed_sync_is_never_tried_again(shim: Path, tmp_path: Path, way: str):
    """S-706."""
    fails = tmp_path / "fails"
    ran = subprocess.run(
        [sys.executable, "-c", BESIDE_A_FAILING_DISK, str(tmp_path / "journal"), str(fails), way],
        env={**os.environ, "LD_PRELOAD": str(shim), "FSYNC_FAILS": str(fails)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(ran.stdout) == [["journal_fsync_failed", False]] * 3
    bodies = [entry.body for entry in read_entries(tmp_path / "journal")]
    assert bodies[:3] == [b"acknowledged"] * 3
    with opened(tmp_path / "journal") as again:
        assert again.can_open
        assert again.repairs == ()


# Tells every entry that is acknowledged; three in four come in groups.
BESIDE_A_KILLER = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from engine.journal.log import JournalLog
from engine.model.entry import EntryKind

now = lambda: datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
log = JournalLog.open(Path(sys.argv[1]), now, segment_bytes=20_000, reserve_bytes=1_000)
print(0, flush=True)
for number in count(1):
    entry = log.append(EntryKind.DECIDED, "feed", bytes(number * 37 % 900))
    if number % 4 == 0:
        log.sync()
        print(entry.seq, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path):
    """S-708."""
    folder = tmp_path / "journal"
    for wanted in (1, 40, 3, 200, 17):
        command = [sys.executable, "-c", BESIDE_A_KILLER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(wanted + 1)]
            process.kill()
            said += process.stdout.readlines()
        acknowledged = max(int(line) for line in said if line.endswith("\n"))

        assert verify(folder).ok
        with opened(folder) as log:
            assert log.last is not None
            assert log.last.seq >= acknowledged
        assert [entry.seq for entry in read_entries(folder)] == list(range(1, log.last.seq + 1))
