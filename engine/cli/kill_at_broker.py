"""`signalbook kill --direct`: the part that asks the broker."""

import asyncio
from pathlib import Path

from engine.adapters.clock import SystemClock
from engine.app.kill_accounts import KillAccounts, desk_of, kill_accounts
from engine.app.kill_direct import AccountFate, kill_direct
from engine.app.settings import Settings
from engine.cli.screen import err, visible
from engine.model.activity import Restriction, Scope


def killed(
    restriction: Restriction, places: Settings, playbooks: Path, within: float, problems: list[str]
) -> tuple[AccountFate, ...]:
    """
    Cancel what opens in the accounts a restriction is for, and return what became of it.

    playbooks: whose desk names the accounts. within: seconds. problems: added to.
    """
    return asyncio.run(_killed(restriction, places, playbooks, within, problems))


async def _killed(
    restriction: Restriction, places: Settings, playbooks: Path, within: float, problems: list[str]
) -> tuple[AccountFate, ...]:
    desk = desk_of(playbooks)
    if desk is None:
        problems.append(f"no desk could be read in {playbooks}: every account of the credentials in the environment")
    async with kill_accounts(desk, playbooks, places, SystemClock()) as found:
        wanted = found if desk is None else _of_scope(found, restriction)
        fates = await kill_direct(wanted.brokers, within, lambda said: err().print(visible(said), soft_wrap=True))
    return (*fates, *(AccountFate(alias, (), why) for alias, why in wanted.missing.items()))


def _of_scope(found: KillAccounts, restriction: Restriction) -> KillAccounts:
    if restriction.scope is not Scope.ACCOUNT:
        return found
    brokers = {alias: broker for alias, broker in found.brokers.items() if alias == restriction.of}
    missing = {alias: why for alias, why in found.missing.items() if alias in (restriction.of, "settings")}
    if not (brokers or missing):
        missing = {restriction.of: "the desk has no such account"}
    return KillAccounts(brokers, missing)
