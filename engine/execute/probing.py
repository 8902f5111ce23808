"""An opening is proven in the sandbox: one order, which is cancelled and flattened once it has shown what it can."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from engine.execute.crossing import submit
from engine.execute.drafts import limit, place_in, slot_id, unwinding
from engine.execute.rules import AccountDesk
from engine.execute.send_facts import FactFinder
from engine.execute.setting import Setting
from engine.execute.waiting import within
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Slot
from engine.lifecycle.states import State
from engine.model.desk import AccountKind
from engine.model.intent import Intent
from engine.model.order import InstrumentKind
from engine.model.stages import SandboxEach, SandboxPass, SandboxStage
from engine.plan.entries import Role
from engine.plan.flow import Probed, ProbeVerdict
from engine.plan.limit_price import price_now

_NO_SUCH_CONTRACT: Final = frozenset({"instrument_validation_failed"})
_OFFLINE: Final = "session offline"
_FUTURES: Final = (InstrumentKind.FUTURE, InstrumentKind.FUTURE_OPTION)
_UNWIND_AFTER: Final = tuple(timedelta(seconds=n) for n in (0, 2, 5, 15))
"""The waits before each try to flatten: positions are booked seconds after fills, and closes need a position."""
_UNWIND_WITHIN: Final = timedelta(seconds=90)


def judged(slot: Slot, passes_at: SandboxPass) -> Probed | None:
    """Return what the order of a probe has shown; None while it has yet to."""
    order = slot.attempts[0]
    if _passes(order, passes_at):
        return Probed(ProbeVerdict.PASS, f"its order in the sandbox was {passes_at.value}", slot.id)
    if not order.state.is_over:
        return None
    if order.state is State.REJECTED:
        return refused(slot.id, _reasons(order), (leg.kind for leg in order.order.legs))
    return Probed(ProbeVerdict.OUTAGE, f"its order in the sandbox is {order.state.value}", slot.id)


def refused(slot: str, codes: tuple[str, ...], kinds: Iterable[InstrumentKind]) -> Probed:
    """
    Return the verdict that the sandbox's reasons for a no amount to.

    It lacks a part of the contracts, refuses all futures in the words of an outage, and has real outages.
    """
    text = ", ".join(codes) or "no reason given"
    if _NO_SUCH_CONTRACT.intersection(codes):
        return Probed(ProbeVerdict.CANNOT_REPRESENT, f"the sandbox lacks the contract: {text}", slot, codes)
    if not any(_OFFLINE in code.lower() for code in codes):
        return Probed(ProbeVerdict.REFUSED, f"the sandbox refused it: {text}", slot, codes)
    if any(kind in _FUTURES for kind in kinds):
        return Probed(ProbeVerdict.CANNOT_REPRESENT, f"the sandbox takes no futures: {text}", slot, codes)
    return Probed(ProbeVerdict.OUTAGE, f"the sandbox takes no orders now: {text}", slot, codes)


def is_left(intent: Intent, desk: AccountDesk) -> bool:
    """Return whether a probe in an account may still fill, or has filled and was not flattened."""
    probe = desk.executor.slots.get(slot_id(intent, Role.PROBE))
    unwound = desk.executor.slots.get(slot_id(intent, Role.UNWIND))
    if probe is None:
        return False
    return not _is_settled(probe) or probe.filled > (unwound.filled if unwound is not None else 0)


class Prober:
    """Sends probes, reads their verdicts and cleans up after them."""

    def __init__(self, setting: Setting, finder: FactFinder) -> None:
        self._setting = setting
        self._finder = finder
        self._clearing: set[str] = set()

    async def probe(self, intent: Intent) -> Probed:
        """
        Return the sandbox's verdict on an opening; never more than one order is sent for it, also after a restart.

        To cancel it at any await does no harm. Raises: JournalError.
        """
        stage = self._setting.rules.sandbox(intent)
        if stage is None:
            return Probed(ProbeVerdict.SKIPPED, "its playbook has no sandbox")
        desk = self._desk_with_probe_of(intent)
        if desk is not None:
            return await self._verdict(intent, desk, stage)
        if self._setting.flows.planned_at(slot_id(intent, Role.PROBE)) is not None:
            return Probed(ProbeVerdict.OUTAGE, "the account its order was sent to cannot be reached any more")
        if stage.each is SandboxEach.VERSION and self._setting.rules.has_passed(intent):
            return Probed(ProbeVerdict.SKIPPED, "an opening of this version has passed before")
        return await self._first(intent, stage)

    def needs_clearing(self, intent: Intent) -> bool:
        """Return whether a probe was sent for an opening that may still fill, or has filled and was not flattened."""
        desk = self._desk_with_probe_of(intent)
        return desk is not None and is_left(intent, desk)

    async def clear(self, intent: Intent) -> None:
        """Cancel the order of a probe, and close what it opened; nothing while that is done. Raises: JournalError."""
        desk = self._desk_with_probe_of(intent)
        if desk is None or intent.id in self._clearing:
            return
        self._clearing.add(intent.id)
        try:
            await self._clear(intent, desk)
        finally:
            self._clearing.discard(intent.id)

    async def _clear(self, intent: Intent, desk: AccountDesk) -> None:
        executor, probe = desk.executor, slot_id(intent, Role.PROBE)
        if not _is_settled(executor.slots[probe]):
            executor.cancel(probe, "the probe has shown what it can")
        slot = await executor.until(probe, _is_settled)
        if slot.filled and not await self._unwind(intent, desk, slot.filled):
            sentence = f"what the probe of {intent.id} filled in {desk.alias} could not be closed again"
            self._setting.listener.warn(intent.id, sentence)

    def _desk_with_probe_of(self, intent: Intent) -> AccountDesk | None:
        probe = slot_id(intent, Role.PROBE)
        sandboxes = (desk for desk in self._setting.desks.values() if desk.kind is AccountKind.SANDBOX)
        return next((desk for desk in sandboxes if probe in desk.executor.slots), None)

    async def _first(self, intent: Intent, stage: SandboxStage) -> Probed:
        desk = self._setting.desks.get(stage.account)
        if desk is None:
            return Probed(ProbeVerdict.OUTAGE, f"account {stage.account} cannot be reached")
        if desk.kind is not AccountKind.SANDBOX:
            return Probed(ProbeVerdict.OUTAGE, f"account {stage.account} is no sandbox")
        why = await self._send(intent, desk)
        return Probed(ProbeVerdict.OUTAGE, why) if why else await self._verdict(intent, desk, stage)

    async def _send(self, intent: Intent, desk: AccountDesk) -> str:
        """Return why no order was sent, "" when one was."""
        health = desk.executor.health
        if not health.may_open:
            return f"account {desk.alias} takes no openings: {health.why}"
        home = self._setting.desks.get(intent.account, desk)
        priced = price_now(intent, await self._finder.market(intent, home))
        if priced is None:
            return "there is no price for its order in the sandbox"
        refusal = submit(limit(intent, Role.PROBE, place_in(desk), intent.units, priced), desk, self._setting.flows)
        return "" if refusal is None else refusal.why

    async def _verdict(self, intent: Intent, desk: AccountDesk, stage: SandboxStage) -> Probed:
        executor, probe, passes_at = desk.executor, slot_id(intent, Role.PROBE), stage.passes_at
        begun = self._setting.flows.planned_at(probe) or self._setting.clock.now()

        async def shown() -> Probed | None:
            return judged(await executor.until(probe, lambda slot: judged(slot, passes_at) is not None), passes_at)

        verdict = judged(executor.slots[probe], passes_at)
        verdict = verdict or await within(self._setting.clock, begun + stage.within, shown)
        late = f"its order in the sandbox was not {passes_at.value} within {stage.within.total_seconds():g} s"
        return verdict or Probed(ProbeVerdict.OUTAGE, late, probe)

    async def _unwind(self, intent: Intent, desk: AccountDesk, units: int) -> bool:
        """Return whether everything was closed again."""
        executor, slot = desk.executor, slot_id(intent, Role.UNWIND)
        for wait in _UNWIND_AFTER:
            known = executor.slots.get(slot)
            if known is None or known.room:
                await self._setting.clock.until(self._setting.clock.now() + wait)
                left = units if known is None else known.room
                if submit(unwinding(intent, place_in(desk), left), desk, self._setting.flows) is not None:
                    continue
            if not await self._is_flat(desk, slot):
                continue
            return True
        return False

    async def _is_flat(self, desk: AccountDesk, slot: str) -> bool:
        async def ended() -> Slot:
            return await desk.executor.until(slot, _is_settled)

        limit_at = self._setting.clock.now() + _UNWIND_WITHIN
        ended_slot = await within(self._setting.clock, limit_at, ended)
        return ended_slot is not None and not ended_slot.remainder


def _passes(order: OrderState, passes_at: SandboxPass) -> bool:
    if passes_at is SandboxPass.FILLED:
        return order.state is State.FILLED
    return bool(order.filled) or any(ticket.live_at is not None for ticket in order.tickets)


def _reasons(order: OrderState) -> tuple[str, ...]:
    return order.codes or tuple(ticket.reject_reason for ticket in order.tickets if ticket.reject_reason)


def _is_settled(slot: Slot) -> bool:
    return all(attempt.is_settled for attempt in slot.attempts)
