"""The accounts of a desk, connected: one client each, and nothing shared between sandbox and production."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Self

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Destination
from engine.adapters.tastytrade.quotes import TastytradeQuotes
from engine.app.credentials import Access, NoAccess, accesses
from engine.app.settings import Settings, SettingsError
from engine.model.desk import AccountKind, Desk
from engine.model.environment import Environment
from engine.model.errors import InvariantBroken
from engine.ports import Broker, Clock, Quotes

Reach = Callable[[Access], Destination]
"""Where an account is reached instead of where the settings say: a local exchange in this process."""


class Connections:
    """
    The clients of a desk's accounts, in `async with`; they sign in when they are first used.

    accesses: of its accounts. pace: of every account. Brokers and quotes can be had before the block begins, and used
    within it.
    """

    def __init__(self, accesses: tuple[Access | NoAccess, ...], clock: Clock, pace: Pace | None = None) -> None:
        self._accesses = {each.alias: each for each in accesses if isinstance(each, Access)}
        self._missing = {each.alias: each for each in accesses if isinstance(each, NoAccess)}
        self._clock = clock
        self._connections = {
            alias: Connection(each.destination, each.credentials, pace) for alias, each in self._accesses.items()
        }
        self._brokers = {
            alias: TastytradeBroker(connection, self._accesses[alias].number, clock)
            for alias, connection in self._connections.items()
        }
        self._quotes: TastytradeQuotes | None = None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Keep the connections open for a block."""
        for connection in self._connections.values():
            await self._open.enter_async_context(connection.opened())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._open.aclose()

    @property
    def environments(self) -> Mapping[str, Environment]:
        """Where each account that can be reached leads, by its alias."""
        return {alias: each.environment for alias, each in self._accesses.items()}

    @property
    def missing(self) -> Mapping[str, NoAccess]:
        """The accounts of the desk that cannot be reached, by their alias, and why."""
        return self._missing

    def environment(self, alias: str) -> Environment:
        """
        Return where an account leads.

        Raises: SettingsError, when it cannot be reached.
        """
        return self.access(alias).environment

    def broker(self, alias: str) -> Broker:
        """
        Return an account by its alias; always the same object.

        Raises: SettingsError, when it cannot be reached.
        """
        return self._brokers[self.access(alias).alias]

    def access(self, alias: str) -> Access:
        """
        Return how an account is reached.

        Raises: SettingsError, when it cannot be.
        """
        if alias in self._accesses:
            return self._accesses[alias]
        if alias in self._missing:
            raise self._missing[alias].error()
        raise SettingsError("unknown_account", f"the desk has no account {alias!r}", "name one of the desk")

    @property
    def quotes(self) -> Quotes:
        """
        Prices for all accounts: of production where there is one, else of the sandbox, whose prices come late.

        Always the same object; its `run` must be running for it to be of use.
        Raises: SettingsError, when no account can be reached.
        """
        if self._quotes is None:
            self._quotes = TastytradeQuotes(self._connections[self._priced_by()], self._clock)
        return self._quotes

    @property
    def are_quotes_live(self) -> bool:
        """Whether prices are those of production."""
        return any(each.environment.kind is AccountKind.PRODUCTION for each in self._accesses.values())

    def _priced_by(self) -> str:
        best = sorted(self._accesses.values(), key=lambda each: each.environment.kind is AccountKind.SANDBOX)
        if not best:
            raise next((each.error() for each in self._missing.values()), _NO_ACCOUNTS)
        return best[0].alias


_NO_ACCOUNTS = SettingsError("unknown_account", "the desk has no accounts", "write them into the desk file")


def connections(
    desk: Desk, settings: Settings, clock: Clock, *, pace: Pace | None = None, reach: Reach | None = None
) -> Connections:
    """
    Return the clients of a desk's accounts, not connected yet.

    pace: the desk's messages a minute, and the time the broker needs, when None. reach: for tests and demonstrations.
    Raises: SettingsError, when it cannot be told which broker is meant, or where the local exchange is.
    """
    found = accesses(desk, settings)
    if reach is not None:
        found = tuple(_reached(each, reach) if isinstance(each, Access) else each for each in found)
    return Connections(found, clock, pace or Pace(per_minute=desk.limits.messages_per_minute))


def _reached(access: Access, reach: Reach) -> Access:
    destination = reach(access)
    if destination.is_sandbox is not (access.environment.kind is AccountKind.SANDBOX):
        raise InvariantBroken(f"account {access.alias} was led to the other environment")
    return replace(access, destination=destination)
