"""Stages and desk in a real journal: read, changed by people, the same after a restart."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anyio import to_thread

from engine.app.agreed_desk import desk_in_force
from engine.app.control_socket import ControlSocket
from engine.app.control_words import ControlRefused
from engine.app.decision_diff import decision_diff, same_decisions
from engine.app.serving import ServedNow, served
from engine.app.settings import Settings
from engine.app.stage_view import candidate, found_version, version_rows
from engine.app.staging import (
    StageAction,
    StageRefused,
    StageRequest,
    Staging,
    ask,
    carry_out_alone,
    read_staging,
)
from engine.decide.book import Book
from engine.interpret.interpreter import Interpreter
from engine.journal.entry_bodies import Decided, RulebookTexts, encoded, rulebook_hash
from engine.journal.log import JournalLog
from engine.journal.trade_log import RUN, JournalTradeLog
from engine.model.entry import EntryKind
from engine.model.message import Author, Message
from engine.model.stages import Stage
from engine.plan.entries import ENGINE, DeskChanged, FlowHappened, Intended, StageChanged, TradeBody, TradeEntry
from engine.plan.flow import Ended
from engine.playbook.rulebook import Rulebook, load_texts
from engine.replay.assumptions import Assumptions
from tests.unit.plan.staged import DESK_TEXT, PLAYBOOK_TEXT, intent

AT = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
SAID = "BTO SPY 602C 11/27 @ 1.25"


def rulebook(playbook: str = PLAYBOOK_TEXT, desk: str = DESK_TEXT) -> Rulebook:
    libraries = sorted((Path(__file__).parents[3] / "playbooks" / "lib").glob("*.yaml"))
    texts = {f"lib/{each.name}": each.read_text(encoding="utf-8") for each in libraries}
    texts |= {"desk.yaml": desk, "momentum.yaml": playbook}
    loaded = load_texts(texts)
    assert [str(issue) for issue in loaded.issues if issue.is_error] == []
    return loaded


class Clock:
    """A time that goes on by a minute whenever it is asked."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


