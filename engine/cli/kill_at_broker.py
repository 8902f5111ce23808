"""`signalbook kill --direct`: the part that asks the broker."""

import asyncio
from pathlib import Path
from typing import Final

from engine.adapters.clock import SystemClock
from engine.app.agreed_desk import LastTraded, last_traded
from engine.app.kill_accounts import desk_of, kill_accounts
from engine.app.kill_direct import AccountFate, kill_direct
from engine.app.settings import Settings
from engine.cli.screen import err, visible
from engine.model.activity import Restriction, Scope
from engine.model.desk import Desk
from engine.model.environment import Environment

_REAL: Final = Environment.PRODUCTION


def killed(
    restriction: Restriction, places: Settings, playbooks: Path, within: float, problems: list[str]
) -> tuple[AccountFate, ...]:
    """
    Cancel what opens in the accounts a restriction is for, and return what became of it.

    They are those of the files, and then those the engine was last at work in, where its journal can be read: it goes
    by the files it started with. playbooks: whose desk names the accounts. within: seconds, for each of the two.
    problems: added to.
    """
    return asyncio.run(_killed(restriction, places, playbooks, within, problems))


async def _killed(
    restriction: Restriction, places: Settings, playbooks: Path, within: float, problems: list[str]
) -> tuple[AccountFate, ...]:
    desk = desk_of(playbooks)
    if desk is None:
        problems.append(f"no desk could be read in {playbooks}: every account of the credentials in the environment")
    killing = _Killing(restriction, places, playbooks, within)
    await killing.go_through(desk)
    last = _last_traded(places.journal, problems)
    if last.desk is not None:
        await killing.go_through(last.desk)
    return killing.fates(last)


def _last_traded(journal: Path, problems: list[str]) -> LastTraded:
    """Return what the engine last went by, as far as its journal can be read: none is needed."""
    try:
        return last_traded(journal)
    except Exception as error:  # noqa: BLE001 - whatever a spoilt journal does, what was killed is to be told
        problems.append(f"whether the engine was at work in other accounts cannot be told: {error}")
        return LastTraded()


class _Killing:
    """Goes through the accounts of one desk after another, each account once."""

    def __init__(self, restriction: Restriction, places: Settings, playbooks: Path, within: float) -> None:
        self._restriction = restriction
        self._places = places
        self._playbooks = playbooks
        self._within = within
        self._fates: list[AccountFate] = []
        self._missing: dict[str, str] = {}
        self._numbers: set[str] = set()
        self._reached: set[Environment] = set()

    async def go_through(self, desk: Desk | None) -> None:
        """Cancel what opens in the accounts of a desk, None for all there are, but for those that were asked before."""
        async with kill_accounts(desk, self._playbooks, self._places, SystemClock()) as found:
            names = [name for name in found.brokers if desk is None or self._is_wanted(name)]
            names = [name for name in names if found.numbers[name] not in self._numbers]
            wanted = {name: found.brokers[name] for name in names}
            self._numbers |= {found.numbers[name] for name in names}
            self._reached |= set(found.places.values())
            fates = await kill_direct(wanted, self._within, lambda said: err().print(visible(said), soft_wrap=True))
        self._fates += fates
        missing = {name: why for name, why in found.missing.items() if desk is None or self._is_wanted(name)}
        self._missing = {name: why for name, why in self._missing.items() if name not in found.brokers} | missing

    def fates(self, last: LastTraded) -> tuple[AccountFate, ...]:
        """Return what became of everything, and why it is not known of the rest. last: what the engine went by."""
        missing = dict(self._missing)
        if not (self._fates or missing):
            missing[self._restriction.of] = "the desk has no such account"
        if _REAL in last.places and _REAL not in self._reached:
            here = ", ".join(sorted(self._reached)) or "nothing"
            missing[_REAL] = (
                f"the engine last traded there, and this asked {here}: run it with the engine's environment"
            )
        return (*self._fates, *(AccountFate(name, (), why) for name, why in missing.items()))

    def _is_wanted(self, name: str) -> bool:
        return self._restriction.scope is not Scope.ACCOUNT or name in (self._restriction.of, "settings")
