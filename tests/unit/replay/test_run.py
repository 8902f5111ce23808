"""A whole replay: archives in, decisions and a summary out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.chatter import ChatterBatch
from engine.model.decision import Decision, Reason, Verdict
from engine.model.errors import ArchiveError
from engine.model.limits import SizeBase
from engine.model.listen import ReadFrom
from engine.model.playbook import Playbook
from engine.model.position import Closed
from engine.model.reading import PatternRule, ReadRules, Source, Words
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.archive_convert import convert
from engine.replay.archive_files import archives_in
from engine.replay.archive_tally import ReadTally
from engine.replay.assumptions import Assumptions
from engine.replay.run import ReplayOptions, replay
from engine.replay.summary import ReplaySummary

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
OPTIONS = ReplayOptions(engine_version="0", arguments=("replay",))


@dataclass
class MemoryStore:
    """Keeps what it is told."""

    starts: list[RunStart] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    chatter: list[tuple[datetime, str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    closed: list[Closed] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    hits: list[PatternHits] = field(default_factory=list)
    counts: RunCounts | None = None

    @contextmanager
    def run(self, start: RunStart) -> Iterator["MemoryStore"]:
        self.starts.append(start)
        yield self

    @property
    def run_id(self) -> int:
        return len(self.starts)

    def write(self, records: Iterable[Record]) -> None:
        self.records.extend(records)

    def write_chatter(self, batch: ChatterBatch) -> None:
        rows = pa.table(batch.columns).to_pylist()
        self.chatter.extend((row["posted_at"], str(row["message_id"]), batch.playbook) for row in rows)

    def write_authors(self, names: Mapping[str, str]) -> None:
        self.names.update(names)

    def write_closed(self, closed: Iterable[Closed]) -> None:
        self.closed.extend(closed)

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        self.bad_rows.extend(rows)

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        self.hits.extend(hits)

    def finish(self, counts: RunCounts) -> None:
        self.counts = counts

    @property
    def decisions(self) -> list[Decision]:
        """What was decided one by one."""
        return [record.decision for record in self.records]

    @property
    def reasons(self) -> list[Reason]:
        """The reason of every decision, chatter too, by time and id of its message."""
        rows = [(each.at, each.message_id, each.outcomes[0].reason) for each in self.decisions]
        rows += [(at, message_id, Reason.NOT_AN_ALERT) for at, message_id, _ in self.chatter]
        return [reason for _, _, reason in sorted(rows)]


def posted(number: int, text: str, author: str = "301", **more: object) -> dict[str, object]:
    """Return a message as an export writes it, posted so many minutes after AT."""
    at = AT + timedelta(minutes=number)
    snowflake = (int(at.timestamp() * 1000) - 1420070400000) << 22
    return {
        "id": str(snowflake + number),
        "type": "Default",
        "timestamp": at.isoformat(),
        "content": text,
        "author": {"id": author, "name": f"name-{author}", "isBot": False},
        **more,
    }


def export(folder: Path, name: str, *messages: dict[str, object], channel: str = "100") -> Path:
    file = folder / f"{name}.json"
    about = {"id": channel, "type": "GuildTextChat", "name": name}
    file.write_text(json.dumps({"guild": {"id": "1", "name": "desk"}, "channel": about, "messages": list(messages)}))
    return file


def pattern(name: str, template: str, playbook: Playbook) -> PatternRule:
    return PatternRule(name, playbook.span, Source(template, playbook.span))


@pytest.fixture
def live(playbook: Playbook) -> LivePlaybook:
    """The playbook of the unit tests, reading "BTO SPY 500C 1/9 @ 1.25" and "STC SPY"."""
    rules = ReadRules(
        words=(
            Words("action", "buy_to_open", ("BTO",)),
            Words("action", "sell_to_close", ("STC", "out")),
            Words("right", "call", ("C",)),
            Words("right", "put", ("P",)),
            Words("at", "at", ("@",)),
        ),
        patterns=(
            pattern("entry", "{open} {contract} {price}", playbook),
            pattern("exit", "{close} {symbol}", playbook),
            pattern("never", "{close} {contract} {fraction} {price}", playbook),
        ),
    )
    size = replace(playbook.size, of=SizeBase.NET_LIQ)
    return LivePlaybook(Terms(replace(playbook, read=rules, size=size)), Reader(rules), "hash-1")


def run(
    live: LivePlaybook, *files: Path, store: MemoryStore | None = None, options: ReplayOptions = OPTIONS
) -> tuple[ReplaySummary, MemoryStore]:
    store = store or MemoryStore()
    rulebook = Rulebook(None, (live,), (), {live.playbook.file: "signalbook: 1\n"})
    summary = replay(rulebook, archives_in(files), store, options, lambda read: None)
    return summary, store


def test_a_channel_is_read_decided_stored_and_summed_up(live: LivePlaybook, tmp_path: Path):
    archive = export(
        tmp_path,
        "momentum",
        posted(0, "good morning"),
        posted(1, "BTO SPY 500C 1/9 @ 1.25"),
        posted(2, "BTO SPY 500C 1/9 @ 1.25", author="302"),
        posted(3, "BTO SPY 500C 1/9 @ 1.25", author="666"),
        posted(4, "STC SPY"),
        posted(5, "STC SPY"),
        posted(6, "joined", type="GuildMemberJoin"),
        {"id": "x"},
    )

    summary, store = run(live, archive)

    assert store.reasons == [
        Reason.NOT_AN_ALERT,
        Reason.APPROVED,
        Reason.MAY_NOT_OPEN,
        Reason.UNKNOWN_AUTHOR,
        Reason.APPROVED,
        Reason.NO_OPEN_POSITION,
    ]
    assert (summary.alerts, summary.approved, summary.denied, summary.ignored) == (5, 2, 3, 1)
    assert summary.counts == RunCounts(messages=6, unwatched=0, bad_rows=1, skipped_system=1)
    assert store.counts == summary.counts
    assert [(group.name, group.alerts, group.approved, group.denied) for group in summary.authors] == [
        ("name-301", 3, 2, 1),
        ("name-302", 1, 0, 1),
        ("name-666", 1, 0, 1),
    ]
    assert [(each.pattern, each.hits) for each in summary.patterns] == [("entry", 3), ("exit", 2), ("never", 0)]
    assert [each.pattern for each in summary.never_hit] == ["never"]
    assert list(summary.patterns) == store.hits
    assert [row.code for row in store.bad_rows] == [row.code for row in summary.bad_rows]
    assert [sample.reason for sample in summary.samples] == [
        Reason.MAY_NOT_OPEN,
        Reason.UNKNOWN_AUTHOR,
        Reason.NO_OPEN_POSITION,
    ]


def test_every_decision_says_what_was_assumed(live: LivePlaybook, tmp_path: Path):
    _, store = run(live, export(tmp_path, "momentum", posted(0, "BTO SPY 500C 1/9 @ 1.25")))

    (decision,) = store.decisions
    assert decision.assumed == Assumptions().names
    assert decision.now == decision.at + timedelta(seconds=1)
    assert tuple(name for name, _ in store.starts[0].assumptions) == Assumptions().names


def test_latency_ages_messages(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "momentum", posted(0, "BTO SPY 500C 1/9 @ 1.25"))

    _, store = run(live, archive, options=replace(OPTIONS, latency=timedelta(minutes=1)))

    assert store.decisions[0].outcomes[0].reason is Reason.TOO_LATE


def test_a_run_records_what_it_started_from(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "momentum", posted(0, "hello"))

    _, store = run(live, archive)

    (start,) = store.starts
    assert [(used.name, used.size) for used in start.archives] == [("momentum.json", archive.stat().st_size)]
    assert [(version.name, version.content_hash, version.text) for version in start.playbooks] == [
        ("momentum", "hash-1", "signalbook: 1\n")
    ]


def test_expired_options_are_gone(live: LivePlaybook, tmp_path: Path):
    week = 7 * 24 * 60
    archive = export(tmp_path, "momentum", posted(0, "BTO SPY 500C 1/9 @ 1.25"), posted(week, "STC SPY"))

    _, store = run(live, archive)

    assert store.decisions[1].outcomes[0].reason is Reason.NO_OPEN_POSITION


def test_authors_do_not_share_positions(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "momentum", posted(0, "BTO SPY 500C 1/9 @ 1.25"), posted(1, "STC SPY", author="302"))

    _, store = run(live, archive)

    assert store.decisions[1].outcomes[0].reason is Reason.NO_OPEN_POSITION


def test_archives_are_taken_in_the_order_of_time_and_a_message_in_two_of_them_once(live: LivePlaybook, tmp_path: Path):
    opening, closing = posted(1, "BTO SPY 500C 1/9 @ 1.25"), posted(2, "STC SPY")
    later = export(tmp_path, "b", closing, posted(3, "thanks"))
    both = export(tmp_path, "c", opening, closing)

    summary, store = run(live, later, both)

    assert store.reasons == [Reason.APPROVED, Reason.APPROVED, Reason.NOT_AN_ALERT]
    assert summary.counts.messages == 3


@pytest.mark.parametrize("is_edited_first", [False, True])
def test_of_a_message_exported_before_and_after_an_edit_the_first_counts_in_one_archive_or_two(
    live: LivePlaybook, tmp_path: Path, *, is_edited_first: bool
):
    said = [posted(0, "BTO SPY 500C 1/9 @ 1.25")]
    edited = [posted(0, "never mind", timestampEdited=(AT + timedelta(hours=1)).isoformat()), posted(1, "gm")]
    one, other = (edited, said) if is_edited_first else (said, edited)
    two = [export(tmp_path, "a", *one), export(tmp_path, "b", *other)]
    merged = tmp_path / "merged.parquet"
    list(convert(archives_in(two), merged))

    found = []
    for files in (two, [export(tmp_path, "both", *one, *other)], [merged]):
        store = MemoryStore()
        replay(Rulebook(None, (live,), ()), archives_in(files), store, OPTIONS, lambda _: None)
        found.append(([each.text for each in store.decisions], len(store.chatter)))

    assert found == [([], 2) if is_edited_first else (["BTO SPY 500C 1/9 @ 1.25"], 1)] * 3


def test_channels_nobody_listens_to_are_named(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "gossip", posted(0, "hi"), posted(1, "BTO SPY 500C 1/9 @ 1.25"), channel="777")

    summary, store = run(live, archive)

    assert store.decisions == []
    assert [(each.id, each.name, each.messages) for each in summary.unwatched] == [("777", "gossip", 2)]
    assert summary.counts.unwatched == 2


def test_authors_nobody_listens_to_are_named(live: LivePlaybook, tmp_path: Path):
    archive = export(
        tmp_path,
        "momentum",
        posted(0, "hi", author="666"),
        posted(1, "BTO SPY 500C 1/9 @ 1.25", author="666"),
        posted(2, "joined", author="667", type="GuildMemberJoin"),
        posted(3, "hi"),
    )

    summary, _ = run(live, archive)

    assert [(each.id, each.name, each.messages) for each in summary.unheard_authors] == [("666", "name-666", 2)]
    assert summary.ignored_samples == ()


def test_where_everything_was_ignored_the_first_messages_are_samples(live: LivePlaybook, tmp_path: Path):
    texts = ("one", "", "two", "three", "four")
    archive = export(tmp_path, "momentum", *(posted(number, text) for number, text in enumerate(texts)))

    summary, _ = run(live, archive)

    assert summary.ignored == 5
    assert [sample.text for sample in summary.ignored_samples] == ["one", "two", "three"]


def test_alerts_are_what_was_approved_or_refused_and_refusals_without_an_alert_are_told_apart(
    live: LivePlaybook, tmp_path: Path
):
    texts = ("BTO SPY 500C 1/9 @ 1.25", "BTO SPY 500C 1/9 @", "hi")
    archive = export(tmp_path, "momentum", *(posted(number, text) for number, text in enumerate(texts)))

    summary, _ = run(live, archive)

    assert (summary.approved, summary.denied, summary.denied_without_alert, summary.ignored) == (1, 1, 1, 1)
    assert summary.alerts == summary.approved + summary.denied - summary.denied_without_alert


def test_texts_a_playbook_does_not_read_hold_no_alert(live: LivePlaybook, tmp_path: Path):
    cards_only = replace(live.playbook.listen, read_from=frozenset({ReadFrom.EMBEDS}))
    deaf = replace(live, terms=replace(live.terms, playbook=replace(live.playbook, listen=cards_only)))

    _, store = run(deaf, export(tmp_path, "momentum", posted(0, "BTO SPY 500C 1/9 @ 1.25")))

    assert store.reasons == [Reason.NOT_AN_ALERT]


def test_a_text_seen_after_its_edit_is_decided_and_marked(live: LivePlaybook, tmp_path: Path):
    edited = posted(0, "BTO SPY 500C 1/9 @ 1.25", timestampEdited=(AT + timedelta(hours=1)).isoformat())

    _, store = run(live, export(tmp_path, "momentum", edited))

    assert store.decisions[0].text_after_edit
    assert store.decisions[0].outcomes[0].verdict is Verdict.APPROVED


def test_a_second_replay_decides_the_same(live: LivePlaybook, tmp_path: Path):
    archive = export(
        tmp_path,
        "momentum",
        *(posted(number, text) for number, text in enumerate(["BTO SPY 500C 1/9 @ 1.25", "STC SPY"])),
    )

    first, second = run(live, archive)[1], run(live, archive)[1]

    assert first.decisions == second.decisions


def test_a_broken_archive_ends_the_run(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "momentum", posted(0, "hi"), posted(1, "STC SPY"))
    archive.write_bytes(archive.read_bytes()[:-30])
    store = MemoryStore()

    with pytest.raises(ArchiveError):
        run(live, archive, store=store)

    assert store.counts is None


def test_progress_is_told_at_the_end(live: LivePlaybook, tmp_path: Path):
    archive = export(tmp_path, "momentum", posted(0, "hi"))
    told: list[ReadTally] = []

    replay(Rulebook(None, (live,), ()), archives_in([archive]), MemoryStore(), OPTIONS, told.append)

    assert told[-1].bytes_read == archive.stat().st_size