class Home:
    """A journal on disk, written as an engine would."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal"
        self.clock = Clock()

    def write(self, *bodies: TradeBody) -> None:
        with JournalLog.open(self.journal, self.clock.now) as log:
            trade_log = JournalTradeLog(log, RUN)
            for body in bodies:
                trade_log.write(body)

    def hear(self, book: Rulebook, *said: str) -> None:
        """Decide messages under a rulebook, and journal it all, the texts too."""
        sources = Assumptions().sources(timedelta(seconds=1), frozenset())
        interpreter = Interpreter(book, sources, Book())
        with JournalLog.open(self.journal, self.clock.now) as log:
            texts = RulebookTexts(rulebook_hash(book.texts), tuple(book.texts.items()))
            log.append(EntryKind.TEXTS, RUN, encoded(texts))
            for number, text in enumerate(said):
                at = AT + timedelta(minutes=number)
                author = Author("301234567890123456", "alice")
                message = Message(str(900 + number), "1255265167113978008", author, at, text)
                log.append(EntryKind.DECIDED, RUN, encoded(Decided(interpreter.handle(message))))

    def pass_sandbox(self, book: Rulebook) -> str:
        """Let the newest version pass the sandbox often enough; return its hash."""
        (live,) = book.playbooks
        for number in range(3):
            name = f"run{number}-{live.content_hash[:4]}"
            run = intent(name, live.content_hash, Stage.SANDBOX, f"SPY {number}")
            self.clock.at += timedelta(days=1)
            self.write(Intended(run), FlowHappened(name, Ended("filled", 1, 0)))
        return live.content_hash

    def ask(self, book: Rulebook, action: StageAction, by: str, **fields: str) -> None:
        carry_out_alone(StageRequest(action, by, **fields), book, self.journal, self.clock.now)  # type: ignore[arg-type]

    def promote(self, book: Rulebook, version: str, to: Stage, by: str = "carol") -> None:
        self.ask(
            book,
            StageAction.PROMOTE,
            by,
            playbook="momentum",
            content_hash=version,
            to=to.value,
            diff="d1ff",
            seen="d1ff",
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def in_production(home: Home, book: Rulebook) -> str:
    """Take the version of a rulebook all the way; return its hash."""
    home.hear(book, SAID)
    version = home.pass_sandbox(book)
    home.promote(book, version, Stage.CANARY)
    name = f"canary-{version[:4]}"
    home.write(Intended(intent(name, version, Stage.CANARY)), FlowHappened(name, Ended("filled", 1, 0)))
    home.promote(book, version, Stage.PRODUCTION)
    return version


def test_without_a_journal_everything_is_new(home: Home):
    book = rulebook()
    staging, versions = read_staging(home.journal, book)

    (row,) = version_rows(staging, book, versions)

    assert (row.stage, row.is_newest, row.serves, row.by) == (Stage.SANDBOX, True, "", "")


def test_what_was_promoted_is_promoted_after_a_restart(home: Home):
    """S-863."""
    book = rulebook()
    version = in_production(home, book)

    staging, versions = read_staging(home.journal, book)
    (row,) = version_rows(staging, book, versions)

    assert staging.promotions.serving("momentum").promoted == version
    assert (row.stage, row.serves, row.by, row.contracts) == (Stage.PRODUCTION, "promoted", "carol", 3)


def test_an_edited_file_trades_in_the_sandbox_while_the_promoted_version_serves(home: Home):
    """S-860, S-866."""
    version = in_production(home, rulebook())
    tighter = rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 2"))
    home.hear(tighter)

    staging, versions = read_staging(home.journal, tighter)
    now = served(tighter, staging, versions)

    (live,), (new,) = now.production.playbooks, now.candidates.playbooks
    assert live.content_hash == version
    assert live.playbook.size.most_contracts == 2
    assert new.content_hash == tighter.playbooks[0].content_hash != version
    assert staging.promotions.sends_for(live.playbook, live.content_hash, "m") is Stage.PRODUCTION
    assert staging.promotions.sends_for(new.playbook, new.content_hash, "m") is Stage.SANDBOX


def test_a_looser_file_does_not_loosen_what_is_promoted(home: Home):
    """S-866."""
    in_production(home, rulebook())
    looser = rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 9"))

    staging, versions = read_staging(home.journal, looser)

    (live,) = served(looser, staging, versions).production.playbooks
    assert live.playbook.size.most_contracts == 5


def test_a_deleted_file_stops_openings_and_keeps_deciding_closes(home: Home):
    """S-866."""
    book = rulebook()
    version = in_production(home, book)
    gone = replace(book, playbooks=())

    staging, versions = read_staging(home.journal, gone)
    now = served(gone, staging, versions)

    (live,) = now.production.playbooks
    assert live.content_hash == version
    assert not live.playbook.enabled
    assert staging.promotions.sends_for(live.playbook, version, "m") is Stage.PRODUCTION


def test_a_promoted_version_nobody_has_the_text_of_serves_nothing(home: Home):
    """S-867."""
    book = rulebook()
    version = home.pass_sandbox(book)
    home.promote(book, version, Stage.CANARY)
    other = rulebook(PLAYBOOK_TEXT.replace("2%", "1%"))

    staging, versions = read_staging(home.journal, other)
    now = served(other, staging, versions)

    assert now.production.playbooks == ()
    assert now.missing == (f"momentum {version[:8]} serves production, and no file of it is known any more",)


def test_when_nobody_serves_the_newest_version_decides_alone(home: Home):
    book = rulebook()
    in_production(home, book)
    home.ask(book, StageAction.DEMOTE, "dave", playbook="momentum", why="wrong")

    staging, versions = read_staging(home.journal, book)
    now = served(book, staging, versions)

    assert now.production.playbooks == ()
    assert len(now.candidates.playbooks) == 1


def test_who_serves_is_worked_out_again_when_it_has_changed_and_only_then(home: Home):
    """S-916."""
    book = rulebook()
    version = in_production(home, book)
    looser = rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 9"))
    (newest,) = looser.playbooks
    staging, versions = read_staging(home.journal, looser)
    now = ServedNow(looser, staging, versions)
    before = now()
    (live,) = before.production.playbooks

    bodies = [
        Intended(intent("one", version, Stage.PRODUCTION)),
        StageChanged("momentum", version, Stage.SANDBOX, "", ""),
    ]
    seen = []
    for seq, body in enumerate(bodies, 1_000_000):
        staging.restore(TradeEntry(seq, datetime(2026, 11, 24, tzinfo=UTC), body))
        seen.append(now())

    assert (before.leads(live), before.leads(newest)) == (True, False)
    assert now() is seen[1]
    assert [each is before for each in seen] == [True, False]
    assert seen[1].production.playbooks == ()
    assert seen[1].leads(newest)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(
            StageRequest(StageAction.PROMOTE, "carol", "momentum", "0" * 32, "canary"), "unknown_version", id="x"
        ),
        pytest.param(StageRequest(StageAction.DEMOTE, "dave", "momentum"), "not_promoted", id="nothing to demote"),
        pytest.param(StageRequest(StageAction.DEMOTE, "davi", "momentum"), "nobody_of_the_desk", id="a typo"),
        pytest.param(StageRequest(StageAction.LOOSEN, "carol"), "nothing_to_loosen", id="nothing to loosen"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(home: Home, request_: StageRequest, code: str):
    book = rulebook()

    with pytest.raises(StageRefused) as refused:
        carry_out_alone(request_, book, home.journal, home.clock.now)

    assert refused.value.code == code
    staging, _ = read_staging(home.journal, book)
    assert staging.promotions.names == frozenset()


def test_a_stage_that_is_none_is_refused(home: Home):
    book = rulebook()

    with pytest.raises(StageRefused, match="is no stage"):
        home.ask(
            book,
            StageAction.PROMOTE,
            "carol",
            playbook="momentum",
            content_hash=book.playbooks[0].content_hash,
            to="prod",
        )


def test_without_a_desk_anybody_may_demote_and_nobody_promote(home: Home):
    """S-864, S-867."""
    book = rulebook()
    version = in_production(home, book)
    broken = replace(book, desk=None)

    with pytest.raises(StageRefused) as refused:
        home.promote(broken, version, Stage.PRODUCTION)
    assert refused.value.code == "desk_unreadable"

    # The desk last in force still says who is who.
    home.ask(broken, StageAction.DEMOTE, "dave", playbook="momentum", why="no desk")
    staging, _ = read_staging(home.journal, broken)
    assert staging.promotions.serving("momentum").opening == ""


def test_a_looser_desk_waits_for_two_people_and_is_journaled(home: Home):
    """S-868."""
    book = rulebook()
    home.hear(book, SAID)
    staging, _ = read_staging(home.journal, book)
    home.write(*staging.due(book))
    looser = rulebook(desk=DESK_TEXT.replace("max_contracts: 20", "max_contracts: 50"))

    staging, _ = read_staging(home.journal, looser)
    desk, waiting = staging.desk(looser)
    assert desk is not None
    assert desk.limits.max_contracts == 20
    assert [str(each) for each in waiting] == ["limits.max_contracts: 20 → 50"]

    home.ask(looser, StageAction.LOOSEN, "dave")
    staging, _ = read_staging(home.journal, looser)
    assert staging.desk_state.asked is not None
    home.ask(looser, StageAction.LOOSEN, "carol", seen=staging.desk_state.asked.mark)

    staging, _ = read_staging(home.journal, looser)
    desk, waiting = staging.desk(looser)
    assert desk is not None
    assert (desk.limits.max_contracts, waiting) == (50, ())


def test_a_demotion_by_files_of_another_desk_leaves_the_desk_as_it_is(home: Home):
    """S-940, S-974: else the home would be that desk's from then on, with its limits and its people."""
    book = rulebook()
    in_production(home, book)
    before, _ = read_staging(home.journal, book)
    another = DESK_TEXT.replace("desk: test", "desk: another").replace("max_contracts: 20", "max_contracts: 7")
    other = rulebook(desk=another)

    home.ask(other, StageAction.DEMOTE, "dave", playbook="momentum", why="wrong")

    staging, _ = read_staging(home.journal, book)
    assert staging.promotions.serving("momentum").opening == ""
    assert staging.desk_state == before.desk_state
    staging.must_be_home_of(book)
    for action in (StageAction.PROMOTE, StageAction.LOOSEN):
        with pytest.raises(StageRefused, match="this home is of the desk test"):
            home.ask(other, action, "carol", playbook="momentum")


