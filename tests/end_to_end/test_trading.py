"""What a desk that trades does when something around it breaks: nothing twice, nothing lost, and closes go through."""

import errno
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import anyio
import httpx2
import pytest

from engine.app.control_client import ControlClient
from engine.app.control_words import ControlRefused
from engine.app.staging import StageRefused
from engine.app.verify import verify_journal
from engine.decide.record import Record
from engine.journal.disk import write_at
from engine.journal.live_queries import readable
from engine.journal.log import JournalLog
from engine.journal.projection import rebuild
from engine.journal.reading import read_entries
from engine.journal.verify_log import verify
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.decision import Outcome
from engine.model.desk import AccountKind
from engine.model.entry import Entry, EntryKind
from engine.model.errors import CredentialsRefused, JournalError
from engine.model.intent import Intent
from engine.model.message import EventKind, Message
from engine.model.stages import Stage
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, PositionsClosed, Role
from engine.plan.flow import Dropped
from tests.soak.kill_desk import DESK
from tests.trading_world import CARD, CHANNEL, OnRequest, Running, World, rulebook_in, tell, trading

THREAD = "1255265167113978777"
MIB = 1 << 20
BUY, SELL = "BTO 2 SPY @ 900.00", "all out SPY"
PRODUCTION, SANDBOX = AccountKind.PRODUCTION, AccountKind.SANDBOX


async def hold_shares(run: Running) -> Message:
    """Have two shares bought."""
    bought = run.say(BUY)
    await run.until_said("Ended(state='filled'")
    return bought


def fails(kind: AccountKind, words: str, times: int = 10_000, method: str = "") -> OnRequest:
    """Return a rule by which requests of a kind of account to paths with some words in them go nowhere."""
    left = [times]

    async def rule(of: AccountKind, request: httpx2.Request) -> None:
        if of is kind and words in request.url.path and left[0] and method in ("", request.method):
            left[0] -= 1
            raise httpx2.ConnectError("no route", request=request)

    return rule


def planned_by(world: World, role: Role = Role.TRADE) -> list[Planned]:
    return [body for body in world.journal() if isinstance(body, Planned) and body.role is role]


def dropped_by(world: World) -> list[str]:
    return [
        body.event.code
        for body in world.journal()
        if isinstance(body, FlowHappened) and isinstance(body.event, Dropped)
    ]


def held_back(run: Running) -> anyio.Event:
    """Have no intent made until the event that is returned."""
    made, goes_on = run.desk._planning._made, anyio.Event()

    async def made_late(record: Record, outcome: Outcome) -> Intent | Dropped:
        await goes_on.wait()
        return await made(record, outcome)

    run.desk._planning._made = made_late  # type: ignore[method-assign]
    return goes_on


# ---------------------------------------------------------------- closes are never held up


