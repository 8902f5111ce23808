"""Openings that rest unfilled while their author gets out, or changes his mind: nothing of them fills later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import httpx2
import pytest

from engine.app.verify import verify_journal
from engine.journal.log import JournalLog
from engine.model.desk import AccountKind
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.message import EventKind, Message
from engine.model.stages import Stage
from engine.paper.quotes import Quote
from engine.plan.entries import FlowHappened, Intended, Planned, Role
from engine.plan.flow import Dropped, Ended
from tests.trading_world import CARD, PROOF, Running, World, rulebook_in, tell, trading

FAR, FAR_TOO = "BTO 2 SPY @ 500.00", "BTO 2 QQQ @ 400.00"  # far below the market: they work and do not fill
SOON_AGAIN = CARD.replace("  price_collar: {from_alert: 20%}\n", "")
RESTING = SOON_AGAIN.replace("duplicate_window: 1s", "duplicate_window: 10m")
REPLACING = RESTING.replace("  good_for: 30m", "  good_for: 30m\n  on_edit: replace\n  on_delete: cancel")


async def rest(run: Running, text: str = FAR, account: str = "main", **more: object) -> Message:
    """Have an opening work at the broker, unfilled: its own order, as one that works already may say so again."""
    before = _orders_told(run, account, "")
    run.world.said.clear()
    message = run.say(text, **more)
    await run.until(lambda: bool(_orders_told(run, account, " working 0") - before))
    return message


def _orders_told(run: Running, account: str, end: str) -> set[str]:
    """Return the client ids of trades' orders in an account that were told with this end of line."""
    lines = [line for line in run.world.said if line.startswith(f"order {account} ") and line.endswith(end)]
    return {line.split()[2] for line in lines if not line.split()[2].endswith("p-1")}


async def cancelled(run: Running, account: str = "main") -> None:
    """Wait until an opening is cancelled, and for its end: for a while it could still fill, as far as is known."""
    await run.until(lambda: bool(_orders_told(run, account, " cancelled 0")))
    run.world.clock.advance(timedelta(seconds=20))
    await run.until_said("Ended(state='cancelled'")


def ends(world: World) -> list[str]:
    """Return how intents ended, in order: the state of an order, or the code of what was dropped."""
    steps = [each for each in world.journal() if isinstance(each, FlowHappened)]
    own = [each for each in steps if not each.intent_id.startswith(PROOF)]
    bodies = [each.event for each in own]
    return [
        each.state if isinstance(each, Ended) else each.code for each in bodies if isinstance(each, Ended | Dropped)
    ]


def orders_in(world: World, account: str) -> int:
    """Return how many orders were planned in an account for what alerts asked."""
    planned = [each for each in world.journal() if isinstance(each, Planned) and each.role is Role.TRADE]
    return sum(each.account == account for each in planned)


def check(world: World) -> None:
    """What was decided comes out again."""
    found = verify_journal(world.settings.journal, lambda done, total: None)
    assert found.is_sound, found.derived.differences


async def settled(run: Running) -> None:
    await run.until(lambda: not run.desk.is_busy)


