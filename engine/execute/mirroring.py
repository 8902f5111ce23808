"""A close in production is repeated in the sandbox, for the record: nothing waits for it, and nothing depends on it."""

from engine.execute.crossing import submit
from engine.execute.drafts import limit, place_in, slot_id
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
        """Send a close to the sandbox, once, unless it would take from a version that trades there."""
        desk = self._sandbox(intent)
        if desk is None or slot_id(intent, Role.MIRROR) in desk.executor.slots or self._would_take(intent, desk):
            return
        home = self._setting.desks.get(intent.account, desk)
        priced = price_now(intent, await self._finder.market(intent, home))
        if priced is None or slot_id(intent, Role.MIRROR) in desk.executor.slots:
            return
        submit(limit(intent, Role.MIRROR, place_in(desk), intent.units, priced), desk, self._setting.flows)

    def _sandbox(self, intent: Intent) -> AccountDesk | None:
        if intent.is_opening or not intent.stage.is_real:
            return None
        stage = self._setting.rules.sandbox(intent)
        desk = None if stage is None else self._setting.desks.get(stage.account)
        return desk if desk is not None and desk.kind is AccountKind.SANDBOX else None

    def _would_take(self, intent: Intent, desk: AccountDesk) -> bool:
        """Return whether a version in the sandbox has traded what the mirror would close: the position is its own."""
        symbols = {leg.symbol for leg in intent.legs}
        held = {symbol for symbol, holding in desk.executor.holdings.items() if holding.quantity}
        if not symbols & held:
            return False
        return any(
            flow.is_sent
            and flow.intent.stage is Stage.SANDBOX
            and flow.intent.account == desk.alias
            and not symbols.isdisjoint(leg.symbol for leg in flow.intent.legs)
            for flow in self._setting.flows.all.values()
        )
