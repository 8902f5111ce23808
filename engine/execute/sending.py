"""The order itself: priced anew, checked as it stands, submitted in the same breath, and followed to its end."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from engine.execute.crossing import submit
from engine.execute.drafts import limit, place_in, slot_id
from engine.execute.rules import AccountDesk
from engine.execute.send_facts import FactFinder
from engine.execute.setting import Setting
from engine.lifecycle.counting import units_of
from engine.lifecycle.slot import Slot
from engine.lifecycle.states import State
from engine.model.check import Check, CheckStatus
from engine.model.intent import Intent
from engine.plan.entries import Planned, Role
from engine.plan.flow import Checked, DropCode, Dropped, Ended
from engine.plan.limit_price import Prices, price_now
from engine.plan.validation import SendFacts, checks, closable, is_sound

_READY_AGAIN: Final = timedelta(seconds=0.25)
_BOOKED_AGAIN: Final = timedelta(seconds=0.5)
_BOOKED_WITHIN: Final = timedelta(seconds=5)
_MARKET_LASTS: Final = timedelta(seconds=10)
"""How old the market may be that an opening is checked against: its dry run may have waited for its turn."""
_ROUNDS: Final = 3
_ATTEMPTS: Final = 20
_PAUSES: Final = tuple(timedelta(seconds=n) for n in (1, 2, 4, 8, 15, 30, 60))
"""Before each further attempt of a close, the last again and again: about a quarter of an hour in all."""
_NEVER_WORKED: Final = (State.ABSENT, State.UNSENT)


class Sender:
    """Sends what alerts ask for; each method may be cancelled at any await, and raises JournalError."""

    def __init__(self, setting: Setting, finder: FactFinder) -> None:
        self._setting = setting
        self._finder = finder

    async def send(self, intent: Intent) -> None:
        """Check an intent's order and submit it, or drop the intent and say why."""
        desk = self._setting.desks.get(intent.account)
        if desk is None:
            dropped: Dropped | None = Dropped(DropCode.NO_ACCOUNT, f"account {intent.account} cannot be reached")
        elif intent.is_opening:
            dropped = await self._open(intent, desk)
        else:
            dropped = await self._close(intent, desk)
        if dropped is not None:
            self._setting.flows.record(intent.id, dropped)

    async def follow(self, intent: Intent) -> None:
        """
        Return once an intent's order has come to its end.

        A close that certainly never reached the broker is tried again, less and less often, checked anew each time.
        One in an account that cannot be reached any more is left as it is, for the next start.
        """
        desk = self._setting.desks.get(intent.account)
        if desk is None:
            sentence = f"account {intent.account} cannot be reached, and what became of an order in it is not known"
            self._setting.listener.warn(intent.id, sentence)
            return
        while True:
            slot = await desk.executor.until(slot_id(intent, Role.TRADE), _is_settled)
            if intent.is_opening or not _may_try_again(slot):
                break
            await self._setting.clock.until(self._setting.clock.now() + _PAUSES[: len(slot.attempts)][-1])
            if await self._close(intent, desk) is not None:
                break
        last = slot.attempts[-1]
        if not intent.is_opening and last.state in _NEVER_WORKED:
            self._setting.listener.warn(intent.id, f"a close never reached the broker: it is {last.state.value}")
        self._setting.flows.record(intent.id, Ended(last.state.value, slot.filled, slot.remainder))

    async def _open(self, intent: Intent, desk: AccountDesk) -> Dropped | None:
        while True:
            await self._until_ready(desk)
            market = await self._finder.market(intent, desk)
            looked_at = self._setting.clock.now()
            planned = self._draft(intent, desk, market, intent.units)
            if planned is None:
                return _NO_PRICE
            dry_run = await self._finder.dry_run(intent, desk, planned.order)
            is_fresh = self._setting.clock.now() - looked_at <= _MARKET_LASTS
            if is_fresh and desk.executor.health.is_ready:
                return self._submit(intent, desk, planned, self._finder.now(intent, desk, market, dry_run))

    async def _close(self, intent: Intent, desk: AccountDesk) -> Dropped | None:
        await self._until_booked(intent, desk)
        market, asked = Prices({}, {}), None
        for _ in range(_ROUNDS):
            market = await self._finder.market(intent, desk)
            planned = self._close_draft(intent, desk, self._finder.now(intent, desk, market))
            if isinstance(planned, Dropped):
                return planned
            asked = await self._finder.dry_run(intent, desk, planned.order)
            if self._is_still(planned, intent, desk, market):
                break
        # From here on nothing is waited for: two closes of one position see each other's reservations.
        facts = self._finder.now(intent, desk, market)
        planned = self._close_draft(intent, desk, facts)
        if isinstance(planned, Dropped):
            return planned
        dry_run = asked if asked is not None and asked.order == planned.order else None
        return self._submit(intent, desk, planned, self._finder.now(intent, desk, market, dry_run))

    def _is_still(self, planned: Planned, intent: Intent, desk: AccountDesk, market: Prices) -> bool:
        again = self._close_draft(intent, desk, self._finder.now(intent, desk, market))
        return isinstance(again, Planned) and again.order == planned.order

    def _close_draft(self, intent: Intent, desk: AccountDesk, facts: SendFacts) -> Planned | Dropped:
        slot = desk.executor.slots.get(slot_id(intent, Role.TRADE))
        units = closable(intent, facts)
        units = intent.units if units is None else units
        units = units if slot is None else min(units, slot.room * intent.units // units_of(intent.legs))
        if not units:
            return Dropped(DropCode.NOTHING_TO_CLOSE, "nothing is held of it that working closes do not take already")
        return self._draft(intent, desk, Prices(facts.contracts, facts.quotes), units) or _NO_PRICE

    def _draft(self, intent: Intent, desk: AccountDesk, market: Prices, units: int) -> Planned | None:
        priced = price_now(intent, market)
        if priced is None:
            return None
        return limit(intent, Role.TRADE, place_in(desk), units, priced)

    def _submit(self, intent: Intent, desk: AccountDesk, planned: Planned, facts: SendFacts) -> Dropped | None:
        """Check and submit, without waiting in between."""
        found = (*checks(intent, planned.order, facts), *self._setting.rules.recheck(intent, facts))
        found = (*found, self._promotion(intent))
        self._setting.flows.record_with_next(intent.id, Checked(found, planned.order.price, is_sound(found)))
        if not is_sound(found):
            failed = next(check for check in found if check.blocks)
            return Dropped(failed.code or failed.name, failed.detail)
        refusal = submit(planned, desk, self._setting.flows)
        return None if refusal is None else Dropped(refusal.code, refusal.why)

    def _promotion(self, intent: Intent) -> Check:
        refused = self._setting.rules.against(intent)
        if refused is None:
            is_asked = intent.is_opening and intent.stage.is_real
            return Check(_PROMOTION, CheckStatus.PASSED if is_asked else CheckStatus.NOT_APPLICABLE)
        return Check(_PROMOTION, CheckStatus.FAILED, blocks=True, code=refused.code, detail=refused.why)

    async def _until_ready(self, desk: AccountDesk) -> None:
        """Return once openings may go as far as the account's state is known; until then they wait."""
        while not desk.executor.health.is_ready:
            await self._setting.clock.until(self._setting.clock.now() + _READY_AGAIN)

    async def _until_booked(self, intent: Intent, desk: AccountDesk) -> None:
        """Wait a little for a position and the fills that made it, of which either may be told seconds later."""
        until = self._setting.clock.now() + _BOOKED_WITHIN
        while self._setting.clock.now() < until:
            if not _is_booking(intent, self._finder.now(intent, desk, Prices({}, {}))):
                return
            await self._setting.clock.until(self._setting.clock.now() + _BOOKED_AGAIN)


_PROMOTION: Final = "promotion"
_NO_PRICE: Final = Dropped(DropCode.NO_PRICE, "neither the alert nor the market names a price now")


def _is_booking(intent: Intent, facts: SendFacts) -> bool:
    """Return whether the broker's position does not allow what our books do: one of the two is to come."""
    facts = facts if facts.ours is not None else replace(facts, reserved={})
    units, by_books = closable(intent, facts), closable(intent, replace(facts, holdings=None))
    return units is not None and units < (intent.units if by_books is None else by_books)


def _is_settled(slot: Slot) -> bool:
    return all(attempt.is_settled for attempt in slot.attempts)


def _may_try_again(slot: Slot) -> bool:
    last = slot.attempts[-1]
    is_wanted = bool(slot.room) and not last.is_cancel_wanted
    return is_wanted and last.state in _NEVER_WORKED and len(slot.attempts) < _ATTEMPTS
