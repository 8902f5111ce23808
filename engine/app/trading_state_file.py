"""
The trading states in a file of their own: what a process that is killed, or has no room, still finds and writes.

The file has its whole size from the start: two slots, of which each change takes the older one, so that a change
needs no room on the disk and a torn one leaves the other slot. Whatever cannot be read denies what opens.
"""

import errno
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from engine.app.trading_state import Restrictions, strictest
from engine.journal.disk import sync_file, sync_folder, write_at
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.errors import CodedError
from engine.plan.entries import ENGINE

_FORMAT: Final = 1
_SLOT: Final = 32 * 1024
_HEAD, _BETWEEN, _END = b"[\n", b",\n", b"\n]\n"
_PLACES: Final = (len(_HEAD), len(_HEAD) + _SLOT + len(_BETWEEN))
_SIZE: Final = _PLACES[1] + _SLOT + len(_END)
_MODE: Final = 0o644
_READINGS: Final = 3  # a change under way can be seen half done
_TO_WAIT: Final = 2.0  # seconds for another process that is writing
_BETWEEN_TRIES: Final = 0.01
_LONGEST_WHY: Final = 500
_DIGITS: Final = 20  # of a revision

UNREADABLE: Final = Restriction(
    TradingState.REDUCING, Scope.ALL, "", ENGINE, "the file of trading states could not be read; what it said is gone"
)
TORN: Final = Restriction(
    TradingState.REDUCING, Scope.ALL, "", ENGINE, "a change of the trading states was cut off; say it again"
)


class TradingStateError(CodedError):
    """The file of trading states does not hold what was to be in it. is_denying: whether it now denies openings."""

    def __init__(self, code: str, message: str, remedy: str, *, is_denying: bool) -> None:
        super().__init__(code, message, remedy)
        self.is_denying = is_denying


@dataclass(frozen=True, slots=True)
class FileState:
    """
    What the file says.

    restrictions: None when there is no file, or it cannot be read. revision: of the last change; 0 when unreadable.
    why: it cannot be read; "" when it can, or is not there.
    """

    restrictions: Restrictions | None
    is_there: bool
    revision: int = 0
    why: str = ""

    @property
    def known(self) -> Restrictions:
        """What is in force by it, for the next change: nothing before the first, UNREADABLE where it cannot be read."""
        if self.restrictions is None:
            return (UNREADABLE,) if self.is_there else ()
        return self.restrictions


@dataclass(frozen=True, slots=True)
class _Slot:
    revision: int
    restrictions: Restrictions