EVE = '  eve: {discord: "501234567890123459", permissions: [approve, control, promote]}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("people:\n", f"people:\n{EVE}", id="a person"),
        pytest.param("permissions: [control]", "permissions: [control, approve]", id="a permission"),
        pytest.param("main: {", "ira: {kind: production, broker: paper}\n  main: {", id="an account of real money"),
        pytest.param("main: {", "main: {number: OTHER_ACCOUNT, ", id="where real money goes"),
        pytest.param("max_contracts: 20", "max_contracts: 90", id="a limit"),
    ],
)
def test_what_a_file_loosens_is_not_in_force_at_the_next_start_either(home: Home, before: str, after: str):
    """S-974."""
    book = rulebook()
    in_production(home, book)
    staging, _ = read_staging(home.journal, book)
    looser = rulebook(desk=DESK_TEXT.replace(before, after))
    broken = DESK_TEXT.replace("desk: test", "desk: another")

    found = desk_in_force(home.journal, looser.desk)

    assert found is not None
    assert found == staging.desk(looser)[0]
    assert found != looser.desk
    agreed = staging.desk_state.agreed
    assert desk_in_force(home.journal, None) == desk_in_force(home.journal, rulebook(desk=broken).desk) == agreed


def test_without_a_journal_the_files_say_who_is_who(home: Home):
    book = rulebook()

    assert desk_in_force(home.journal, book.desk) == book.desk
    assert desk_in_force(home.journal, None) is None


