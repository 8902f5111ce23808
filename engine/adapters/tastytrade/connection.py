"""Requests to the broker over the SDK's session: who may ask, what the answer is, and what its absence means."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import anyio
import httpx2

from engine.adapters.budget import Budget
from engine.adapters.tastytrade.destination import Credentials, Destination
from engine.adapters.tastytrade.refusals import MISSING, UNAUTHORIZED, data_of, failure_of, unanswered, whole_of
from engine.adapters.tastytrade.signing_in import MARGIN, SignIn
from engine.adapters.tastytrade.values import Json, Unreadable, number, rows
from engine.model.errors import BrokerError, NothingSent
from engine.model.order import Priority
from engine.model.wire_answer import WireAnswer

_NEVER_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
_MOST_PAGES: Final = 200
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Pace:
    """seconds: how long an answer may take, 15 at least for the broker. per_minute: messages of one account."""

    seconds: float = 20.0
    per_minute: int = 60


@dataclass(frozen=True, slots=True)
class Ask:
    """
    One request.

    what: in words, for errors: "could not …". account: whose budget it is paid from; "" for what is of no account.
    headers: besides those of the session. changes: whether it changes something at the broker.
    """

    method: str
    path: str
    what: str
    account: str = ""
    priority: Priority = Priority.LOOK
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    changes: bool = False


class Connection:
    """
    One signed-in client of one environment. Use it in `async with connection.opened()`.

    watch: is told every answer but those that sign in; nobody unless set.
    """

    def __init__(self, destination: Destination, credentials: Credentials, pace: Pace | None = None) -> None:
        self.destination = destination
        self._pace = pace or Pace()
        self.signed = SignIn(destination, credentials, self._pace.seconds)
        self._budgets: defaultdict[str, Budget] = defaultdict(lambda: Budget(self._pace.per_minute))
        self.watch: Callable[[WireAnswer], None] | None = None

    def __repr__(self) -> str:
        return f"Connection({self.destination.rest_url})"

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["Connection"]:
        """Keep its connections open for a block."""
        async with self.signed.opened():
            yield self

    async def ask(self, ask: Ask) -> Json:
        """
        Send a request and return what its answer is about.

        Raises: NothingSent, OrderRefused, OutcomeUnknown as `ports.Broker` says.
        """
        return self._data(ask, await self._answer(ask))

    async def look_up(self, ask: Ask) -> Json | None:
        """Send a request that reads; None when the broker has no such thing."""
        response = await self._answer(ask)
        return None if response.status_code == MISSING else self._data(ask, response)

    async def raw(self, ask: Ask) -> WireAnswer:
        """
        Send a request that changes nothing and return its answer, whatever it says.

        Raises: NothingSent, when there is none.
        """
        started = anyio.current_time()
        return _as_it_came(ask, await self._answer(ask), anyio.current_time() - started)

    async def every(self, ask: Ask, per_page: int) -> list[Json]:
        """
        Return the objects of a list that comes in pages.

        Raises: NothingSent, also when one page of it cannot be had.
        """
        found: list[Json] = []
        for page in range(_MOST_PAGES):
            query = {**ask.query, "per-page": str(per_page), "page-offset": str(page)}
            whole = self._whole(ask, await self._answer(replace(ask, query=query)))
            found += self.read(ask, whole, lambda answer: list(rows(data_of(answer))))
            if page + 1 >= _pages(whole):
                return found
        raise NothingSent("broker_unreadable", f"could not {ask.what}: there are too many pages")

    def read(self, ask: Ask, row: Json, reader: Callable[[Json], Read]) -> Read:
        """Read an answer; one that cannot be read is as good as none."""
        try:
            return reader(row)
        except Unreadable as error:
            raise self._unreadable(ask, error) from error

    # ---------------------------------------------------------------- one request

    async def _answer(self, ask: Ask) -> httpx2.Response:
        await self.signed.ensure()
        token = self.signed.token
        response = await self._sent(ask)
        if response.status_code == UNAUTHORIZED:  # a definite no: nothing was done, so it may go again, once
            await self.signed.ensure(refused=token)
            response = await self._sent(ask)
            if response.status_code == UNAUTHORIZED:
                raise self.signed.refused()
        if response.is_success:
            self.signed.accepted()
        return response

    async def _sent(self, ask: Ask) -> httpx2.Response:
        wait = self._budgets[ask.account].spend(ask.priority, anyio.current_time())
        if wait:
            message = f"could not {ask.what}: the messages of this minute are used up"
            raise NothingSent("budget_spent", message, wait=wait)
        started = anyio.current_time()
        try:
            with anyio.fail_after(self._pace.seconds + MARGIN):
                response = await self._requested(ask)
        except _NEVER_SENT as error:
            raise NothingSent("broker_unreachable", f"could not {ask.what}: {type(error).__name__}") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise unanswered(ask.what, type(error).__name__, changes=ask.changes) from error
        if self.watch is not None:
            self.watch(_as_it_came(ask, response, anyio.current_time() - started))
        return response

    async def _requested(self, ask: Ask) -> httpx2.Response:
        return await self.signed.session._client.request(
            ask.method,
            ask.path,
            params=dict(ask.query) or None,
            content=ask.body or None,
            headers=dict(ask.headers) or None,
        )

    def _data(self, ask: Ask, response: httpx2.Response) -> Json:
        return self.read(ask, self._whole(ask, response), data_of)

    def _whole(self, ask: Ask, response: httpx2.Response) -> Json:
        failure = failure_of(response.status_code, response.text, ask.what, changes=ask.changes)
        if failure is not None:
            raise failure
        try:
            return whole_of(response.text)
        except Unreadable as error:
            raise self._unreadable(ask, error) from error

    def _unreadable(self, ask: Ask, error: Unreadable) -> BrokerError:
        if ask.changes:
            return unanswered(ask.what, str(error), changes=True)
        return NothingSent("broker_unreadable", f"could not {ask.what}: {error}")


def _as_it_came(ask: Ask, response: httpx2.Response, seconds: float) -> WireAnswer:
    return WireAnswer(ask.method, ask.path, response.status_code, dict(response.headers), response.text, seconds)


def _pages(whole: Json) -> int:
    pagination = whole.get("pagination")
    pages = number(pagination, "total-pages") if isinstance(pagination, dict) else None
    return 1 if pages is None else int(pages)
