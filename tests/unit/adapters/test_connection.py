"""What is known of a request whose connection fails."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import httpx2
import pytest

from engine.adapters.clock import SystemClock
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, Destination, sandbox
from engine.model.errors import BrokerError, InvariantBroken, NothingSent, OutcomeUnknown
from engine.model.order import Order
from tests.contract.adapting import share_order

ORDER = share_order()
SECRETS = Credentials("secret", "refresh")


class Drips(httpx2.AsyncByteStream):
    """A body of which something comes again and again, so that no read of it takes long, and never all."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await anyio.sleep(0.001)
            yield b" "


class Failing(httpx2.AsyncBaseTransport):
    """A network on which every sign-in works, unless it comes in drips, and everything else fails in one way."""

    def __init__(self, failure: Exception | None, *, is_dripping: bool = False) -> None:
        self._failure = failure
        self._is_dripping = is_dripping
        self.tried = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/oauth/token" and self._is_dripping:
            return httpx2.Response(200, stream=Drips(), request=request)
        if request.url.path == "/oauth/token":
            return httpx2.Response(200, json={"access_token": "token", "expires_in": 900}, request=request)
        self.tried += 1
        if self._failure is None:
            await anyio.sleep_forever()
            raise AssertionError
        raise self._failure


def outcome(transport: Failing, order: Order = ORDER, *, is_dry: bool = False) -> BrokerError:
    async def place() -> None:
        async with Connection(sandbox(transport), SECRETS).opened() as connection:
            broker = TastytradeBroker(connection, order.account, SystemClock())
            await (broker.dry_run(order) if is_dry else broker.place(order))

    with pytest.raises(BrokerError) as error:
        asyncio.run(place())
    return error.value


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(httpx2.ConnectError("refused"), NothingSent, id="no connection"),
        pytest.param(httpx2.ConnectTimeout("slow"), NothingSent, id="no connection in time"),
        pytest.param(httpx2.PoolTimeout("busy"), NothingSent, id="no connection free"),
        pytest.param(httpx2.ProxyError("no"), NothingSent, id="the proxy said no"),
        pytest.param(httpx2.WriteError("cut"), OutcomeUnknown, id="cut while it was sent"),
        pytest.param(httpx2.WriteTimeout("slow"), OutcomeUnknown, id="not sent in time, in part perhaps"),
        pytest.param(httpx2.ReadError("cut"), OutcomeUnknown, id="cut before the answer"),
        pytest.param(httpx2.ReadTimeout("slow"), OutcomeUnknown, id="no answer in time"),
        pytest.param(httpx2.RemoteProtocolError("gone"), OutcomeUnknown, id="hung up instead of an answer"),
        pytest.param(httpx2.DecodingError("gzip"), OutcomeUnknown, id="an answer nobody can unpack"),
    ],
)
def test_an_order_is_tried_once_and_what_is_known_is_said(failure: Exception, expected: type):
    transport = Failing(failure)

    assert isinstance(outcome(transport), expected)
    assert transport.tried == 1
    assert isinstance(outcome(Failing(failure), is_dry=True), NothingSent)


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.adapters.tastytrade.connection.MARGIN", 0.05 - Pace().seconds)

    assert isinstance(outcome(Failing(None)), OutcomeUnknown)


def test_a_sign_in_that_comes_in_drips_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.adapters.tastytrade.signing_in.MARGIN", 0.05 - Pace().seconds)

    unsent = outcome(Failing(None, is_dripping=True))
    assert isinstance(unsent, NothingSent)
    assert unsent.code == "broker_unreachable"


def test_where_nobody_listens_nothing_was_sent():
    nowhere = Destination(is_sandbox=True, rest_url="http://127.0.0.1:1", stream_url="ws://127.0.0.1:1")

    async def place() -> None:
        async with Connection(nowhere, SECRETS).opened() as connection:
            await TastytradeBroker(connection, ORDER.account, SystemClock()).place(ORDER)

    with pytest.raises(NothingSent) as unsent:
        asyncio.run(place())
    assert unsent.value.code == "broker_unreachable"


def test_an_order_of_another_account_is_a_bug():
    async def place() -> None:
        async with Connection(sandbox(Failing(None)), SECRETS).opened() as connection:
            await TastytradeBroker(connection, "5WX99999", SystemClock()).place(ORDER)

    with pytest.raises(InvariantBroken):
        asyncio.run(place())