def test_what_is_due_at_a_start_is_the_desk_once_and_the_drop_of_another_program(home: Home):
    """S-865, S-868."""
    book = rulebook()
    in_production(home, book)
    staging, _ = read_staging(home.journal, book)
    assert staging.due(book) == ()

    other = Staging("9.9.9")
    other.promotions = replace(staging.promotions, engine="9.9.9")
    other.desk_state = staging.desk_state

    (dropped,) = other.due(book)
    assert isinstance(dropped, StageChanged)
    assert (dropped.stage, dropped.by, dropped.engine) == (Stage.CANARY, ENGINE, "9.9.9")


def test_an_entry_is_taken_in_once(home: Home):
    book = rulebook()
    assert book.desk is not None
    staging = Staging()
    with JournalLog.open(home.journal, home.clock.now) as log:
        (entry,) = staging.write((DeskChanged(book.desk, ENGINE),), JournalTradeLog(log, RUN))
    before = staging.promotions

    staging.restore(entry)

    assert staging.promotions is before
    assert staging.desk_state.agreed == book.desk


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"action": "explode", "by": "carol"}, id="no such action"),
        pytest.param({"action": "demote", "by": 7}, id="no text"),
        pytest.param({"action": "demote", "by": "carol", "more": ""}, id="an unknown field"),
        pytest.param({"action": "promote", "by": "carol", "is_same": "yes"}, id="no truth value"),
    ],
)
def test_a_request_that_is_none_is_refused(payload: dict[str, object]):
    with pytest.raises(StageRefused):
        StageRequest.read(payload)


def test_a_request_comes_through_the_socket_whole():
    request = StageRequest(StageAction.PROMOTE, "carol", "momentum", "ab", "canary", "why", "s", "d", is_same=True)

    assert StageRequest.read(request.payload()) == request


def test_the_diff_is_what_the_candidate_decides_otherwise(home: Home):
    """S-862."""
    book = rulebook()
    home.hear(book, SAID, "good morning", "STC SPY 602C 11/27 @ 2.00")
    (old,) = book.playbooks
    (new,) = rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 2")).playbooks

    nothing = decision_diff(home.journal, old, old, book.desk)
    smaller = decision_diff(home.journal, old, new, book.desk)
    first = decision_diff(home.journal, None, new, book.desk)

    assert (nothing.messages, nothing.changed) == (3, ())
    assert [each.fields for each in smaller.changed] == [("quantity",), ("quantity",)]
    assert len(first.changed) == 2
    assert len({nothing.mark, smaller.mark, first.mark}) == 3