@pytest.mark.parametrize("says", ["all out", "all out SPY", "sold half SPY", "STC SPY"])
def test_a_close_gives_up_the_opening_that_rests(tmp_path: Path, says: str):
    """S-918."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            await rest(run)
            run.say(says)
            await cancelled(run)
            assert world.times("no_open_position")
            await settled(run)
        assert ends(world)[-1] == "cancelled"
        check(world)

    tell(tmp_path, story)


def test_a_close_of_what_is_held_gives_up_what_was_to_add_to_it(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        async with trading(world, rulebook) as run:
            run.say("BTO 2 SPY @ 900.00")
            await run.until_said("Ended(state='filled'")
            await run.pass_time(timedelta(minutes=11))  # before that the same again is a duplicate
            await rest(run, account="cert")
            run.say("all out SPY")
            await run.until_said("closed ")
            await cancelled(run, "cert")
            await settled(run)
            assert run.desk.parts.so_far.book.held() == ()
        assert sorted(ends(world)) == ["cancelled", "filled", "filled"]
        check(world)

    tell(tmp_path, story)


@pytest.mark.parametrize(
    ("says", "given_up"),
    [("all out SPY", ["SPY"]), ("STC QQQ", ["QQQ"]), ("all out", ["SPY", "QQQ"]), ("all out AAPL", [])],
)
def test_a_close_gives_up_what_it_means_and_nothing_else(tmp_path: Path, says: str, given_up: Sequence[str]):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        async with trading(world, rulebook) as run:
            await rest(run, account="cert")
            await rest(run, FAR_TOO, "cert")
            run.say(says)
            await run.until_said(f"decided {says}")
            await anyio.sleep(0.3)  # what is not to be given up would be by now
            await run.until(lambda: len(_orders_told(run, "cert", " cancelled 0")) == len(given_up))
            world.clock.advance(timedelta(seconds=20))
            await run.until(lambda: len(run.desk.unfinished) == 2 - len(given_up))
            left = {flow.intent.legs[0].symbol for flow in run.desk.unfinished}
            assert left == {"SPY", "QQQ"} - set(given_up)
        check(world)

    tell(tmp_path, story)


def test_an_answer_gives_up_the_opening_it_answers(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        async with trading(world, rulebook) as run:
            opened = await rest(run, account="cert")
            await rest(run, FAR_TOO, "cert")
            run.say("all out", reply_to=opened.id)
            await cancelled(run, "cert")
            await run.until(lambda: len(run.desk.unfinished) == 1)
            assert [flow.intent.legs[0].symbol for flow in run.desk.unfinished] == ["QQQ"]

    tell(tmp_path, story)


def test_an_opening_that_waits_for_a_person_is_dropped_by_a_close(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        world.approves = False
        async with trading(world, rulebook) as run:
            run.say(FAR)
            await run.until_said("ApprovalAsked")
            run.say("all out SPY")
            await run.until_said("Dropped(code=<DropCode.CLOSED_FIRST")
            await settled(run)
        assert ends(world) == ["closed_first"]
        assert orders_in(world, "main") == 0
        check(world)

    tell(tmp_path, story)


# ---------------------------------------------------------------- fills that come before the cancel


def fills_before_the_cancel(world: World, kind: AccountKind = AccountKind.PRODUCTION) -> None:
    """Have the market come down for a moment to what rests in an account, when somebody wants to cancel there."""
    quote = world.market.quote

    def low(symbol: str, now: datetime) -> Quote | None:
        found = quote(symbol, now)
        return None if found is None else replace(found, bid=Decimal("399.98"), ask=Decimal("399.99"))

    async def rule(of: AccountKind, request: httpx2.Request) -> None:
        if of is kind and request.method == "DELETE":
            world.market.quote = low  # type: ignore[method-assign]
            await anyio.sleep(0.5)
            world.market.quote = quote  # type: ignore[method-assign]

    world.on_request = rule


@pytest.mark.parametrize("says", ["all out", "sold half SPY"])
def test_what_fills_before_it_can_be_cancelled_is_closed_again(tmp_path: Path, says: str):
    """S-956."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            await rest(run)
            fills_before_the_cancel(world)
            closes = run.say(says)
            await run.until_said("WARN 2 SPY filled in account main after its author was out: it is closed at once")
            await run.until_said("closed ")
            await settled(run)
            assert run.desk.parts.so_far.book.held() == ()
        intents = [
            each.intent
            for each in world.journal()
            if isinstance(each, Intended) and not each.intent.id.startswith(PROOF)
        ]
        assert [(each.is_opening, each.units, each.account) for each in intents] == [
            (True, 2, "main"),
            (False, 2, "main"),
        ]
        assert intents[1].message_id == closes.id
        assert ends(world) == ["filled", "filled"]
        assert orders_in(world, "main") == 2
        check(world)

    tell(tmp_path, story)


@pytest.mark.parametrize(("says", "left"), [("all out SPY", 0), ("sold half SPY", 2)])
def test_a_close_of_what_is_held_and_one_of_what_filled_late_take_their_own_parts(tmp_path: Path, says: str, left: int):
    """S-956."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", SOON_AGAIN)
        async with trading(world, rulebook) as run:
            run.say("BTO 4 SPY @ 900.00")
            await run.until_said("Ended(state='filled'")
            await run.pass_time(timedelta(seconds=2))
            await rest(run, account="cert")
            fills_before_the_cancel(world, AccountKind.SANDBOX)
            run.say(says)
            await run.until_said("WARN 2 SPY filled in account cert after its author was out")
            await run.until_said("closed ", times=2)
            await settled(run)
            assert sum(each.quantity or 0 for each in run.desk.parts.so_far.book.held()) == left
        closes = [
            each.intent.units for each in world.journal() if isinstance(each, Intended) and not each.intent.is_opening
        ]
        assert closes == [4 - left, 2]
        check(world)

    tell(tmp_path, story)


def test_what_fills_of_an_opening_that_was_edited_stays(tmp_path: Path):
    """S-957."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", REPLACING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            posted = await rest(run)
            fills_before_the_cancel(world)
            run.post(world.edited(posted, "BTO 2 SPY @ 501.00"))
            await run.until_said("Ended(state='filled'")
            await anyio.sleep(0.3)
            await settled(run)
            assert [each.quantity for each in run.desk.parts.so_far.book.held()] == [2]
        assert orders_in(world, "main") == 1
        check(world)

    tell(tmp_path, story)


class EndsAtStep(JournalLog):
    """A journal that ends its process right after a step of an intent is on disk, the first time. step: its name."""

    step = b""

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        entry = super().append(kind, run, body, urgent=urgent)
        if kind is EntryKind.FLOW and b'"event":"%s"' % self.step in body:
            self.sync()
            raise JournalError("journal_unwritable", "the disk is gone")
        return entry


