"""What may be sent: restrictions, the file that holds them, and the journal beside it."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.trading_state import (
    EVERYWHERE,
    Place,
    lifted,
    place_of,
    read_place,
    restricted,
    stricter,
    strictest,
    why_not_lifted,
)
from engine.app.trading_state_file import TORN, UNREADABLE, FileRestrictions, TradingStateError, TradingStateFile
from engine.app.trading_states import TradingStates
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import Desk, Permission, Person
from engine.model.errors import JournalError
from engine.model.source import Span
from engine.plan.entries import ENGINE, Controlled, TradeBody, TradeEntry
from engine.playbook.rulebook import load_rulebook

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
REDUCING, HALTED = TradingState.REDUCING, TradingState.HALTED
ALL = Restriction(REDUCING, Scope.ALL, "", "carol", "quotes look wrong")
MAIN = Restriction(REDUCING, Scope.ACCOUNT, "main", "dave", "margin")
THROTTLE = Restriction(REDUCING, Scope.PLAYBOOK, "momentum", ENGINE, "opened 5 times within 10 m")
PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


@pytest.fixture
def file(tmp_path: Path) -> TradingStateFile:
    return TradingStateFile(tmp_path / "trading-state.json")


def kill(file: TradingStateFile, *added: Restriction) -> tuple[Restriction, ...]:
    for each in added:
        known = file.change(lambda known, each=each: restricted(known, each), tightens=True)
    return known


# ---------------------------------------------------------------- restrictions


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("all", EVERYWHERE),
        ("account:main", Place(Scope.ACCOUNT, "main")),
        ("Playbook:momentum", Place(Scope.PLAYBOOK, "momentum")),
        ("author:301234567890123456", Place(Scope.AUTHOR, "301234567890123456")),
        ("channel: 125", Place(Scope.CHANNEL, "125")),
    ],
)
def test_places_are_read_as_they_are_written(text: str, place: Place):
    assert read_place(text) == place
    assert read_place(str(place)) == place


@pytest.mark.parametrize("text", ["", "main", "account", "account:", "all:main", "desk:main"])
def test_what_is_no_place_is_refused(text: str):
    with pytest.raises(ValueError, match="none of all, account:ALIAS"):
        read_place(text)


@pytest.mark.parametrize(
    ("known", "added", "expected"),
    [
        pytest.param((), ALL, (ALL,), id="the first"),
        pytest.param((MAIN,), ALL, (MAIN, ALL), id="another place"),
        pytest.param(
            (ALL,), Restriction(HALTED, Scope.ALL, "", "carol", "worse"),
            (Restriction(HALTED, Scope.ALL, "", "carol", "worse"),), id="tightened",
        ),
        pytest.param(
            (Restriction(HALTED, Scope.ALL, "", "carol", "worse"),), ALL,
            (Restriction(HALTED, Scope.ALL, "", "carol", "quotes look wrong"),), id="never loosened by a second kill",
        ),
        pytest.param((THROTTLE,), Restriction(REDUCING, Scope.PLAYBOOK, "momentum", "carol", "me too"),
            (THROTTLE, Restriction(REDUCING, Scope.PLAYBOOK, "momentum", "carol", "me too")), id="the throttle stays"),
    ],
)  # fmt: skip
def test_a_restriction_is_added(known: tuple[Restriction, ...], added: Restriction, expected: tuple[Restriction, ...]):
    """S-880."""
    assert restricted(known, added) == expected


def test_what_is_lifted_is_what_holds_for_exactly_that_place():
    """S-880."""
    assert lifted((ALL, MAIN, THROTTLE), EVERYWHERE) == (MAIN, THROTTLE)
    assert lifted((ALL, MAIN), Place(Scope.ACCOUNT, "other")) == (ALL, MAIN)


restrictions = st.builds(
    Restriction,
    st.sampled_from([REDUCING, HALTED]),
    st.sampled_from([Scope.ACCOUNT, Scope.AUTHOR, Scope.PLAYBOOK]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["carol", "dave", ENGINE]),
    st.text(max_size=8),
)
several = st.lists(restrictions, max_size=6).map(lambda found: stricter((), tuple(found)))


def state_at(known: tuple[Restriction, ...], place: Place) -> TradingState:
    return strictest(each.state for each in known if place_of(each) == place)


@given(several, several)
def test_of_two_the_stricter_counts_everywhere(one: tuple[Restriction, ...], other: tuple[Restriction, ...]):
    """S-883."""
    both = stricter(one, other)

    for place in {place_of(each) for each in (*one, *other)}:
        assert state_at(both, place) is strictest((state_at(one, place), state_at(other, place)))
    assert stricter(both, one) == stricter(both, stricter(one, ()))
    assert {place_of(each) for each in both} == {place_of(each) for each in (*one, *other)}


def desk() -> Desk:
    found = load_rulebook([PLAYBOOKS], runs_examples=False).desk
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("has_desk", "by", "gone", "why_not"),
    [
        pytest.param(True, "dave", (ALL,), None, id="a person who may control"),
        pytest.param(True, "mallory", (ALL,), "the desk knows nobody named 'mallory'", id="nobody"),
        pytest.param(True, "eve", (ALL,), "eve has no permission to control", id="a person who may not"),
        pytest.param(True, "dave", (THROTTLE,), None, id="a throttle, by a person of the desk"),
        pytest.param(False, "anybody", (ALL,), None, id="no desk: what a person has set"),
        pytest.param(False, "anybody", (ALL, THROTTLE), "the engine has set it", id="no desk: a throttle"),
    ],
)
def test_who_may_lift(*, has_desk: bool, by: str, gone: tuple[Restriction, ...], why_not: str | None):
    """S-885."""
    eve = Person("eve", "9", frozenset({Permission.APPROVE}), Span("", 0, 0, 0, 0))
    there = desk()
    object.__setattr__(there, "people", (*there.people, eve))

    said = why_not_lifted(there if has_desk else None, by, gone)

    assert said is None if why_not is None else why_not in str(said)


# ---------------------------------------------------------------- the file


def test_what_was_written_is_read_by_another_process_at_once(file: TradingStateFile):
    """S-881."""
    reader = FileRestrictions(TradingStateFile(file.path))
    assert reader.in_force(NOON) is None

    for added in (ALL, MAIN, THROTTLE):
        known = kill(file, added)
        assert reader.in_force(NOON) == known
    assert reader.in_force(NOON) == (ALL, MAIN, THROTTLE)
    assert file.change(lambda known: lifted(known, EVERYWHERE), tightens=False) == (MAIN, THROTTLE)
    assert reader.in_force(NOON) == (MAIN, THROTTLE)


def test_the_file_is_json_of_a_size_that_never_changes(file: TradingStateFile):
    sizes = set()
    for number in range(5):
        kill(file, Restriction(REDUCING, Scope.AUTHOR, str(number), "carol", "x" * 400))
        sizes.add(file.path.stat().st_size)
        json.loads(file.path.read_text())

    assert len(sizes) == 1


def spoiled(file: TradingStateFile, place: int) -> None:
    with file.path.open("r+b") as opened:
        opened.seek(place)
        opened.write(b"#")


SECOND_SLOT = 32 * 1024 + 4


def test_a_change_that_was_cut_off_leaves_the_one_before_and_denies_openings(file: TradingStateFile):
    """S-882."""
    halted = Restriction(HALTED, Scope.ACCOUNT, "main", "carol", "before")
    kill(file, halted, ALL)
    newest = max((2, SECOND_SLOT), key=lambda place: json.loads(slot(file, place))["revision"])
    spoiled(file, newest + 5)

    assert file.restrictions() == (halted, TORN)
    assert kill(file, MAIN) == (halted, TORN, MAIN)
    assert file.restrictions() == (halted, TORN, MAIN)
    assert file.change(lambda known: lifted(known, EVERYWHERE), tightens=False) == (halted, MAIN)
    assert file.restrictions() == (halted, MAIN)


def slot(file: TradingStateFile, place: int) -> bytes:
    return file.path.read_bytes()[place : place + 32 * 1024]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="something else"),
        pytest.param(b"\0" * 70_000, id="zeros"),
        pytest.param(None, id="a folder"),
    ],
)
def test_what_cannot_be_read_denies_openings(file: TradingStateFile, content: bytes | None):
    """S-882."""
    if content is None:
        file.path.mkdir()
    else:
        file.path.write_bytes(content)

    state = file.read()

    assert (state.restrictions, state.is_there) == (None, True)
    assert str(file.path) in state.why
    assert state.known == (UNREADABLE,)
    if content is not None:
        assert kill(file, MAIN) == (UNREADABLE, MAIN)


@pytest.mark.parametrize("change", [{"signalbook": 2}, {"revision": 9}, {"restrictions": []}, {"sum": ""}])
def test_a_slot_that_was_altered_does_not_count(file: TradingStateFile, change: dict[str, object]):
    """S-882."""
    kill(file, ALL)
    altered = [json.dumps({**each, **change}).encode().ljust(32 * 1024) for each in json.loads(file.path.read_text())]
    file.path.write_bytes(b"[\n" + b",\n".join(altered) + b"\n]\n")

    assert file.restrictions() is None


def test_more_restrictions_than_there_is_room_for_restrict_everything(file: TradingStateFile):
    """S-882."""
    many = tuple(Restriction(REDUCING, Scope.AUTHOR, str(n), "carol", "why " * 30) for n in range(300))
    halted = Restriction(HALTED, Scope.AUTHOR, "x", "carol", "why")

    [everything] = file.change(lambda _: (*many, halted), tightens=True)

    assert file.restrictions() == (everything,)
    assert (everything.state, everything.scope, everything.by) == (HALTED, Scope.ALL, ENGINE)
    assert "301 restrictions" in everything.why


# ---------------------------------------------------------------- a full disk, a limit, a crash


@contextmanager
def full_memory_disk(folder: Path) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (folder / "filler").write_bytes(bytes(2 << 20))


def test_a_full_disk_takes_every_change(tmp_path: Path):
    """S-881."""
    with full_memory_disk(tmp_path):
        file = TradingStateFile(tmp_path / "trading-state.json")
        kill(file, MAIN)
        fill(tmp_path)

        for number in range(20):
            kill(file, Restriction(REDUCING, Scope.AUTHOR, str(number), "carol", "x" * 200))
        file.change(lambda known: lifted(known, Place(Scope.AUTHOR, "0")), tightens=False)

        known = TradingStateFile(file.path).restrictions()
        assert known is not None
        assert [each.of for each in known] == ["main", *map(str, range(1, 20))]


def test_a_full_disk_on_which_the_file_is_yet_to_be_made_denies_openings(tmp_path: Path):
    """S-882."""
    with full_memory_disk(tmp_path):
        file = TradingStateFile(tmp_path / "trading-state.json")
        fill(tmp_path)

        with pytest.raises(TradingStateError) as raised:
            kill(file, ALL)

        assert (raised.value.code, raised.value.is_denying) == ("state_unwritable", True)
        assert file.restrictions() is None
        assert file.read().known == (UNREADABLE,)


@contextmanager
def limit_of_nothing() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("tightens", [True, False])
def test_where_not_even_its_own_bytes_can_be_written_a_kill_empties_the_file(file: TradingStateFile, *, tightens: bool):
    """S-882."""
    kill(file, MAIN)
    with limit_of_nothing(), pytest.raises(TradingStateError) as raised:
        file.change(lambda known: restricted(known, ALL), tightens=tightens)

    assert raised.value.is_denying is tightens
    assert file.restrictions() == (None if tightens else (MAIN,))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "home").write_text("")

    with pytest.raises(TradingStateError) as raised:
        kill(TradingStateFile(tmp_path / "home" / "trading-state.json"), ALL)

    assert (raised.value.code, raised.value.is_denying) == ("state_unwritable", False)


# Adds one restriction after another, and tells each that is written.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from engine.app.trading_state import restricted
from engine.app.trading_state_file import TradingStateFile
from engine.model.activity import Restriction, Scope, TradingState

file, name, most = TradingStateFile(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for number in range(most):
    added = Restriction(TradingState.REDUCING, Scope.AUTHOR, f"{name}{number % 40}", name, str(number))
    file.change(lambda known: restricted(known, added), tightens=True)
    print(number, flush=True)
"""


