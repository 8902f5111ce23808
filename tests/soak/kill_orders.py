"""
Kill a trading desk at every boundary of an order's way, and from outside at random moments.

    python -m tests.soak.kill_orders --each 20 --cold 50 --seed 1

It is told of shares, options, spreads, closes of parts and of everything, edits and deletions, and one of its playbooks
is a canary beside the version that is promoted. Some of the exchanges are awkward: late, out of order, or not there.

A process trades over TCP at an exchange of its own process, and kills itself with SIGKILL right before, within or
right after a named step (see kill_points); in half of the cases the journal loses what it was not synced for, as when
the power fails. It is started again until every intent and order has come to its end. Then journal, database and
exchange must tell the same story: nothing twice, nothing lost, every fill booked once (see kill_checks). Cold starts
are `signalbook trade` itself, killed from outside. Exits 1 when anything broke.
"""

import argparse
import json
import multiprocessing
import os
import pickle
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from random import Random
from subprocess import DEVNULL, Popen, TimeoutExpired

import msgspec

from engine.app.control_client import ControlClient
from engine.app.control_words import ControlError
from engine.app.credentials import PAPER
from engine.app.manifest import code_hash
from engine.model.stages import Stage
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_checks import Case, Report, check
from tests.soak.kill_desk import (
    CHANNELS,
    OPENINGS,
    TO_TRY,
    WIDER,
    Exchange,
    Writer,
    load,
    open_exchange,
    opening_of,
    write_desk,
)
from tests.soak.kill_feed import forked
from tests.soak.kill_messages import Chat, write_export
from tests.soak.kill_points import BOUNDARIES, Trap
from tests.soak.kill_process import Place, promote, run_process

WAVES = 8  # on one exchange, before a new one is opened
TRIES = 6  # to reach a point, before it counts as one that cannot be reached
HUNG = 150.0  # seconds a process may take
KILLED = -9
SHOWN = 20
_AGAIN = 0.25  # of all starts after a kill are killed as well
_COLD_WITHIN = (0.3, 7.0)
_AWKWARDNESS = 0.05  # of all requests, messages and orders at an awkward exchange


@dataclass(frozen=True)
class Desks:
    """
    The files of all homes.

    first: with the version of a playbook that is promoted. second: with the one that becomes a canary beside it.
    playbooks: the folder of the second.
    """

    first: Rulebook
    second: Rulebook
    playbooks: Path


@dataclass
class Tally:
    """What came of it. kills: by point. broken: in words. unreached: points no process came to."""

    kills: Counter[str] = field(default_factory=Counter)
    homes: int = 0
    awkward: int = 0
    power: int = 0
    cold: int = 0
    processes: int = 0
    waves: int = 0
    broken: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.kills += other.kills
        self.counts += other.counts
        self.power, self.cold = self.power + other.power, self.cold + other.cold
        self.homes, self.awkward = self.homes + other.homes, self.awkward + other.awkward
        self.processes, self.waves = self.processes + other.processes, self.waves + other.waves
        self.broken += other.broken
        self.unreached += other.unreached


