"""
Kill `feed` at random moments: nothing acknowledged is lost, nothing is decided twice (S-708).

    python -m tests.soak.kill_feed --kills 200 --seed 1

Every feed is started again until it is through, then the log made anew from its journal is compared with that of a
feed nobody killed: every table, every column but those of WALL_CLOCK. Exits 1 when anything broke.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from subprocess import Popen, TimeoutExpired

import duckdb

from engine.adapters.clock import SystemClock
from engine.app.feed import feed
from engine.app.feed_run import FeedOptions
from engine.app.live import Acknowledged
from engine.app.pace import Timing
from engine.journal.entry_bodies import decided
from engine.journal.log import read_entries
from engine.journal.projection import rebuild
from engine.journal.verify_log import verify
from engine.model.entry import EntryKind
from engine.model.errors import JournalError
from engine.playbook.rulebook import Rulebook
from engine.replay.archive_files import archives_in
from tests.feeding import loaded, write_archive, write_desk

# Columns that hold the time something was written, or a hash that time goes into.
WALL_CLOCK = {
    "run_starts": ("started_at",),
    "run_ends": ("finished_at",),
    "journal_position": ("hash",),
    "journaled_decisions": ("written_at",),
}
SEGMENT_BYTES = 1 << 20
COLD_EVERY = 10
STARTING = 0.4  # of all kills fall into the first part of a feed: the start, the fold, the first rotation
SHOWN = 20


@dataclass(frozen=True)
class Place:
    """A desk and one home of it."""

    desk: Path
    home: Path

    @property
    def journal(self) -> Path:
        return self.home / "journal"

    @property
    def database(self) -> Path:
        return self.home / "signalbook.duckdb"

    @property
    def said(self) -> Path:
        """What was acknowledged, one JSON line each."""
        return self.home / "acknowledged.jsonl"


@dataclass
class Writer:
    """Writes down what is acknowledged, at once (see feed.Audience)."""

    handle: int

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        lines = (f'{{"seq": {each.entry.seq}, "id": "{each.records[0].message.id}"}}\n' for each in batch)
        os.write(self.handle, "".join(lines).encode())

    def warn(self, sentence: str) -> None:
        """A torn tail is what this is about; nobody needs to read of it."""

    def progress(self, done: int, total: int) -> None:
        """Nobody watches."""

    def wants_end(self) -> bool:
        return False


@dataclass
class Outcome:
    """What came of it. broken: in words, with where it is kept."""

    kills: int = 0
    cold: int = 0
    feeds: int = 0
    repaired: int = 0
    broken: list[str] = field(default_factory=list)


def run_feed(place: Place, rulebook: Rulebook) -> None:
    """Feed the archive of a desk, from where its journal ends."""
    place.home.mkdir(exist_ok=True)
    options = FeedOptions(place.journal, place.database, segment_bytes=SEGMENT_BYTES)
    said = os.open(place.said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    timing = Timing(SystemClock().now, time.monotonic, time.sleep)
    feed(rulebook, archives_in([place.desk / "archive.json"]), options, Writer(said), timing)


def forked(task: Callable[..., None], *arguments: object) -> BaseProcess:
    """Start a process that has everything imported already."""
    process = get_context("fork").Process(target=task, args=arguments)
    process.start()
    return process


def killed(process: BaseProcess, after: float) -> bool:
    """Kill a process after so many seconds; return whether it was still running."""
    process.join(after)
    if not process.is_alive():
        return False
    process.kill()
    process.join()
    return True


def killed_cold(place: Place, after: float) -> bool:
    """The same with a process that starts from nothing."""
    command = [sys.executable, "-m", "tests.soak.kill_feed", "--child", str(place.desk), str(place.home)]
    process = Popen(command)
    try:
        if process.wait(after):
            raise SystemExit(f"the feed in {place.home} failed by itself")
        return False
    except TimeoutExpired:
        process.kill()
        process.wait()
        return True


def broken_in(place: Place) -> Iterator[str]:
    """Yield what is wrong after a kill."""
    acknowledged = dict(said_in(place))
    try:
        verdict = verify(place.journal)
        journaled = dict(journaled_in(place))
    except JournalError as error:
        if acknowledged or error.code != "journal_not_found":
            yield f"the journal cannot be read: {error}"
        return
    yield from (f"entry {problem.seq}: {problem.message}" for problem in verdict.problems)
    for seq, message in acknowledged.items():
        if journaled.get(seq) != message:
            yield f"entry {seq} about message {message} was acknowledged; the journal has {journaled.get(seq)} there"
    if len(set(journaled.values())) < len(journaled):
        yield "a message event was decided twice"


def said_in(place: Place) -> Iterator[tuple[int, str]]:
    """Yield entry and message of every line that was written to its end."""
    lines = place.said.read_bytes().split(b"\n")[:-1] if place.said.exists() else ()
    for line in lines:
        row = json.loads(line)
        yield row["seq"], row["id"]


def journaled_in(place: Place) -> Iterator[tuple[int, str]]:
    """Yield entry and message of every decision in the journal."""
    for entry in read_entries(place.journal):
        if entry.kind is EntryKind.DECIDED:
            yield entry.seq, decided(entry.body).records[0].message.id


def different(one: Path, other: Path, but: Mapping[str, tuple[str, ...]] = WALL_CLOCK) -> list[str]:
    """Return the tables of two files that do not hold the same. but: columns that are left out, by table."""
    connection = duckdb.connect()
    for name, file in (("one", one), ("other", other)):
        connection.execute(f"attach '{file}' as {name} (read_only)")
    tables = {
        name: {
            table
            for (table,) in connection.execute(
                f"select table_name from duckdb_tables() where database_name = '{name}'"
            ).fetchall()
        }
        for name in ("one", "other")
    }
    broken = [] if tables["one"] == tables["other"] else [f"tables differ: {tables['one'] ^ tables['other']}"]
    for table in sorted(tables["one"] & tables["other"]):
        excluded = f"exclude ({', '.join(but[table])})" if table in but else ""
        rows = [f"select * {excluded} from {name}.main.{table}" for name in ("one", "other")]
        [(missing, added)] = connection.execute(
            f"select (select count(*) from ({rows[0]} except all {rows[1]})), "
            f"(select count(*) from ({rows[1]} except all {rows[0]}))"
        ).fetchall()
        if missing or added:
            broken.append(f"{table}: {missing} rows are missing, {added} are not in the first")
    return broken


def compare(place: Place, reference: Place, report: Path) -> None:
    """Make the log anew from the journal, and compare both it and the one that was there with the reference."""
    anew = place.home / "anew.duckdb"
    rebuild(place.journal, anew)
    broken = [f"made anew: {each}" for each in different(reference.database, anew)]
    broken += [f"as it was: {each}" for each in different(reference.database, place.database)]
    report.write_text(json.dumps(broken), encoding="utf-8")


class Soak:
    """Feeds a desk again and again, and kills what feeds it."""

    def __init__(self, desk: Path, seed: int) -> None:
        self.outcome = Outcome()
        self._desk = desk
        self._random = Random(seed)
        self._rulebook = loaded(desk / "playbooks")
        self._reference = Place(desk, desk / "reference")
        self._seconds = self._time_reference()

    def run(self, kills: int) -> None:
        """Kill so many feeds, and then let the last one come to its end."""
        while self.outcome.kills < kills and len(self.outcome.broken) < SHOWN:
            self._feed_through(Place(self._desk, self._desk / f"home-{self.outcome.feeds}"), kills)
            self.outcome.feeds += 1

    def _time_reference(self) -> float:
        begun = time.monotonic()
        process = forked(run_feed, self._reference, self._rulebook)
        process.join()
        if process.exitcode:
            raise SystemExit("a feed nobody killed failed")
        return time.monotonic() - begun

    def _feed_through(self, place: Place, kills: int) -> None:
        while self.outcome.kills < kills and self._is_killed(place):
            self.outcome.kills += 1
            self._note(place, broken_in(place))
            _tell(self.outcome, kills)
        last = forked(run_feed, place, self._rulebook)
        last.join()
        self._note(place, [f"the feed that was to come to its end failed: {last.exitcode}"] if last.exitcode else ())
        self._note(place, broken_in(place))
        self.outcome.repaired += len(list(place.journal.glob("*.torn-*")))
        report = place.home / "differences.json"
        forked(compare, place, self._reference, report).join()
        self._note(place, json.loads(report.read_text(encoding="utf-8")) if report.exists() else ["nothing to compare"])
        if not self.outcome.broken:
            shutil.rmtree(place.home)

    def _is_killed(self, place: Place) -> bool:
        is_early = self._random.random() < STARTING
        after = self._random.uniform(0, self._seconds * (0.2 if is_early else 0.8))
        if self.outcome.kills % COLD_EVERY == COLD_EVERY - 1:
            self.outcome.cold += 1
            return killed_cold(place, after + self._random.uniform(0, 1.5))
        return killed(forked(run_feed, place, self._rulebook), after)

    def _note(self, place: Place, broken: Iterable[str]) -> None:
        self.outcome.broken += [f"{place.home}, kill {self.outcome.kills}: {each}" for each in broken]


def _tell(outcome: Outcome, kills: int) -> None:
    if sys.stderr.isatty() or outcome.kills % 20 == 0:
        end = "\r" if sys.stderr.isatty() and outcome.kills < kills else "\n"
        print(f"{outcome.kills} of {kills} kills, {len(outcome.broken)} broken", end=end, file=sys.stderr, flush=True)


def main() -> int:
    """Run the soak test and return the exit code."""
    parser = argparse.ArgumentParser(description="Kill feeds; nothing may be lost or repeated.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=3_000)
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        desk, home = options.child
        run_feed(Place(desk, home), loaded(desk / "playbooks"))
        return 0
    begun, desk = time.monotonic(), Path(tempfile.mkdtemp(prefix="kill-feed-"))
    write_desk(desk)
    write_archive(desk / "archive.json", options.messages, options.seed)
    soak = Soak(desk, options.seed)
    soak.run(options.kills)
    outcome = soak.outcome
    feeds = f"{outcome.feeds} feeds of {options.messages:,} messages"
    print(f"{outcome.kills} kills, {outcome.cold} after cold starts; {feeds}")
    print(f"torn ends cut off: {outcome.repaired}; {time.monotonic() - begun:.0f} s")
    print(f"columns not compared: {', '.join(f'{table}.{name}' for table in WALL_CLOCK for name in WALL_CLOCK[table])}")
    print(f"broken: {len(outcome.broken)}")
    for each in outcome.broken[:SHOWN]:
        print(f"  {each}")
    if not outcome.broken:
        shutil.rmtree(desk)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
