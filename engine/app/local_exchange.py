"""An exchange of this process, with the ways into it: for trying things where no money is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from engine.adapters.tastytrade.destination import Destination
from engine.app.credentials import Access, paper_access
from engine.app.settings import Settings
from engine.model.desk import AccountKind
from engine.paper.clock import PaperClock
from engine.paper.listening import listening
from engine.paper.opening import Opening, open_server
from engine.paper.venue import Environment

OPEN_HOURS: Final = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""A Tuesday, half an hour after the open."""

_KINDS: Final = {AccountKind.SANDBOX: Environment.SANDBOX, AccountKind.PRODUCTION: Environment.PRODUCTION}


@asynccontextmanager
async def local_exchange(opening: Opening, clock: PaperClock, settings: Settings) -> AsyncIterator[tuple[Access, ...]]:
    """Serve an exchange on free ports for a block; gives the way to its sandbox, and to its production."""
    async with listening(open_server(opening, clock)) as ports:
        yield tuple(
            replace(
                paper_access(f"paper-{kind.value}", kind, settings),
                destination=Destination(
                    kind is AccountKind.SANDBOX,
                    f"http://127.0.0.1:{ports[venue]}",
                    f"ws://127.0.0.1:{ports[venue]}",
                ),
            )
            for kind, venue in _KINDS.items()
        )