def test_a_close_outlives_a_broker_that_cannot_say_for_a_while_what_it_lists(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
        world.on_request = fails(SANDBOX, "/instruments/", times=2)
        async with trading(world, rulebook) as run:
            run.say(SELL)
            await run.until_said("closed ")

    tell(tmp_path, story)


def test_a_close_does_not_wait_for_the_balance_of_its_account(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)

            async def hangs(kind: AccountKind, request: httpx2.Request) -> None:
                if "/balances" in request.url.path:
                    await anyio.sleep_forever()

            world.on_request = hangs
            world.clock.advance(timedelta(seconds=10))
            run.say(SELL)
            await run.until_said("closed ", seconds=2)

    tell(tmp_path, story)


def test_an_opening_that_comes_too_late_costs_the_broker_nothing(tmp_path: Path):
    """After an outage what waits in the channel must not use up the requests that closes need."""

    async def story(world: World) -> None:
        asked: list[str] = []

        async def heard(kind: AccountKind, request: httpx2.Request) -> None:
            asked.append(str(request.url))

        world.on_request = heard
        async with trading(world, rulebook_in(world.home / "playbooks")) as run:
            late = world.message("BTO 2 QQQ @ 900.00")
            run.post(replace(late, at=late.at - timedelta(minutes=11)))
            await run.until_said("decided BTO 2 QQQ @ 900.00: denied too_late")
            assert [each for each in asked if "QQQ" in each] == []
            run.say("BTO 2 QQQ @ 900.00")
            await run.until_said("decided BTO 2 QQQ @ 900.00: approved")
            assert [each for each in asked if "QQQ" in each] != []

    tell(tmp_path, story)


def test_the_files_of_another_desk_do_not_trade_in_a_home(tmp_path: Path):
    """S-940."""

    async def story(world: World) -> None:
        async with trading(world, rulebook_in(world.home / "playbooks")) as run:
            await hold_shares(run)
        before = len(world.journal())
        other = rulebook_in(world.home / "others", desk=re.sub("^desk: .*$", "desk: another", DESK, flags=re.MULTILINE))
        with pytest.raises(StageRefused, match="this home is of the desk"):
            async with trading(world, other):
                pass
        assert len(world.journal()) == before

    tell(tmp_path, story)


def test_a_close_waits_for_a_price_where_nobody_says_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """S-941."""
    monkeypatch.setattr("engine.app.planning._FOR_QUOTES", 0.5)

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
        speaks = world.market.quote
        world.market.quote = lambda symbol, now: None  # type: ignore[method-assign]
        async with trading(world, rulebook) as run:
            run.say(SELL)
            await run.until_said("WARN the close of SPY waits for a price in account cert")
            assert dropped_by(world) == []
            world.market.quote = speaks  # type: ignore[method-assign]
            await run.until_said("closed ")

    tell(tmp_path, story)


def test_a_sandbox_that_refuses_our_credentials_does_not_end_what_production_holds(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            await hold_shares(run)

        async def refuses(kind: AccountKind, request: httpx2.Request) -> None:
            if kind is SANDBOX and "/oauth/token" in request.url.path:
                request.headers["content-type"] = "application/json"
                request.stream = httpx2.ByteStream(b'{"grant_type":"refresh_token","refresh_token":"no"}')
                request.headers["content-length"] = "51"

        world.on_request = refuses

        async def trades() -> None:
            async with trading(world, rulebook) as run:
                await run.until_said("WARN account cert is lost")
                run.say(SELL)
                await run.until_said("closed ")

        with pytest.raises(CredentialsRefused):
            await trades()

    tell(tmp_path, story)


def test_a_sandbox_that_hangs_at_the_start_holds_up_no_close_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.app.trading._FIRST_LOOK_SECONDS", 0.5)
    monkeypatch.setattr("engine.app.trading._LAST_ANSWERS_SECONDS", 0.1)

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            await hold_shares(run)

        async def hangs(kind: AccountKind, request: httpx2.Request) -> None:
            if kind is SANDBOX:
                await anyio.sleep_forever()

        world.on_request = hangs
        async with trading(world, rulebook) as run:
            run.say(SELL)
            await run.until_said("closed ", seconds=8)

    tell(tmp_path, story)


def test_what_a_deleted_playbook_opened_is_closed_after_every_restart(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            await hold_shares(run)
        deleted = rulebook_in(world.home / "playbooks", None)
        async with trading(world, deleted) as run:
            run.say("sold half SPY")
            await run.until_said("closed ")
            run.say(BUY)
            await run.until_said("decided BTO 2 SPY @ 900.00: denied")
        world.said.clear()
        async with trading(world, deleted) as run:
            run.say(SELL)
            await run.until_said("closed ")

    tell(tmp_path, story)


# ---------------------------------------------------------------- disks


def test_a_disk_that_fills_up_while_an_opening_is_planned_ends_nothing_but_the_opening(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            goes_on = held_back(run)
            run.say("BTO 1 QQQ @ 900.00")
            await run.until_said("decided BTO 1 QQQ @ 900.00: approved")
            run.desk.parts.log._is_full = True
            goes_on.set()
            await run.until_said("dropped Dropped(code='journal_full'")
            run.say(SELL)
            await run.until_said("closed ")
        assert len(planned_by(world)) == 2

    tell(tmp_path, story)


def test_a_disk_that_fills_up_with_a_decision_refuses_openings_and_goes_on_with_closes(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            run.desk.parts.log._has_room = lambda size: False  # type: ignore[method-assign]
            run.say("BTO 1 QQQ @ 900.00")
            await run.until_said("decided BTO 1 QQQ @ 900.00: denied")
            run.say("sold half SPY")
            await run.until_said("closed ")
            run.say(SELL)
            await run.until_said("closed ", times=2)
        world.said.clear()
        async with trading(world, rulebook) as run:
            run.say(SELL)
            await run.until_said("decided all out SPY: denied no_open_position")

    tell(tmp_path, story)


def fill_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the journal its reserve and a little more; its file does not grow again."""
    (segment,) = world.settings.journal.glob("*.log")
    size = len(segment.read_bytes().rstrip(b"\0")) + MIB + 10_000
    os.truncate(segment, size)

    def write(handle: int, what: bytes, offset: int) -> None:
        if offset + len(what) > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(handle, what, offset)

    monkeypatch.setattr("engine.journal.segment_file.write_at", write)


def test_hundreds_of_refusals_on_a_full_disk_leave_room_for_a_close_and_for_giving_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """S-709."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", CARD.replace("  price_collar: {from_alert: 20%}\n", ""))
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            world.said.clear()
            run.say("BTO 2 QQQ @ 400.00")
            await run.until_said(" working 0")
            await anyio.sleep(0.5)
        fill_up(world, monkeypatch)
        world.said.clear()
        async with trading(world, rulebook) as run:
            for number in range(240):
                run.say("BTO 1 AAPL @ 900.00" if number % 2 else "all out AAPL")
                await run.until(lambda: not run.waiting)
            await run.until_said("WARN half of the room kept for closes is used up")
            assert world.times("decided BTO 1 AAPL @ 900.00: denied trading_reduced") < 60
            run.say("all out QQQ")
            await run.until_said("decided all out QQQ: denied no_open_position")
            await run.until_said(" cancelled 0")
            run.say(SELL)
            await run.until_said("closed ")
            world.clock.advance(timedelta(seconds=20))
            await run.until(lambda: not run.desk.is_busy)
        assert verify(world.settings.journal).ok
        monkeypatch.undo()
        async with trading(world, rulebook) as run:
            assert run.desk.parts.so_far.book.held() == ()

    tell(tmp_path, story)


def test_a_file_of_trading_states_that_cannot_be_written_stops_openings_and_no_closes(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            file = world.settings.trading_state
            file.unlink()
            (file / "in the way").mkdir(parents=True)
            await run.until_said("WARN trading states and stages cannot be followed")
            run.say(SELL)
            await run.until_said("closed ")
            run.say("BTO 1 QQQ @ 900.00")
            await run.until_said("decided BTO 1 QQQ @ 900.00: denied")

    tell(tmp_path, story)


def test_a_file_of_trading_states_that_is_taken_away_comes_back_and_a_kill_holds(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            states = run.desk.parts.level.__self__  # type: ignore[attr-defined]
            states.restrict(Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "news"), "kill")
            world.settings.trading_state.unlink()
            run.say(BUY)
            await run.until_said("decided BTO 2 SPY @ 900.00: denied")
            await run.until(world.settings.trading_state.exists)
            run.say("BTO 1 QQQ @ 900.00")
            await run.until_said("decided BTO 1 QQQ @ 900.00: denied")

    tell(tmp_path, story)


class Breaking(JournalLog):
    """A journal that takes no entry of a kind any more once it is told so."""

    breaks_after: Callable[[Entry], bool] = staticmethod(lambda entry: False)
    is_broken = False

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        if self.is_broken:
            raise JournalError("journal_unwritable", "the disk is gone")
        entry = super().append(kind, run, body, urgent=urgent)
        self.is_broken = self.breaks_after(entry)
        return entry


def test_a_journal_that_breaks_ends_the_desk_with_that_very_error(tmp_path: Path):
    class BreaksAtOnce(Breaking):
        breaks_after = staticmethod(lambda entry: b"intent_journaled" in entry.body)

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")

        async def trades() -> None:
            async with trading(world, rulebook, open_journal=BreaksAtOnce.open) as run:
                run.say(BUY)
                await anyio.sleep(10)

        with pytest.raises(JournalError):
            await trades()

    tell(tmp_path, story)


# ---------------------------------------------------------------- results


def results(world: World, path: Path | None = None) -> list[tuple[object, ...]]:
    with readable(path or world.settings.live) as rows:
        sql = "select symbol, quantity, profit, closed_by, epoch_us(closed_at) from closed_positions order by closed_at"
        return [tuple(row) for row in rows.query(sql, {})]


def closed_entries(world: World) -> int:
    return sum(isinstance(body, PositionsClosed) for body in world.journal())


def test_the_last_result_of_a_day_is_journaled_without_another_message(tmp_path: Path):
    """S-958."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            run.say("sold half SPY")
            await run.until(lambda: closed_entries(world) == 1)
            sold = run.say(SELL)
            await run.until(lambda: closed_entries(world) == 2)
            projection = run.desk.parts.projection
            await run.until(lambda: projection.position.seq == last_seq(world))
        told = results(world)
        assert [row[:2] for row in told] == [("SPY", 1), ("SPY", 1)]
        assert told[1][3] == sold.id
        async with trading(world, rulebook) as run:
            run.say(SELL)
            await run.until_said("decided all out SPY: denied no_open_position")
        rebuild(world.settings.journal, world.home / "anew.duckdb")
        assert results(world) == results(world, world.home / "anew.duckdb") == told
        assert verify_journal(world.settings.journal, lambda done, total: None).is_sound

    tell(tmp_path, story)


def last_seq(world: World) -> int:
    return max(entry.seq for entry in read_entries(world.settings.journal))


@pytest.mark.parametrize("is_written", [False, True])
def test_a_result_is_journaled_once_whenever_the_desk_crashes(tmp_path: Path, *, is_written: bool):
    """S-958."""

    class EndsAtResult(JournalLog):
        def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
            if kind is EntryKind.CLOSED and not is_written:
                raise JournalError("journal_unwritable", "the disk is gone")
            entry = super().append(kind, run, body, urgent=urgent)
            if kind is EntryKind.CLOSED:
                self.sync()
                raise JournalError("journal_unwritable", "the disk is gone")
            return entry

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        with pytest.raises(JournalError):  # noqa: PT012 - it comes out of the block
            async with trading(world, rulebook, open_journal=EndsAtResult.open) as run:
                await hold_shares(run)
                run.say(SELL)
                await anyio.sleep(10)
        for _ in range(2):
            async with trading(world, rulebook) as run:
                await run.until(lambda: closed_entries(world) == 1)
                run.say(SELL)
                await run.until_said("decided all out SPY: denied no_open_position")
        assert closed_entries(world) == 1
        assert [row[:2] for row in results(world)] == [("SPY", 2)]

    tell(tmp_path, story)


# ---------------------------------------------------------------- messages that change


def test_an_opening_that_was_taken_back_right_before_a_crash_is_not_sent_after_it(tmp_path: Path):
    class BreaksAfterEdit(Breaking):
        breaks_after = staticmethod(lambda entry: entry.kind is EntryKind.DECIDED and b'"event":2' in entry.body)

    async def story(world: World) -> None:
        rulebook = rulebook_in(
            world.home / "playbooks", CARD.replace("  good_for: 30m", "  good_for: 30m\n  on_delete: cancel")
        )
        world.promote(rulebook)
        world.approves = False

        async def trades() -> None:
            async with trading(world, rulebook, open_journal=BreaksAfterEdit.open) as run:
                posted = run.say(BUY)
                await run.until_said("ApprovalAsked")
                run.post(world.message(BUY, of=posted, event=2, kind=EventKind.DELETED))
                await anyio.sleep(10)

        with pytest.raises(JournalError):
            await trades()
        world.approves = True
        world.said.clear()
        async with trading(world, rulebook) as run:
            with anyio.move_on_after(0.5):
                await run.until(lambda: bool(dropped_by(world)))
            for flow in run.desk.unfinished:
                run.desk.approve_soon(flow.intent.id, "carol")
            await anyio.sleep(0.5)
        assert dropped_by(world) == ["taken_back"]
        assert planned_by(world) == []

    tell(tmp_path, story)


def test_what_is_taken_back_while_it_is_planned_has_one_end_whatever_planning_comes_to(tmp_path: Path):
    """S-963."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(
            world.home / "playbooks", CARD.replace("  good_for: 30m", "  good_for: 30m\n  on_delete: cancel")
        )
        async with trading(world, rulebook) as run:
            goes_on = anyio.Event()

            async def comes_to_nothing(record: Record, outcome: Outcome) -> Intent | Dropped:
                await goes_on.wait()
                return Dropped("not_listed", "nobody lists it any more")

            run.desk._planning._made = comes_to_nothing  # type: ignore[method-assign]
            posted = run.say(BUY)
            await run.until_said("approved every gate passed")
            run.post(world.message(BUY, of=posted, event=2, kind=EventKind.DELETED))
            await run.until(lambda: dropped_by(world) == ["taken_back"])
            goes_on.set()
            await run.until_said("dropped ")
            await run.until(lambda: not run.desk.is_busy)
        assert dropped_by(world) == ["taken_back"]

    tell(tmp_path, story)


@pytest.mark.parametrize("says", [BUY, "BTO 2 SPY 602C 11/28 @ 1.00"])
def test_a_message_that_is_delivered_twice_is_decided_once(tmp_path: Path, says: str):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            posted = run.say(says)
            run.post(posted)
            await run.until_said("decided")
            await anyio.sleep(0.3)
        entries = read_entries(world.settings.journal)
        assert sum(entry.kind is EntryKind.DECIDED for entry in entries) == 1

    tell(tmp_path, story)


def test_a_close_that_an_edit_puts_in_the_place_of_another_is_sent_too(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", CARD.replace("30m\nread", "30m\n  on_edit: replace\nread"))
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            run.say("BTO 2 QQQ @ 900.00")
            await run.until_said("Ended(state='filled'", times=2)
            posted = run.say(SELL)
            await run.until_said("closed ")
            run.post(world.edited(posted, "all out QQQ"))
            await run.until_said("closed ", times=2)

    tell(tmp_path, story)


def test_a_close_goes_on_until_the_broker_can_be_reached(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        async with trading(world, rulebook) as run:
            await hold_shares(run)
            world.on_request = fails(SANDBOX, "/orders", times=6, method="POST")
            run.say(SELL)
            await run.until_said("-3 unsent")
            world.clock.advance(timedelta(seconds=4))
            await run.until_said("closed ")

    tell(tmp_path, story)


# ---------------------------------------------------------------- stages


def test_a_canary_opens_no_more_than_it_may_also_with_alerts_that_race(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook, Stage.CANARY, openings=1)
        async with trading(world, rulebook) as run:
            both = held_back(run)
            run.say(BUY)
            run.say("BTO 2 QQQ @ 900.00")
            await run.until_said("approved every gate passed", times=2)
            both.set()
            await run.until_said("Ended(state='filled'")
            await run.until(lambda: not run.desk.is_busy)
            run.say("BTO 1 AAPL @ 900.00")
            await run.until_said("decided BTO 1 AAPL")
            await run.until(lambda: not run.desk.is_busy)
        assert [planned.units for planned in planned_by(world) if planned.account == "main"] == [1]
        assert dropped_by(world) == ["other_version_sends"]  # for this message none does

    tell(tmp_path, story)


# ---------------------------------------------------------------- kills and stops


@pytest.mark.parametrize("place", ["all", f"channel:{CHANNEL}", f"channel:{THREAD}"])
def test_a_kill_takes_what_is_still_being_planned_along_also_if_it_is_lifted_at_once(tmp_path: Path, place: str):
    async def story(world: World) -> None:
        rulebook = rulebook_in(
            world.home / "playbooks", CARD.replace("{name: trading}", "{name: trading, threads: yes}")
        )
        async with trading(world, rulebook) as run:
            goes_on = held_back(run)
            run.post(replace(world.message(BUY), channel_id=THREAD, parent_channel_id=CHANNEL))
            await run.until_said("approved every gate passed")
            asks = ControlClient(world.settings.control).ask
            await anyio.to_thread.run_sync(lambda: asks("kill", place=place, state="reducing", by="carol", why="news"))
            await anyio.to_thread.run_sync(lambda: asks("resume", place=place, by="carol", why="over"))
            goes_on.set()
            await run.until(lambda: not run.desk.is_busy)
        assert planned_by(world) == []
        assert set(dropped_by(world)) == {"killed"}

    tell(tmp_path, story)


def test_a_kill_of_a_place_nobody_knows_says_so_and_no_name_approves_nothing(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook)
        world.approves = False
        async with trading(world, rulebook) as run:
            run.say(BUY)
            await run.until_said("ApprovalAsked")
            asks = ControlClient(world.settings.control).ask
            with pytest.raises(ControlRefused, match="nothing that waits"):
                await anyio.to_thread.run_sync(partial(asks, "approve", id="", by="carol"))
            for place, doubts in (
                ("account:mian", 1),
                ("account:main", 0),
                ("author:alice", 1),
                ("playbook:tradign", 1),
            ):
                asked = partial(asks, "kill", place=place, state="reducing", by="carol", why="news")
                answer = await anyio.to_thread.run_sync(asked)
                assert len(answer["doubts"]) == doubts, place
                assert place in {f"{each['scope']}:{each['of']}" for each in answer["in_force"]}

    tell(tmp_path, story)


def test_who_answers_twice_is_told_who_answered(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            run.say(BUY)
            await run.until_said("Approved(by='carol')")
            intent = next(body for body in world.journal() if isinstance(body, Intended) and body.intent.stage.is_real)
            asks = ControlClient(world.settings.control).ask
            with pytest.raises(ControlRefused, match=r"nothing that waits begins with .*: approved by carol"):
                await anyio.to_thread.run_sync(partial(asks, "decline", id=intent.intent.id, by="carol", why="late"))

    tell(tmp_path, story)


def test_a_stop_in_the_middle_of_a_send_leaves_its_outcome_unknown_and_nothing_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.app.trading._LAST_ANSWERS_SECONDS", 0.1)

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")
        held = anyio.Event()

        async def holds(kind: AccountKind, request: httpx2.Request) -> None:
            if request.method == "POST" and request.url.path.endswith("/orders"):
                held.set()
                await anyio.sleep_forever()

        world.on_request = holds
        async with trading(world, rulebook) as run:
            run.say(BUY)
            await held.wait()
        events = [type(body.event).__name__ for body in world.journal() if isinstance(body, OrderHappened)]
        assert events[-1] == "OutcomeUnknown"
        world.on_request = fails(SANDBOX, "nothing")
        async with trading(world, rulebook) as run:
            await anyio.sleep(0.5)
            run.say("BTO 1 QQQ @ 900.00")
            await run.until_said("decided BTO 1 QQQ @ 900.00: denied")
        assert len(planned_by(world)) == 1

    tell(tmp_path, story)