class TradingStateFile:
    """The file; any process may read it and change it at any time, and they take turns changing it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: tuple[bytes, FileState] | None = None

    def restrictions(self) -> Restrictions | None:
        """Return what is in force; None when there is no file, or it cannot be read. Never raises."""
        return self.read().restrictions

    def read(self) -> FileState:
        """Return what it says. Never raises."""
        for _ in range(_READINGS):
            try:
                content = _content(self.path)
            except FileNotFoundError:
                return FileState(None, is_there=False)
            except OSError as error:
                return FileState(None, is_there=True, why=f"{self.path} cannot be read: {error.strerror}")
            if self._last is not None and content == self._last[0]:
                return self._last[1]
            state = _state(self.path, content)
            if not state.why and TORN not in state.known:
                break
        self._last = content, state
        return state

    def change(self, alter: Callable[[Restrictions], Restrictions], *, tightens: bool) -> Restrictions:
        """
        Write what comes of what is known, and return it; it is on disk then.

        tightens: it only adds. Such a change waits for nobody for long; where it cannot be written, the file is
        emptied, which denies openings.
        Raises: TradingStateError.
        """
        try:
            handle, is_new = self._opened()
        except OSError as error:
            raise self._unwritable(error, is_denying=False) from error
        try:
            if not _locked(handle) and not tightens:
                message = f"another process has been changing {self.path} for {_TO_WAIT:g} s"
                remedy = "wait for it, or end it, and ask again"
                raise TradingStateError("state_busy", message, remedy, is_denying=False)
            state = FileState(None, is_there=False) if is_new else self.read()
            wanted = _fitting(alter(state.known))
            self._write(handle, wanted, tightens=tightens)
        finally:
            os.close(handle)
        return wanted

    def _opened(self) -> tuple[int, bool]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _MODE), True
        return os.open(self.path, os.O_RDWR), False

    def _write(self, handle: int, wanted: Restrictions, *, tightens: bool) -> None:
        try:
            _put(handle, wanted)
            sync_file(handle)
            sync_folder(self.path.parent)
        except OSError as error:
            is_denying = tightens and _emptied(handle)
            raise self._unwritable(error, is_denying=is_denying) from error

    def _unwritable(self, error: OSError, *, is_denying: bool) -> TradingStateError:
        message = f"{self.path} cannot be written: {error.strerror or error}"
        if is_denying:
            message += "; it was emptied instead, which denies every opening"
        remedy = "see to the disk, or who may write there, and say it again"
        return TradingStateError("state_unwritable", message, remedy, is_denying=is_denying)


class FileRestrictions:
    """Trading states as the file has them at each call (see ports.Restrictions); some 20 microseconds."""

    def __init__(self, file: TradingStateFile) -> None:
        self._file = file

    def in_force(self, at: datetime) -> Restrictions | None:
        """Return every restriction in force; None when the file is not there, or cannot be read."""
        return self._file.restrictions()


# ---------------------------------------------------------------- reading


def _content(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, _SIZE + 1)
    finally:
        os.close(handle)


def _state(path: Path, content: bytes) -> FileState:
    slots = _slots(content)
    if not slots:
        why = f"{path} is empty" if not content else f"{path} does not hold what it should"
        return FileState(None, is_there=True, why=why)
    newest = max(slots, key=lambda slot: slot.revision)
    torn = () if len(slots) == len(_PLACES) else (TORN,)
    return FileState((*newest.restrictions, *torn), is_there=True, revision=newest.revision)


def _slots(content: bytes) -> list[_Slot]:
    """Return the slots that hold what was written into them."""
    if len(content) != _SIZE:
        return []
    found = (_slot(content[place : place + _SLOT]) for place in _PLACES)
    return [slot for slot in found if slot is not None]


def _slot(written: bytes) -> _Slot | None:
    try:
        row = json.loads(written)
        body = row["revision"], row["restrictions"]
        if row["signalbook"] != _FORMAT or row["sum"] != _sum(*body):
            return None
        return _Slot(int(row["revision"]), tuple(_restriction(each) for each in row["restrictions"]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _restriction(row: dict[str, Any]) -> Restriction:
    state, scope = TradingState(row["state"]), Scope(row["scope"])
    return Restriction(state, scope, str(row["of"]), str(row["by"]), str(row["why"]))


def _sum(revision: int, rows: list[dict[str, str]]) -> str:
    return hashlib.sha256(json.dumps([revision, rows], sort_keys=True).encode()).hexdigest()


# ---------------------------------------------------------------- writing


def _locked(handle: int) -> bool:
    """Take the turn to change it; return whether it came in time. Closing the handle gives it back."""
    until = time.monotonic() + _TO_WAIT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_BETWEEN_TRIES)
        except OSError as error:
            return error.errno == errno.ENOLCK  # a file system without locks: there is no turn to wait for
        else:
            return True


def _put(handle: int, wanted: Restrictions) -> None:
    content = os.pread(handle, _SIZE + 1, 0)
    if len(content) != _SIZE:
        os.ftruncate(handle, 0)
        first, second = (_written(revision, wanted) for revision in (1, 2))
        write_at(handle, _HEAD + first + _BETWEEN + second + _END, 0)
        return
    revisions = [getattr(_slot(content[place : place + _SLOT]), "revision", -1) for place in _PLACES]
    written = _written(max(0, *revisions) + 1, wanted)
    for place, revision in zip(_PLACES, revisions, strict=True):
        if revision == -1 or (min(revisions) != -1 and revision == min(revisions)):
            write_at(handle, written, place)


def _written(revision: int, wanted: Restrictions) -> bytes:
    rows = [_row(each) for each in wanted]
    row = {"signalbook": _FORMAT, "revision": revision, "sum": _sum(revision, rows), "restrictions": rows}
    return json.dumps(row).encode().ljust(_SLOT)


def _fitting(wanted: Restrictions) -> Restrictions:
    """Return what there is room for: when it is too much, one restriction for everything."""
    wanted = tuple(replace(each, why=each.why[:_LONGEST_WHY]) for each in wanted)
    return wanted if len(_written(0, wanted).rstrip()) <= _SLOT - _DIGITS else (_instead_of(wanted),)


def _row(restriction: Restriction) -> dict[str, str]:
    state, scope = restriction.state.value, restriction.scope.value
    return {"state": state, "scope": scope, "of": restriction.of, "by": restriction.by, "why": restriction.why}


def _instead_of(wanted: Restrictions) -> Restriction:
    why = f"{len(wanted)} restrictions are more than the file holds, so that everything is restricted"
    return Restriction(strictest(each.state for each in wanted), Scope.ALL, "", ENGINE, why)


def _emptied(handle: int) -> bool:
    try:
        os.ftruncate(handle, 0)
        sync_file(handle)
    except OSError:
        return False
    return True
