"""What a desk that trades has logged comes out again, whichever versions served; and so does what it knew."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from engine.adapters.clock import SystemClock
from engine.app.manifest import engine_version
from engine.app.trading_so_far import TradingSoFar
from engine.app.verify import VerifiedJournal, verify_journal
from engine.decide.book import Book
from engine.decide.record import Record
from engine.execute.executor import Executor
from engine.journal.entry_bodies import Decided, decided, encoded
from engine.journal.log import JournalLog, read_entries
from engine.journal.trade_log import RUN, JournalTradeLog
from engine.model.entry import Entry, EntryKind
from engine.model.message import Message
from engine.model.stages import Stage
from engine.plan.entries import StageChanged
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_desk import DESK
from tests.trading_world import CARD, Running, World, rulebook_in, tell, trading

Records = tuple[Record, ...]
Alter = Callable[[Entry], Iterable[bytes]]

NEW = CARD.replace("max_orders_per_day: 2000", "max_orders_per_day: 1999").replace("percent: 5%", "percent: 4%")
MOVED = "# the same rules, every line one further down\n" + CARD
TIGHTER_DESK = DESK.replace("max_contracts: 20", "max_contracts: 15").replace("max_shares: 500", "max_shares: 400")


@dataclass
class Life:
    """
    What became of a desk. folder: of its journal. folded, rebuilt: for each of its processes, whether its book was what
    the journal makes, once folded from nothing and once as after a full disk. held: positions at the end of each.
    """

    folder: Path
    folded: list[bool] = field(default_factory=list)
    rebuilt: list[bool] = field(default_factory=list)
    held: list[int] = field(default_factory=list)

    async def lead(self, world: World, rulebook: Rulebook, *said: tuple[str, str]) -> None:
        """
        Trade for one process.

        said: messages, "… " before an edit of the last one, and the words by which it is known what became of each.
        """
        last: Message | None = None
        async with trading(world, rulebook) as run:
            for text, then in said:
                world.said.clear()
                new = text.removeprefix("… ")
                last = run.say(new) if last is None or new == text else run.post(world.edited(last, new))
                await run.until_said(then)
            await run.until(lambda: not run.desk.is_busy)
            self._note(run)

    def _note(self, run: Running) -> None:
        parts = run.desk.parts
        mine, records = parts.so_far.book, _records(self.folder)
        self.held.append(len(mine.held()))
        executors = {
            alias: Executor(alias, desk.kind, desk.broker, parts.trade_log, parts.clock, parts.events)  # type: ignore[arg-type]
            for alias, desk in parts.desks.items()
        }
        folded = TradingSoFar(parts.rulebook, executors, tuple(executors.values()))
        folded.fold(read_entries(self.folder))
        self.folded.append(_known(mine, run, records) == _known(folded.book, run, records))
        parts.so_far.rebuild_book(read_entries(self.folder))
        self.rebuilt.append(_known(mine, run, records) == _known(parts.so_far.book, run, records))


def _records(folder: Path) -> Records:
    entries = read_entries(folder)
    return tuple(each for entry in entries if entry.kind is EntryKind.DECIDED for each in decided(entry.body).records)


def _known(book: Book, run: Running, records: Records) -> object:
    """Everything a decision may ask of a book: what is open, what was counted, and what messages led to."""
    versions, now = run.desk.parts.so_far.versions, run.world.clock.now()
    asked = []
    for record in records:
        message, live = record.message, versions.find("trading", record.decision.content_hash)
        terms = live.terms.at(record.facts.stage)
        asked.append(book.earlier("trading", message.id, record.decision.account))
        for outcome in record.decision.outcomes:
            if outcome.alert is not None:
                asked.append(book.history(terms, message, outcome.alert, now))
                asked.append(book.history(terms, replace(message, id="1"), outcome.alert, now))
                asked.append(book.held_for(outcome.intent_key))
    return sorted(map(repr, book.held())), sorted(map(repr, book.positions("trading", "301234567890123456"))), asked


def try_out(world: World, rulebook: Rulebook) -> None:
    """Promote a version that has run in the sandbox to canary for one opening, as a person would."""
    with JournalLog.open(world.settings.journal, world.clock.now) as log:
        trades, content_hash = JournalTradeLog(log, RUN), rulebook.playbooks[0].content_hash
        change = StageChanged("trading", content_hash, Stage.CANARY, "carol", "tried", (), engine_version(), 1)
        trades.write(replace(change, diff="seen"))
        trades.sync()


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A desk whose playbook is proven, promoted, changed, tried out, used up, deleted and tightened."""
    home = tmp_path_factory.mktemp("home")
    told: list[Life] = []

    async def story(world: World) -> None:
        life = Life(world.settings.journal)
        told.append(life)
        first = rulebook_in(world.home / "playbooks")
        buy, bought = "BTO 4 SPY @ 700.00", "Ended(state='filled'"
        await life.lead(world, first, (buy, bought), ("sold half SPY", "closed "), ("good morning", "decided good"))
        world.promote(first)
        moved = rulebook_in(world.home / "playbooks", MOVED)
        assert moved.playbooks[0].content_hash == first.playbooks[0].content_hash
        await life.lead(world, moved, ("BTO 2 AAPL @ 300.00", bought))
        new = rulebook_in(world.home / "playbooks", NEW)
        assert new.playbooks[0].content_hash != first.playbooks[0].content_hash
        await life.lead(world, new, ("BTO 2 MSFT @ 900.00", bought), ("sold half AAPL", "closed "))
        try_out(world, new)
        changed = ("… BTO 3 QQQ @ 901.00", "decided BTO 3 QQQ @ 901.00")
        await life.lead(world, new, ("BTO 3 QQQ @ 900.00", bought), changed, ("BTO 2 NVDA @ 900.00", bought))
        await life.lead(world, rulebook_in(world.home / "playbooks", None), ("all out NVDA", "closed "))
        tight = rulebook_in(world.home / "playbooks", NEW, TIGHTER_DESK)
        await life.lead(world, tight, ("all out SPY", "closed "), ("BTO 2 AMD @ 900.00", bought), ("hello", "hello"))

    tell(home, story)
    return told[0]