class Desk:
    """One home at one exchange, through some waves of messages. Nothing of it is shared with another."""

    def __init__(self, folder: Path, desks: Desks, seed: int, awkward: float, tally: Tally) -> None:
        self._desks = desks
        self._says = Random(seed)
        self._tally = tally
        self._is_awkward = self._says.random() < awkward
        self._exchange: Exchange = open_exchange(opening_of(seed, awkwardness=_AWKWARDNESS * self._is_awkward))
        self._place = Place(folder / f"home-{seed}", self._exchange.address)
        self._chat = Chat(Writer(seed, Random(seed)), Random(seed))
        self._held: list[str] = []
        self._report = Report()
        self._wave = 0

    def begin(self) -> bool:
        """Trade in the sandbox until versions may be promoted, and promote them; return whether that went well."""
        self._place.home.mkdir(parents=True)
        self._until_there()
        self._tally.homes, self._tally.awkward = self._tally.homes + 1, self._tally.awkward + self._is_awkward
        self._chat.first(CHANNELS.values(), self._now())
        if not self._finish("the first wave", self._desks.first):
            return False
        promote(self._place, self._desks.first, "trading")
        promote(self._place, self._desks.first, "trying")
        self._chat.first((TO_TRY,), self._now())
        if not self._finish("the first wave of another version", self._desks.second):
            return False
        promote(self._place, self._desks.second, "trying", Stage.CANARY, OPENINGS)
        return True

    def end(self) -> None:
        """End the exchange; a home nothing broke in is removed."""
        self._exchange.end()
        self._tally.counts += Counter(self._report.counts)
        if not any(str(self._place.home) in each for each in self._tally.broken):
            shutil.rmtree(self._place.home)

    def wave(self, points: list[tuple[str, int]]) -> bool:
        """Post a wave and die once, or more often, on the way of it; return whether all is well afterwards."""
        self._next_wave()
        what = []
        for _ in range(3):
            point, tries = points.pop()
            nth = self._says.choice((1, 1, 2, 3)) if tries == 0 else 1
            cuts_power = self._says.random() < 0.5
            what.append(f"{point} ({nth}{', power' if cuts_power else ''})")
            if not self._is_killed(Trap(point, nth, cuts_power)):
                if tries + 1 < TRIES:
                    points.insert(0, (point, tries + 1))
                else:
                    self._tally.unreached.append(point)
                break
            self._tally.kills[point] += 1
            self._tally.power += cuts_power
            if not points or self._says.random() >= _AGAIN:
                break
        return self._finish(" then ".join(what))

    def cold_wave(self, kills: int) -> bool:
        """Post a wave to processes that start from nothing, each killed at some moment."""
        self._next_wave()
        for _ in range(kills):
            if not self._is_killed_cold(self._says.uniform(*_COLD_WITHIN)):
                break
            self._tally.cold += 1
        return self._finish(f"{kills} cold starts")

    def _next_wave(self) -> None:
        self._wave += 1
        self._chat.wave(self._wave, self._now(), self._says.sample(self._held, min(2, len(self._held))))
        self._behave(is_awkward=self._is_awkward)

    def _behave(self, *, is_awkward: bool) -> None:
        (self._exchange.is_awkward.set if is_awkward else self._exchange.is_awkward.clear)()

    # ---------------------------------------------------------------- processes

    def _is_killed(self, trap: Trap) -> bool:
        """Trade until the trap is sprung; whether it was."""
        code = self._run(trap, self._desks.second)
        if code not in (0, KILLED):
            self._break(f"a process ended with {code}, before it came to {trap.point}: {self._last_error()}")
        return code == KILLED

    def _run(self, trap: Trap, rulebook: Rulebook) -> int | None:
        self._tally.processes += 1
        calm = self._exchange.is_awkward.clear
        process = forked(run_process, self._place, rulebook, self._chat.events, trap, calm)
        process.join(HUNG)
        if process.is_alive():
            process.kill()
            process.join()
            self._break(f"a process hung, on its way to {trap.point or 'its end'}")
            return None
        return process.exitcode

    def _is_killed_cold(self, after: float) -> bool:
        self._tally.processes += 1
        exports = []
        for channel in CHANNELS.values():
            exports.append(self._place.home / f"{channel}.json")
            write_export(exports[-1], self._chat.created(channel))
        command = [Path(sys.executable).parent / "signalbook", "trade", *exports, "--for", "5m"]
        command += ["--playbooks", self._desks.playbooks, "--home", self._place.home]
        environment = {**os.environ, PAPER: self._exchange.address}
        with (self._place.home / "errors.txt").open("ab") as errors:
            process = Popen(command, env=environment, stdout=DEVNULL, stderr=errors)
        dies_at = time.monotonic() + after
        while (left := dies_at - time.monotonic()) > 0:
            with suppress(TimeoutExpired):
                if process.wait(min(left, 0.2)):
                    self._break(f"signalbook trade ended with {process.returncode}: {self._last_error()}")
                return False
            self._approve()
        process.kill()
        process.wait()
        return True

    def _approve(self) -> None:
        client = ControlClient(self._place.settings.control, patience=1)
        with suppress(ControlError):
            for each in client.ask("waiting")["waiting"]:
                client.ask("approve", id=each["id"], by="carol")

    # ---------------------------------------------------------------- the end of a wave

    def _finish(self, what: str, rulebook: Rulebook | None = None) -> bool:
        """Start again until everything has come to its end, and look at it."""
        rulebook = rulebook or self._desks.second
        self._tally.waves += 1
        broken = len(self._tally.broken)
        for _ in range(2):
            code = self._run(Trap(), rulebook)
            if code == 0:
                break
            self._break(f"after {what}: a process ended with {code}: {self._last_error()}")
        self._behave(is_awkward=False)
        report = self._place.home / "report.json"
        report.unlink(missing_ok=True)
        forked(check, Case(self._place, rulebook, self._chat, is_calm=not self._is_awkward), report).join()
        if not report.exists():
            self._break(f"after {what}: nothing could be checked")
            return False
        self._report = msgspec.json.decode(report.read_bytes(), type=Report)
        for each in self._report.broken:
            self._break(f"after {what}: {each}")
        self._held = [each for each in self._report.held if self._chat.knows(each)]
        return len(self._tally.broken) == broken

    def _break(self, what: str) -> None:
        self._tally.broken.append(f"{self._place.home}, wave {self._wave}: {what}")

    def _last_error(self) -> str:
        lines = (self._place.home / "errors.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " | ".join(lines[-3:])

    def _now(self) -> datetime:
        with urllib.request.urlopen(f"{self._exchange.address}/_paper/clock", timeout=10) as answer:
            return datetime.fromisoformat(json.load(answer)["data"]["now"])

    def _until_there(self) -> None:
        for _ in range(400):
            with suppress(OSError):
                self._now()
                return
            time.sleep(0.05)
        raise SystemExit("the exchange does not begin")


def work(folder: Path, share: list[str], cold: int, seed: int, awkward: float) -> None:
    """Do one process's share, and write down what came of it."""
    first = load(write_desk(folder / "first", WIDER, "The version that is promoted"))
    playbooks = write_desk(folder / "second", WIDER, "The version that is tried beside it")
    desks = Desks(first, load(playbooks), playbooks)
    code_hash()
    tally = Tally()
    points = [(point, 0) for point in share]
    homes = 0
    while (points or tally.cold < cold) and len(tally.broken) < SHOWN:
        desk = Desk(folder, desks, seed * 1000 + homes, awkward, tally)
        homes += 1
        try:
            _through(desk, points, cold, tally)
        finally:
            desk.end()
        print(f"{_line(tally)}", file=sys.stderr, flush=True)
    (folder / "tally").write_bytes(pickle.dumps(tally))


def _through(desk: Desk, points: list[tuple[str, int]], cold: int, tally: Tally) -> None:
    """Take one home through its waves; one in which something broke is left as it is."""
    if not desk.begin():
        return
    for _ in range(WAVES):
        if points:
            is_well = desk.wave(points)
        elif tally.cold < cold:
            is_well = desk.cold_wave(min(3, cold - tally.cold))
        else:
            return
        if not is_well:
            return


def _line(tally: Tally) -> str:
    return f"{tally.kills.total()} kills, {tally.cold} cold, {tally.waves} waves, {len(tally.broken)} broken"


def _shares(each: int, processes: int, says: Random) -> list[list[str]]:
    points = [point for names in BOUNDARIES.values() for point, _ in zip(cycle(names), range(each), strict=False)]
    says.shuffle(points)
    return [points[number::processes] for number in range(processes)]


def main() -> int:
    """Run the soak test and return the exit code."""
    parser = argparse.ArgumentParser(description="Kill trading desks; nothing may be sent twice or lost.")
    parser.add_argument("--each", type=int, default=20, help="kills at each boundary, its points in turn")
    parser.add_argument("--cold", type=int, default=50, help="processes killed that started from nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--awkward", type=float, default=0.5, help="how likely each exchange is awkward, 0 to 1")
    parser.add_argument("--processes", type=int, default=3)
    given = parser.parse_args()
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="kill-orders-"))
    context = multiprocessing.get_context("fork")
    workers = []
    for number, share in enumerate(_shares(given.each, given.processes, Random(given.seed))):
        cold = given.cold // given.processes + (number < given.cold % given.processes)
        arguments = (folder / f"worker-{number}", share, cold, given.seed * 100 + number, given.awkward)
        workers.append(context.Process(target=work, args=arguments))
        workers[-1].start()
    for worker in workers:
        worker.join()
    tally = Tally()
    for number, worker in enumerate(workers):
        file = folder / f"worker-{number}" / "tally"
        if worker.exitcode or not file.exists():
            tally.broken.append(f"worker {number} in {folder} ended with {worker.exitcode}")
        else:
            tally.add(pickle.loads(file.read_bytes()))
    _show(tally, time.monotonic() - began)
    if not tally.broken:
        shutil.rmtree(folder)
    return 1 if tally.broken else 0


def _show(tally: Tally, seconds: float) -> None:
    print(f"{tally.kills.total()} kills at named points, {tally.power} of them with the power; {tally.cold} cold")
    for name, points in BOUNDARIES.items():
        each = ", ".join(f"{point} {tally.kills[point]}" for point in points)
        print(f"  {name} {sum(tally.kills[point] for point in points)}: {each}")
    if tally.unreached:
        print(f"  not reached: {dict(Counter(tally.unreached))}")
    homes = f"{tally.homes} exchanges, {tally.awkward} of them awkward"
    print(f"{homes}; {tally.waves} waves, {tally.processes} processes; {seconds:.0f} s")
    for name, number in sorted(tally.counts.items()):
        print(f"  {name}: {number}")
    print(f"broken: {len(tally.broken)}")
    for each in tally.broken[:SHOWN]:
        print(f"  {each}")


if __name__ == "__main__":
    sys.exit(main())
