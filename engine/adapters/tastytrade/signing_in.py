"""Signing in through the SDK's session, and stopping before the broker blocks this address."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import httpx2
from tastytrade import Session
from tastytrade.utils import TastytradeError

from engine.adapters.tastytrade.destination import Credentials, Destination
from engine.model.errors import CredentialsRefused, InvariantBroken, NothingSent

MOST_FAILURES: Final = 3
MARGIN: Final = 15.0  # beyond an answer's own time: connecting, and an answer that comes in drips
_TOKEN_PATH: Final = "/oauth/token"
_CONNECT: Final = 10.0
_PASSING: Final = frozenset({408, 425, 429})
_REMEDY: Final = "check the client secret and the refresh token of this environment, then start again"


class SignIn:
    """
    One SDK session that signs in when it must.

    After three refusals in a row nothing more is asked: many failed sign-ins block an address for hours. What is
    accepted sets the count back. seconds: how long any answer may take.
    """

    def __init__(self, destination: Destination, credentials: Credentials, seconds: float) -> None:
        settings: dict[str, Any] = {
            "timeout": httpx2.Timeout(seconds, connect=min(_CONNECT, seconds)),
            "event_hooks": {
                "request": [_refuse_changes] if destination.is_read_only else [],
                "response": [self._note],
            },
        }
        if destination.transport is not None:
            settings["transport"] = destination.transport
        self.session = Session(
            credentials.client_secret, credentials.refresh_token, is_test=destination.is_sandbox, **settings
        )
        self.session._client.base_url = httpx2.URL(destination.rest_url)
        self._seconds = seconds
        self._turn = anyio.Lock()
        self._failures = 0
        self._refused = ""
        self._status = 0

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Keep the session's connections open for a block."""
        async with self.session:
            yield

    @property
    def token(self) -> str:
        """The access token in use."""
        return self.session.session_token

    async def ensure(self, refused: str | None = None) -> None:
        """
        Sign in where there is no valid token.

        refused: a token the broker just refused, to be replaced unless that has happened.
        Raises: NothingSent; CredentialsRefused, from the third refusal on.
        """
        async with self._turn:
            if self._failures >= MOST_FAILURES:
                raise CredentialsRefused("credentials_refused", "the broker refused to sign us in three times", _REMEDY)
            await self._refresh(is_forced=refused == self.token)

    def accepted(self) -> None:
        """Note that the broker took the token."""
        self._failures = 0

    def refused(self) -> NothingSent:
        """Note that the broker refused a token it had just given, once for each token; return the error."""
        why = "the broker refused a token it had just given"
        if self._refused == self.token:
            return NothingSent("sign_in_refused", why, _REMEDY)
        self._refused = self.token
        return self._failed(why)

    async def _refresh(self, *, is_forced: bool) -> None:
        self._status = 0
        try:
            with anyio.fail_after(self._seconds + MARGIN):  # everyone waits for this, also who cancels
                await self.session.refresh(force=is_forced)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise NothingSent("broker_unreachable", f"could not sign in: {type(error).__name__}") from error
        except (TastytradeError, ValueError, KeyError, TypeError) as error:
            # Not chained: the SDK quotes the answer, whatever it holds.
            if 400 <= self._status < 500 and self._status not in _PASSING:
                raise self._failed(f"the sign-in was refused with status {self._status}") from None
            kind = type(error).__name__
            raise NothingSent("broker_unanswered", f"could not sign in: status {self._status}, {kind}") from None

    def _failed(self, why: str) -> NothingSent:
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            return CredentialsRefused("credentials_refused", f"{why}, the third time in a row", _REMEDY)
        return NothingSent("sign_in_refused", why, _REMEDY)

    async def _note(self, response: httpx2.Response) -> None:
        if response.request.url.path.endswith(_TOKEN_PATH):
            self._status = response.status_code


async def _refuse_changes(request: httpx2.Request) -> None:
    path = request.url.path
    is_check = request.method == "POST" and path.endswith(("/dry-run", _TOKEN_PATH))
    if request.method != "GET" and not is_check:
        raise InvariantBroken(f"{request.method} {path} was asked of a connection that only reads")
