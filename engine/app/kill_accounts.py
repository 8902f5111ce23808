"""
The accounts a direct kill reaches: those of the desk, or, when it cannot be read, all that the credentials open.

Cancelling takes no risk, so neither SIGNALBOOK_PRODUCTION nor a certificate is asked for here; nothing that comes
out of this module can send an order.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engine.adapters.tastytrade.account_numbers import account_numbers
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, Destination, production, sandbox
from engine.app.credentials import BROKER, PAPER, PRODUCTION, Access, accesses, paper_access
from engine.app.kill_direct import Canceller
from engine.app.settings import Settings, SettingsError
from engine.model.desk import AccountKind, BrokerKind, Desk
from engine.model.environment import Environment
from engine.model.errors import BrokerError
from engine.playbook.rulebook import load_rulebook
from engine.ports import Clock

_OURS: Final = ("TASTYTRADE_", "TT_")
_SECRET: Final = re.compile(r"(?P<stem>.*?)_?(CLIENT_)?SECRET")
_TOKENS: Final = ("_REFRESH", "_REFRESH_TOKEN", "_TOKEN")
_OF_SANDBOX: Final = re.compile(r"CERT|SANDBOX|TEST|DEMO|PAPER")
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{3,}")


@dataclass(frozen=True, slots=True)
class KillAccounts:
    """
    brokers: by alias, or by number where no desk names them. missing: alias → why it cannot be reached.
    numbers, places: of those that are reached, by the same names: the account's number, and where it is.
    """

    brokers: Mapping[str, Canceller]
    missing: Mapping[str, str]
    numbers: Mapping[str, str]
    places: Mapping[str, Environment]


def desk_of(playbooks: Path) -> Desk | None:
    """Return the desk of a folder; None when it cannot be read, whatever the reason."""
    try:
        return load_rulebook([playbooks], runs_examples=False).desk
    except Exception:  # noqa: BLE001 - a fault in reading playbooks must not keep anybody from cancelling
        return None


@asynccontextmanager
async def kill_accounts(
    desk: Desk | None, playbooks: Path, settings: Settings, clock: Clock, pace: Pace | None = None
) -> AsyncIterator[KillAccounts]:
    """
    Give the accounts, connected, for as long as the block runs.

    playbooks: whose text may still name the variables of the credentials when the desk cannot be read.
    """
    async with AsyncExitStack() as open_connections:
        reaching = _Reaching(open_connections, clock, pace)
        settings = replace(settings, variables={**settings.variables, PRODUCTION: "yes"})
        try:
            if desk is None:
                await reaching.by_environment(settings, playbooks)
            else:
                await reaching.by_desk(desk, settings)
        except SettingsError as error:
            reaching.missing["settings"] = f"{error.code}: {error}"
            if desk is not None:
                await reaching.by_environment(settings, playbooks)
        yield KillAccounts(reaching.brokers, reaching.missing, reaching.numbers, reaching.places)


class _Reaching:
    """Attributes: as in KillAccounts."""

    def __init__(self, open_connections: AsyncExitStack, clock: Clock, pace: Pace | None) -> None:
        self.brokers: dict[str, Canceller] = {}
        self.missing: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.places: dict[str, Environment] = {}
        self._open = open_connections
        self._clock = clock
        self._pace = pace

    async def by_desk(self, desk: Desk, settings: Settings) -> None:
        for each in accesses(desk, settings):
            if isinstance(each, Access):
                connection = await self._connected(each.destination, each.credentials)
                self._reached(each.alias, connection, each.number, each.environment)
            else:
                self.missing[each.alias] = f"{each.code}: {each.message}"

    async def by_environment(self, settings: Settings, playbooks: Path) -> None:
        found = list(_pairs(settings.variables, playbooks))
        if settings.variables.get(BROKER) == BrokerKind.PAPER or settings.variables.get(PAPER) or not found:
            for kind in AccountKind:
                access = paper_access(kind.value, kind, settings)
                await self._listed(
                    f"paper {kind.value}", ((access.destination, access.environment),), access.credentials
                )
        for stem, credentials in found:
            places = ((sandbox(), Environment.SANDBOX), (production(), Environment.PRODUCTION))
            is_sandbox = _OF_SANDBOX.search(stem) is not None
            await self._listed(stem, places if is_sandbox else places[::-1], credentials)

    async def _listed(
        self, name: str, places: Iterable[tuple[Destination, Environment]], credentials: Credentials
    ) -> None:
        """Add every account that credentials open at the first place that takes them."""
        problems = []
        for destination, place in places:
            connection = await self._connected(destination, credentials)
            try:
                for number in await account_numbers(connection):
                    self._reached(number, connection, number, place)
            except BrokerError as error:
                problems.append(str(error))
            else:
                return
        self.missing[name] = "; ".join(problems)

    def _reached(self, name: str, connection: Connection, number: str, place: Environment) -> None:
        self.brokers[name] = TastytradeBroker(connection, number, self._clock)
        self.numbers[name], self.places[name] = number, place

    async def _connected(self, destination: Destination, credentials: Credentials) -> Connection:
        return await self._open.enter_async_context(Connection(destination, credentials, self._pace).opened())


def _pairs(variables: Mapping[str, str], playbooks: Path) -> Iterator[tuple[str, Credentials]]:
    """Yield client secrets with the refresh tokens named alike, of variables that are the broker's by all signs."""
    named = _named_in(playbooks)
    seen = set()
    for name, secret in variables.items():
        said = _SECRET.fullmatch(name)
        if said is None or not secret or not (name in named or name.startswith(_OURS)):
            continue
        stem = said["stem"]
        token = next(filter(None, (variables.get(stem + end) for end in _TOKENS)), "")
        if token and (secret, token) not in seen:
            seen.add((secret, token))
            yield stem, Credentials(secret, token)


def _named_in(playbooks: Path) -> frozenset[str]:
    """Return what looks like names of variables in the files of a folder, whether they can be read as YAML or not."""
    names: set[str] = set()
    files = sorted(playbooks.glob("*.y*ml")) if playbooks.is_dir() else [playbooks]
    for file in files:
        try:
            names.update(_NAME.findall(file.read_text(encoding="utf-8", errors="replace")))
        except OSError:
            continue
    return frozenset(names)
