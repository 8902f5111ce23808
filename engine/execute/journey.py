"""One intent's way, step after step: each result is on disk before the next step begins."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from engine.execute.approvals import Approvals
from engine.execute.mirroring import Mirror
from engine.execute.probing import Prober
from engine.execute.send_facts import FactFinder
from engine.execute.sending import Sender
from engine.execute.setting import Setting
from engine.execute.waiting import within
from engine.model.activity import TradingState
from engine.model.errors import JournalError
from engine.model.intent import Intent
from engine.model.stages import OnTimeout
from engine.plan.approval import Need
from engine.plan.flow import DropCode, Dropped, Flow, Next, next_step

Beside = Callable[[Callable[[], Awaitable[None]]], None]

_FULL: Final = "journal_full"


class Journey:
    """
    Takes intents to their ends; every method raises JournalError and InvariantBroken.

    beside: starts what holds nothing up: cleaning up after a probe, and mirrors.
    """

    def __init__(self, setting: Setting, approvals: Approvals, beside: Beside) -> None:
        self._setting = setting
        self._approvals = approvals
        self._beside = beside
        self._finder = FactFinder(setting)
        self._sender = Sender(setting, self._finder)
        self._mirror = Mirror(setting, self._finder)
        self.prober = Prober(setting, self._finder)

    async def go(self, intent: Intent) -> None:
        """Take an intent from where it stands to its end."""
        try:
            await self._go(intent)
        except JournalError as error:
            if error.code != _FULL or not intent.is_opening:
                raise
            self._drop(intent, error.code, str(error))  # what ends a flow finds room in the reserve
            self._beside(partial(self.prober.clear, intent))

    async def _go(self, intent: Intent) -> None:
        limit = intent.good_until if intent.is_opening else None
        await within(self._setting.clock, limit, lambda: self._until_sent(intent))
        flow = self._setting.flows[intent.id]
        if next_step(flow) is Next.FOLLOW:
            self._beside(partial(self._mirror.mirror, intent))
            await self._sender.follow(intent)
        elif next_step(flow) is Next.GIVE_UP:
            self._give_up(flow)
        elif not flow.is_over and self._is_late(intent):
            self._drop(intent, DropCode.TOO_LATE, f"it was good until {intent.good_until:%H:%M:%S} UTC")
            self._beside(partial(self.prober.clear, intent))

    async def _until_sent(self, intent: Intent) -> None:
        while True:
            flow = self._setting.flows[intent.id]
            step = next_step(flow)
            if step in (Next.FOLLOW, Next.NOTHING) or self._is_late(intent):
                return
            if step is Next.PROBE:
                await self._prove(intent)
            elif step is Next.GIVE_UP:
                self._give_up(flow)
            elif step is Next.SEND or not await self._ask(flow):
                await self._sender.send(intent)

    def _is_late(self, intent: Intent) -> bool:
        return intent.is_opening and self._setting.clock.now() >= intent.good_until

    async def _prove(self, intent: Intent) -> None:
        """Have the sandbox judge, and clean up behind it while the intent goes on."""
        denied = self._denied(intent)
        self._setting.flows.record(intent.id, denied or await self.prober.probe(intent))
        self._beside(partial(self.prober.clear, intent))  # also of what was sent before a restart

    def _denied(self, intent: Intent) -> Dropped | None:
        """Return what already forbids an opening, so that the sandbox need not be asked."""
        desk = self._setting.desks.get(intent.account)
        if desk is None:
            return Dropped(DropCode.NO_ACCOUNT, f"account {intent.account} cannot be reached")
        refused = self._setting.rules.against(intent)
        if refused is not None:
            return Dropped(refused.code, refused.why)
        restrictions = self._finder.restrictions(intent, desk)
        if restrictions is None:
            return Dropped(DropCode.STATE_UNKNOWN, "whether trading is restricted is not known")
        if not restrictions:
            return None
        worst = next((each for each in restrictions if each.state is TradingState.HALTED), restrictions[0])
        code = DropCode.HALTED if worst.state is TradingState.HALTED else DropCode.REDUCED
        return Dropped(code, f"{worst.scope.value} {worst.of}".strip() + f" is {worst.state.value}: {worst.why}")

    def _give_up(self, flow: Flow) -> None:
        if flow.declined is not None:
            code = DropCode.DECLINED if flow.declined.by else DropCode.UNANSWERED
            why = f"{flow.declined.by}: {flow.declined.why}" if flow.declined.by else flow.declined.why
            self._drop(flow.intent, code, why)
        elif flow.probe is not None:
            self._drop(flow.intent, DropCode.SANDBOX_REFUSED, flow.probe.why)

    async def _ask(self, flow: Flow) -> bool:
        """Have a person asked where one has to be; return whether anything was recorded that decides what is next."""
        if flow.probe is None:
            return False
        need = self._setting.rules.approval(flow.intent, flow.probe.verdict)
        if isinstance(need, Dropped):
            self._setting.flows.record(flow.intent.id, need)
            return True
        if need is None and flow.asked is None:
            return False
        await self._approvals.wait(flow.intent.id, need or _as_asked(flow))
        return True

    def _drop(self, intent: Intent, code: str, why: str) -> None:
        self._setting.flows.record(intent.id, Dropped(code, why))


def _as_asked(flow: Flow) -> Need:
    """Return what was asked for before a restart and is needed no more: the answer counts all the same."""
    by = () if flow.asked is None else flow.asked.by
    return Need("asked before a restart", by, timedelta(0), OnTimeout.REFUSE)