@pytest.mark.parametrize("step", [b"ended", b"filled_late"])
def test_what_filled_late_right_before_a_crash_is_closed_once_after_it(tmp_path: Path, step: bytes):
    """S-956."""

    class EndsThere(EndsAtStep):
        pass

    EndsThere.step = step

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        with pytest.raises(JournalError):  # noqa: PT012 - it comes out of the block
            async with trading(world, rulebook, open_journal=EndsThere.open) as run:
                await rest(run)
                fills_before_the_cancel(world)
                run.say("all out SPY")
                await anyio.sleep(10)
        world.said.clear()
        for _ in range(2):
            async with trading(world, rulebook) as run:
                await run.until(lambda: run.desk.parts.so_far.book.held() == ())
                await anyio.sleep(0.2)
                await settled(run)
        assert world.times("closed Closed") == 1
        assert orders_in(world, "main") == 2
        check(world)

    tell(tmp_path, story)


class EndsAtClose(JournalLog):
    """A journal that ends its process right after a decision about "all out SPY" is on disk."""

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        entry = super().append(kind, run, body, urgent=urgent)
        if kind is EntryKind.DECIDED and b'"all out SPY"' in body:
            self.sync()
            raise JournalError("journal_unwritable", "the disk is gone")
        return entry


def test_what_a_close_gave_up_right_before_a_crash_is_given_up_after_it(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        with pytest.raises(JournalError):  # noqa: PT012 - it comes out of the block
            async with trading(world, rulebook, open_journal=EndsAtClose.open) as run:
                await rest(run)
                run.say("all out SPY")
                await anyio.sleep(10)
        world.said.clear()
        async with trading(world, rulebook) as run:
            await cancelled(run)
            await settled(run)
        assert orders_in(world, "main") == 1
        check(world)

    tell(tmp_path, story)


def test_a_version_that_is_only_tried_touches_nothing_of_production(tmp_path: Path):
    """S-917."""

    async def story(world: World) -> None:
        promoted = rulebook_in(world.home / "playbooks", RESTING.replace("open, close]", "open]"))
        world.promote(promoted)
        async with trading(world, promoted) as run:
            run.say("BTO 2 AAPL @ 900.00")
            await run.until_said("Ended(state='filled'")
        tried = rulebook_in(world.home / "playbooks", RESTING)
        async with trading(world, tried) as run:
            await rest(run)
            await run.until(lambda: len(run.desk.unfinished) == 2)
            world.said.clear()
            run.say("all out SPY")
            await cancelled(run, "cert")
            run.say("all out AAPL")
            await run.until_said("decided all out AAPL: denied no_open_position")
            await anyio.sleep(0.5)
            assert [flow.intent.account for flow in run.desk.unfinished] == ["main"]
            held = [each for each in run.desk.parts.so_far.book.held() if each.account == "main"]
            assert [each.symbol for each in held] == ["AAPL"]
        check(world)

    tell(tmp_path, story)


# ---------------------------------------------------------------- edits and deletions


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_message_that_changes_takes_back_what_is_unfilled_and_opens_nothing_twice(
    tmp_path: Path, *, is_deleted: bool
):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", REPLACING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            posted = await rest(run)
            if is_deleted:
                run.post(world.message(FAR, of=posted, event=2, kind=EventKind.DELETED))
            else:
                run.post(world.edited(posted, "BTO 2 SPY @ 501.00"))
            await cancelled(run)
            await settled(run)
        assert ends(world) == ["cancelled"]
        assert orders_in(world, "main") == 1
        check(world)

    tell(tmp_path, story)


def test_an_edit_after_the_fill_changes_nothing(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", REPLACING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            posted = run.say("BTO 2 SPY @ 900.00")
            await run.until_said("Ended(state='filled'")
            run.post(world.edited(posted, "BTO 4 SPY @ 901.00"))
            await run.until_said("decided BTO 4 SPY @ 901.00")
            await settled(run)
            assert [each.quantity for each in run.desk.parts.so_far.book.held()] == [2]
        assert ends(world) == ["filled"]
        assert orders_in(world, "main") == 1
        check(world)

    tell(tmp_path, story)


def test_an_edit_before_anything_was_sent_takes_the_first_back_and_sends_one_at_most(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", REPLACING)
        world.promote(rulebook)
        world.approves = False
        async with trading(world, rulebook) as run:
            posted = run.say(FAR)
            await run.until_said("ApprovalAsked")
            run.post(world.edited(posted, "BTO 2 SPY @ 501.00"))
            await run.until_said("Dropped(code=<DropCode.TAKEN_BACK")
            await settled(run)
        intended = [
            each for each in world.journal() if isinstance(each, Intended) and each.intent.message_id == posted.id
        ]
        assert len(intended) == 1
        assert ends(world) == ["taken_back"]
        assert orders_in(world, "main") == 0
        check(world)

    tell(tmp_path, story)


def test_an_edit_of_a_message_whose_version_was_promoted_meanwhile_takes_it_back_too(tmp_path: Path):
    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", REPLACING)
        async with trading(world, rulebook) as run:
            posted = await rest(run, account="cert")
        world.promote(rulebook, Stage.PRODUCTION)
        async with trading(world, rulebook) as run:
            run.post(world.edited(posted, "BTO 2 SPY @ 501.00"))
            await cancelled(run, "cert")
            await settled(run)
        check(world)

    tell(tmp_path, story)