def test_the_hash_of_a_diff_changes_only_with_another_difference(home: Home):
    """S-862: what is heard meanwhile and decided alike asks for no second look."""
    book = rulebook()
    home.hear(book, SAID)
    (old,), (new,) = book.playbooks, rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 2")).playbooks
    before = decision_diff(home.journal, old, new, book.desk).mark

    home.hear(book, SAID, "good morning")
    same = decision_diff(home.journal, old, new, book.desk).mark
    home.hear(book, SAID, "good morning", "BTO QQQ 500C 11/27 @ 1.00")
    other = decision_diff(home.journal, old, new, book.desk).mark

    assert before == same != other


def test_the_decisions_of_a_version_come_out_again(home: Home):
    """S-865."""
    book = rulebook()
    home.hear(book, SAID, "STC SPY 602C 11/27 @ 2.00")
    (live,) = book.playbooks
    (other,) = rulebook(PLAYBOOK_TEXT.replace("2%", "1%")).playbooks

    same = same_decisions(home.journal, live, book.desk)

    assert (same.compared, same.different, same.is_same) == (2, 0, True)
    assert not same_decisions(home.journal, other, book.desk).is_same


def test_a_candidate_is_shown_with_what_speaks_for_it(home: Home):
    book = rulebook()
    version = in_production(home, book)
    newest = rulebook(PLAYBOOK_TEXT.replace("contracts: 5", "contracts: 2"))
    staging, versions = read_staging(home.journal, newest)

    found = candidate("momentum", found_version("momentum", "", staging, newest), staging, versions, home.journal)

    assert found.row.is_newest
    assert found.row.lacks == "it has passed the sandbox with 0 contracts on 0 days; 3 contracts on 2 days are needed"
    assert found.diff.old == version
    assert len(found.diff.changed) == 1
    assert found.same is None


@pytest.mark.parametrize(
    ("playbook", "version", "code"),
    [
        pytest.param("other", "", "playbook_not_found", id="no such playbook"),
        pytest.param("momentum", "zz", "unknown_version", id="no such version"),
    ],
)
def test_a_version_nobody_knows_is_refused(home: Home, playbook: str, version: str, code: str):
    book = rulebook()
    staging, _ = read_staging(home.journal, book)

    with pytest.raises(StageRefused) as refused:
        found_version(playbook, version, staging, book)

    assert refused.value.code == code


class Engine:
    """A running engine, as far as it is asked about stages (see control_socket.ControlHandler)."""

    def __init__(self, home: Home, book: Rulebook, log: JournalLog) -> None:
        self.book = book
        self.log = JournalTradeLog(log, RUN)
        self.staging, self.versions = read_staging(home.journal, book)

    async def stage(self, payload: Mapping[str, object]) -> dict[str, object]:
        request = StageRequest.read(payload)
        return {"written": len(self.staging.carry_out(request, self.book, self.versions, self.log))}


def test_while_an_engine_runs_it_does_what_is_asked(home: Home, tmp_path: Path):
    """S-871."""
    book = rulebook()
    version = home.pass_sandbox(book)
    places = Settings(tmp_path)
    request = StageRequest(StageAction.PROMOTE, "carol", "momentum", version, "canary", "", "d", "d")

    async def run(engine: Engine) -> None:
        async with ControlSocket(places.control, engine):  # type: ignore[arg-type]
            await to_thread.run_sync(lambda: ask(request, book, places, home.clock.now))
            with pytest.raises(ControlRefused) as refused:
                await to_thread.run_sync(lambda: ask(request, book, places, home.clock.now))
        assert refused.value.code == "not_a_step"

    with JournalLog.open(home.journal, home.clock.now) as log:
        engine = Engine(home, book, log)
        asyncio.run(run(engine))

    assert engine.staging.promotions.serving("momentum").canary == version
    assert read_staging(home.journal, book)[0].promotions.serving("momentum").canary == version
