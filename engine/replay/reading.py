"""
Reads archives by several processes; what is found comes in the order of the archives, whoever read it.

Processes hand over files of plain bytes, never objects. The one that decides reads too, while it waits.
"""

import gc
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import pyarrow as pa

from engine.decide.terms import Terms
from engine.model.errors import ArchiveError
from engine.model.playbook import Playbook
from engine.model.reading import ReadRules
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.piece import Piece, read_pieces, write_piece
from engine.replay.sifting import Sifter
from engine.replay.spool import no_room
from engine.replay.tasks import Misread, Task, pieces_behind, pieces_of

Told = tuple[Playbook, ReadRules, str]


@dataclass(frozen=True, slots=True)
class FoundPiece:
    """A piece of a file. first: the place of its first entry in the file."""

    path: Path
    first: int
    piece: Piece


def read(
    tasks: Sequence[Task], rulebook: Rulebook, edited: pa.Int64Array, processes: int
) -> Generator[FoundPiece, None, None]:
    """
    Yield what all tasks find, in their order.

    edited: see Sifter. processes: how many read; the caller's is one of them.
    Raises: ArchiveError, when the fault is met: what stands before it has been yielded.
    """
    sifter = Sifter(rulebook, edited)
    if processes < 2 or len(tasks) < 2:
        yield from _in_turn(tasks, sifter, partial(pieces_of, sifter=sifter))
        return
    others = min(processes, len(tasks)) - 1
    told = tuple((live.playbook, live.reader.rules, live.content_hash) for live in rulebook.playbooks)
    with TemporaryDirectory() as folder:
        start = (told, edited.to_pylist(), Path(folder))
        with ProcessPoolExecutor(others, get_context("spawn"), initializer=_start, initargs=start) as pool:
            shared = _Shared(tasks, pool, others, _Reader(sifter, Path(folder)))
            try:
                yield from _in_turn(tasks, sifter, shared.pieces_of)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _in_turn(tasks: Sequence[Task], sifter: Sifter, pieces: Callable[[Task], Iterator[Piece]]) -> Iterator[FoundPiece]:
    entries: dict[Path, int] = {}
    misread: set[Path] = set()
    for task in tasks:
        if task.path in misread:
            continue
        first = entries.get(task.path, 0)
        try:
            for piece in pieces(task):
                yield FoundPiece(task.path, first, piece)
                entries[task.path] = entries.get(task.path, 0) + piece.entries
        except Misread:
            misread.add(task.path)
            first = entries.get(task.path, 0)
            for piece in pieces_behind(task.path, first, sifter):
                yield FoundPiece(task.path, first, piece)


class _Shared:
    """Tasks read by other processes, and by this one while it would have to wait."""

    def __init__(self, tasks: Sequence[Task], pool: ProcessPoolExecutor, others: int, mine: "_Reader") -> None:
        self._left = deque(tasks)
        self._pool = pool
        self._others = others
        self._mine = mine
        self._under_way: dict[Task, Future[Path | None]] = {}
        self._done: dict[Task, Path | None] = {}

    def pieces_of(self, task: Task) -> Iterator[Piece]:
        """Yield what a task finds; tasks are asked for in their order."""
        while task not in self._done:
            self._go_on(task)
        file = self._done.pop(task)
        if file is None:
            # It met a fault, or its process died: read here, it says which.
            yield from pieces_of(task, self._mine.sifter)
            return
        with file.open("rb") as pieces:
            yield from read_pieces(pieces)
        file.unlink()

    def _go_on(self, task: Task) -> None:
        """Come nearer to having a task done."""
        self._hand_out()
        future = self._under_way.get(task)
        if future is not None and (future.done() or not self._left):
            self._done[task] = _result(self._under_way.pop(task))
        else:
            mine = self._left.popleft()
            self._done[mine] = self._mine.read(mine)

    def _hand_out(self) -> None:
        # One more than there are processes, so that none waits for the next.
        while self._left and sum(not each.done() for each in self._under_way.values()) <= self._others:
            try:
                future = self._pool.submit(_read_elsewhere, self._left[0])
            except BrokenProcessPool:
                return
            self._under_way[self._left.popleft()] = future


def _result(future: "Future[Path | None]") -> Path | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tasks into files of a folder."""

    sifter: Sifter
    folder: Path

    def read(self, task: Task) -> Path | None:
        """Return the file of all pieces of a task; None when it met a fault, which is not told here."""
        try:
            with NamedTemporaryFile(dir=self.folder, delete=False) as file:
                for piece in pieces_of(task, self.sifter):
                    write_piece(file, piece)
        except (Misread, ArchiveError):
            return None
        except OSError as e:
            raise no_room(e) from e
        return Path(file.name)


# What a process that only reads was started with; pickled once, not with every task.
_started_with: list[_Reader] = []


def _start(told: tuple[Told, ...], edited: list[int], folder: Path) -> None:
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # as in the replay itself
    playbooks = tuple(LivePlaybook(Terms(playbook), Reader(rules), version) for playbook, rules, version in told)
    sifter = Sifter(Rulebook(None, playbooks, ()), pa.array(edited, pa.int64()))
    _started_with.append(_Reader(sifter, folder))


def _read_elsewhere(task: Task) -> Path | None:
    return _started_with[0].read(task)
