"""A close in production is repeated in the sandbox, for the record: nothing waits for it, and nothing depends on it."""

from engine.execute.crossing import submit
from engine.execute.drafts import limit, place_in, slot_id
from engine.execute.probing import is_left
from engine.execute.rules import AccountDesk
from engine.execute.send_facts import FactFinder
from engine.execute.setting import Setting
from engine.model.desk import AccountKind
from engine.model.intent import Intent
from engine.model.stages import Stage
from engine.plan.entries import Role
from engine.plan.limit_price import price_now


class Mirror:
    """Repeats closes; the sandbox refuses those of which it holds nothing, and that is its record."""

    def __init__(self, setting: Setting, finder: FactFinder) -> None:
        self._setting = setting
        self._finder = finder

    async def mirror(self, intent: Intent) -> None:
        """Send a close to the sandbox, once, unless it would take from a version that trades there, or from a probe."""
        desk = self._sandbox(intent)
        if desk is None or slot_id(intent, Role.MIRROR) in desk.executor.slots:
            return
        home = self._setting.desks.get(intent.account, desk)
        priced = price_now(intent, await self._finder.market(intent, home))
        if priced is None or slot_id(intent, Role.MIRROR) in desk.executor.slots or self._would_take(intent, desk):
            return
        submit(limit(intent, Role.MIRROR, place_in(desk), intent.units, priced), desk, self._setting.flows)

    def _sandbox(self, intent: Intent) -> AccountDesk | None:
        if intent.is_opening or not intent.stage.is_real:
            return None
        stage = self._setting.rules.sandbox(intent)
        desk = None if stage is None else self._setting.desks.get(stage.account)
        return desk if desk is not None and desk.kind is AccountKind.SANDBOX else None

    def _would_take(self, intent: Intent, desk: AccountDesk) -> bool:
        """Return whether what the mirror would close is another's: a version's in the sandbox, or a probe's."""
        symbols = {leg.symbol for leg in intent.legs}
        alike = [
            flow
            for flow in self._setting.flows.all.values()
            if not symbols.isdisjoint(leg.symbol for leg in flow.intent.legs)
        ]
        if any(is_left(flow.intent, desk) for flow in alike):
            return True
        is_held = any(desk.executor.holdings[symbol].quantity for symbol in symbols & desk.executor.holdings.keys())
        return is_held and any(
            flow.is_sent and flow.intent.stage is Stage.SANDBOX and flow.intent.account == desk.alias for flow in alike
        )