def test_a_desk_that_traded_under_many_versions_is_derived_equally(life: Life):
    """S-915, S-916."""
    found = verify_journal(life.folder, lambda done, total: None)
    records = _records(life.folder)

    assert found.derived.differences == []
    assert found.is_sound
    assert found.derived.equal == len(records)
    assert {record.facts.stage for record in records} == set(Stage)
    assert len({(record.message.id, record.decision.playbook) for record in records}) < len(records)


def test_the_book_of_a_desk_is_what_its_journal_makes(life: Life):
    """S-919."""
    assert life.folded == [True] * 6
    assert life.held[-1] > 3


def test_a_book_made_anew_after_a_full_disk_knows_the_same(life: Life):
    assert life.rebuilt == [True] * 6


def rewritten(life: Life, folder: Path, alter: Alter) -> VerifiedJournal:
    """Verify a journal with the same entries but for what is altered: its chain is whole."""
    with JournalLog.open(folder, SystemClock().now) as log:
        for entry in read_entries(life.folder):
            for body in alter(entry):
                log.append(entry.kind, entry.run, body)
    return verify_journal(folder, lambda done, total: None)


def of_pair(change: Callable[[Record, Record], Records]) -> Alter:
    """Return what makes another entry of the first that holds two versions' decisions about one message."""
    is_first = [True]

    def alter(entry: Entry) -> Iterable[bytes]:
        body = decided(entry.body) if entry.kind is EntryKind.DECIDED else None
        if body is None or len(body.records) < 2 or not is_first:
            return (entry.body,)
        is_first.clear()
        production, candidate = body.records
        return (encoded(Decided(change(production, candidate), body.closed)),)

    return alter


def _stage_moved(record: Record) -> Record:
    return replace(record, facts=replace(record.facts, stage=Stage.PRODUCTION))


@pytest.mark.parametrize(
    ("change", "fields", "of_candidate"),
    [
        (lambda production, candidate: (candidate,), ["record"], False),
        (lambda production, candidate: (production,), ["record"], True),
        (lambda production, candidate: (production, production, candidate), ["record"], False),
        (lambda production, candidate: (production, candidate, candidate), ["record"], True),
    ],
    ids=["no production", "no candidate", "production twice", "candidate twice"],
)
def test_each_version_decides_about_a_message_once(
    life: Life, tmp_path: Path, change: Callable[[Record, Record], Records], fields: list[str], *, of_candidate: bool
):
    pair = next(each for each in _pairs(life.folder))

    found = rewritten(life, tmp_path / "journal", of_pair(change))

    assert found.chain.ok
    assert not found.is_sound
    assert [place.field for place in found.derived.differences] == fields
    assert {place.content_hash for place in found.derived.differences} == {pair[of_candidate].decision.content_hash}


def _pairs(folder: Path) -> Iterable[Records]:
    for entry in read_entries(folder):
        if entry.kind is EntryKind.DECIDED and len(decided(entry.body).records) == 2:
            yield decided(entry.body).records


def test_a_candidate_that_says_it_sends_to_production_is_found_out(life: Life, tmp_path: Path):
    found = rewritten(life, tmp_path / "journal", of_pair(lambda production, each: (production, _stage_moved(each))))

    assert not found.is_sound
    assert found.derived.differences[0].playbook == "trading"
    assert ("facts.stage", "production", "sandbox") in {
        (place.field, place.logged, place.derived) for place in found.derived.differences
    }


def test_decisions_of_a_version_that_nobody_promoted_do_not_come_out(life: Life, tmp_path: Path):
    found = rewritten(life, tmp_path / "journal", lambda entry: () if entry.kind is EntryKind.STAGE else (entry.body,))

    assert found.chain.ok
    assert not found.is_sound
    assert {"facts.stage", "record"} <= {place.field for place in found.derived.differences}