def test_two_processes_take_turns(file: TradingStateFile):
    """S-881."""
    commands = [[sys.executable, "-c", WRITER, str(file.path), name, "30"] for name in ("carol", "dave")]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    reader = FileRestrictions(TradingStateFile(file.path))
    while any(each.poll() is None for each in running):
        known = reader.in_force(NOON)
        assert known is None or TORN not in known

    assert [each.returncode for each in running] == [0, 0]
    known = file.restrictions()
    assert known is not None
    assert {each.of for each in known} == {f"{name}{n}" for name in ("carol", "dave") for n in range(30)}


@pytest.mark.parametrize("wanted", [1, 7, 30])
def test_what_was_said_to_be_written_outlives_a_kill(file: TradingStateFile, wanted: int):
    """S-881."""
    command = [sys.executable, "-c", WRITER, str(file.path), "carol", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(wanted)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
    last = max(int(line) for line in said if line.endswith("\n"))

    known = file.restrictions()

    assert known is not None
    assert max((int(each.why) for each in known if each is not TORN), default=-1) >= last


# ---------------------------------------------------------------- file and journal


class Log:
    """A journal in memory, which may refuse (see ports.TradeLog)."""

    can_open = True

    def __init__(self) -> None:
        self.bodies: list[TradeBody] = []
        self.order: list[str] = []
        self.refuses = False

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        assert urgent
        if self.refuses:
            raise JournalError("journal_full", "the reserve is used up")
        self.bodies.append(body)
        self.order.append("written")
        return TradeEntry(len(self.bodies), NOON, body)

    def sync(self) -> None:
        self.order.append("synced")

    @property
    def last(self) -> tuple[Restriction, ...]:
        body = self.bodies[-1]
        assert isinstance(body, Controlled)
        return body.restrictions


def states(file: TradingStateFile, log: Log, *journaled: Restriction) -> TradingStates:
    made = TradingStates(file, log)
    if journaled:
        made.restore(TradeEntry(1, NOON, Controlled("kill", "carol", "why", journaled)))
    return made


def test_a_first_start_makes_the_file_and_is_active(file: TradingStateFile):
    """S-883."""
    log = Log()
    made = states(file, log)
    assert made.in_force(NOON) is None

    assert made.level() == ""

    assert (made.in_force(NOON), file.restrictions(), log.bodies) == ((), (), [])


@pytest.mark.parametrize(
    ("before", "journaled", "agreed"),
    [
        pytest.param((ALL,), (), {ALL}, id="killed while no engine ran"),
        pytest.param((), (ALL,), {ALL}, id="the file was put back to an older one"),
        pytest.param((ALL,), (MAIN,), {ALL, MAIN}, id="each knows another"),
        pytest.param(None, (ALL,), {ALL}, id="the file is gone"),
        pytest.param(b"spoilt", (MAIN,), {UNREADABLE, MAIN}, id="the file cannot be read"),
        pytest.param((), (), set(), id="nothing"),
    ],
)
def test_where_file_and_journal_disagree_the_stricter_of_both_counts(
    file: TradingStateFile,
    before: tuple[Restriction, ...] | bytes | None,
    journaled: tuple[Restriction, ...],
    agreed: set[Restriction],
):
    """S-883."""
    if isinstance(before, bytes):
        file.path.write_bytes(before)
    elif before is not None:
        file.change(lambda _: before, tightens=True)
    log = Log()
    made = states(file, log, *journaled)

    made.level()

    for known in (made.in_force(NOON), file.restrictions(), log.last if log.bodies else journaled):
        assert known is not None
        assert set(known) == agreed
    assert made.level() == ""


def test_what_another_process_writes_counts_before_it_is_in_the_journal(file: TradingStateFile):
    """S-883."""
    log = Log()
    made = states(file, log)
    made.level()

    kill(TradingStateFile(file.path), ALL)

    assert made.in_force(NOON) == (ALL,)
    assert made.level() == "reducing all by carol: quotes look wrong"
    assert log.last == (ALL,)


def test_while_the_file_cannot_be_read_nothing_opens(file: TradingStateFile):
    """S-882."""
    made = states(file, Log())
    made.level()
    file.path.unlink()

    assert made.in_force(NOON) is None


def test_a_restriction_is_in_the_file_before_it_is_in_the_journal(file: TradingStateFile):
    """S-881."""
    log = Log()
    made = states(file, log)
    log.write = lambda body, urgent: log.bodies.append((body, file.restrictions()))  # type: ignore[method-assign,assignment]

    done = made.restrict(ALL, "kill")

    assert (done.restrictions, done.problems) == ((ALL,), ())
    assert log.bodies == [(Controlled("kill", "carol", "quotes look wrong", (ALL,)), (ALL,))]


@pytest.mark.parametrize(
    ("limit", "journal_refuses", "problems"),
    [
        pytest.param(nullcontext, True, ["the reserve is used up"], id="the journal"),
        pytest.param(limit_of_nothing, False, ["cannot be written"], id="the file"),
        pytest.param(limit_of_nothing, True, ["cannot be written", "the reserve is used up"], id="both"),
    ],
)
def test_a_kill_is_in_force_even_where_it_cannot_be_written(
    file: TradingStateFile, limit: Callable[[], AbstractContextManager[None]], problems: list[str], *,
    journal_refuses: bool,
):  # fmt: skip
    """S-881."""
    log = Log()
    made = states(file, log)
    made.level()
    log.refuses = journal_refuses

    with limit():
        done = made.restrict(MAIN, "kill")
        in_force = made.in_force(NOON)

    assert [part in said for part, said in zip(problems, done.problems, strict=True)] == [True] * len(problems)
    assert in_force is None or MAIN in in_force
    assert MAIN in done.restrictions


def test_what_is_lifted_leaves_the_journal_first(file: TradingStateFile):
    """S-884."""
    log = Log()
    made = states(file, log, ALL, MAIN)
    made.level()
    log.refuses = True

    with pytest.raises(JournalError):
        made.lift(EVERYWHERE, "carol", "over")
    assert made.in_force(NOON) == (ALL, MAIN)

    log.refuses = False
    assert made.at(EVERYWHERE) == (ALL,)
    with limit_of_nothing(), pytest.raises(TradingStateError):
        made.lift(EVERYWHERE, "carol", "over")
    assert made.in_force(NOON) == (ALL, MAIN)

    assert made.lift(EVERYWHERE, "carol", "over") == (ALL,)
    assert (made.in_force(NOON), file.restrictions(), log.last) == ((MAIN,), (MAIN,), (MAIN,))


def test_a_kill_that_comes_while_another_is_lifted_stays(file: TradingStateFile):
    """S-975: what was not there when somebody looked at what to lift is not lifted with it."""
    log = Log()
    made = states(file, log, ALL)
    made.level()
    halted, again = replace(ALL, state=HALTED, by="dave"), replace(ALL, why="worse")
    written = log.write

    def write(body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        kill(TradingStateFile(file.path), halted, again)  # by a process of its own, as `signalbook kill` does
        return written(body, urgent=urgent)

    log.write = write  # type: ignore[method-assign]

    assert made.lift(EVERYWHERE, "carol", "over") == (ALL,)
    assert made.in_force(NOON) == (again, halted)
    assert file.restrictions() == (again, halted)
