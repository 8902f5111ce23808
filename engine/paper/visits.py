"""Requests over HTTP: who may ask, what goes wrong, and the answer."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from engine.paper.account_routes import ACCOUNT_ROUTES
from engine.paper.complex_routes import COMPLEX_ROUTES
from engine.paper.control_routes import CONTROL_ROUTES, PREFIX
from engine.paper.doors import origin_of
from engine.paper.faults import ACCOUNT_STREAM, QUOTE_STREAM, TOKEN, Trouble
from engine.paper.instrument_routes import INSTRUMENT_ROUTES
from engine.paper.margin_routes import MARGIN_ROUTES
from engine.paper.market_routes import MARKET_ROUTES
from engine.paper.order_routes import ORDER_ROUTES
from engine.paper.quote_routes import QUOTE_ROUTES
from engine.paper.routing import BAD_GATEWAY, FORBIDDEN, MISSING, OK, Answer, Call, Refusal, Route, find
from engine.paper.search_routes import SEARCH_ROUTES
from engine.paper.session_routes import SESSION_ROUTES
from engine.paper.signing_in import TOKEN_PATH, sign_in
from engine.paper.spoiling import BEFORE, spoiled
from engine.paper.tokens import Token
from engine.paper.venue import Asked, Venue

ROUTES: Final = (
    *ORDER_ROUTES,
    *COMPLEX_ROUTES,
    *ACCOUNT_ROUTES,
    *INSTRUMENT_ROUTES,
    *SEARCH_ROUTES,
    *MARKET_ROUTES,
    *SESSION_ROUTES,
    *MARGIN_ROUTES,
    *QUOTE_ROUTES,
)
REQUESTS: Final = frozenset({TOKEN, ACCOUNT_STREAM, QUOTE_STREAM, *(route.name for route in ROUTES)})
_UNAUTHORIZED: Final = 401
_NOT_ACCEPTABLE: Final = 406
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_TIMED_OUT: Final = 504
_OLDEST_VERSION: Final = "20250813"
_VERSIONED: Final = frozenset(route.name for route in (*ORDER_ROUTES, *COMPLEX_ROUTES))
_NOT_IN_SANDBOX: Final = (
    "/symbols/",
    "/market-metrics",
    "/quote-alerts",
    "/watchlists",
    "/public-watchlists",
    "/pairs-watchlists",
)
_CLOSED_IN_SANDBOX: Final = ("/instruments/equity-deliverables", "/instruments/future-spreads")
_PAGES: Final[Mapping[Trouble | None, int]] = {Trouble.LOST_BEFORE: _TIMED_OUT, Trouble.TOO_MANY: _TOO_MANY}
_TITLES: Final = {
    _UNAUTHORIZED: "401 Authorization Required",
    FORBIDDEN: "403 Forbidden",
    _TOO_MANY: "429 Too Many Requests",
    BAD_GATEWAY: "502 Bad Gateway",
    _TIMED_OUT: "504 Gateway Time-out",
}


async def serve(venue: Venue, request: Request) -> Response:
    """Answer one request to an environment."""
    path = request.scope["raw_path"].decode("latin-1").split("?")[0]
    if path.startswith(f"{PREFIX}/"):
        return _controlled(venue, request, path, await _body(request))
    if not request.headers.get("user-agent"):
        return _page(_UNAUTHORIZED)
    if not venue.admits():
        return _page(_TOO_MANY)
    return await _Visit(venue, request, path, await _body(request)).answer()


def _controlled(venue: Venue, request: Request, path: str, body: Mapping[str, object]) -> Response:
    found = find(CONTROL_ROUTES, request.method, path)
    if found is None:
        return _json(MISSING, {"error": {"code": "not_found", "message": path}})
    call = Call(venue, venue.now(), path, found[1], {}, body)
    try:
        answer = found[0].handler(call)
    except Refusal as refusal:
        return _json(refusal.status, refusal.body())
    venue.turn()
    return _json(answer.status, {"data": answer.data})


class _Visit:
    """One request on its way through an environment."""

    def __init__(self, venue: Venue, request: Request, path: str, body: Mapping[str, object]) -> None:
        self._venue = venue
        self._request = request
        self._path = path
        self._body = body
        found = find(ROUTES, request.method, path)
        self._route: Route | None = None if found is None else found[0]
        self._names: Mapping[str, str] = {} if found is None else found[1]
        self._version = request.headers.get("accept-version", "")
        self._name = TOKEN if path == TOKEN_PATH else "" if self._route is None else self._route.name
        self._trouble = venue.faults.trouble(self._name) if self._name else None

    async def answer(self) -> Response:
        seconds = self._venue.next_latency()
        await self._venue.clock.sleep(seconds / 2)
        response = await self._troubled()
        await self._venue.clock.sleep(seconds / 2)
        return response

    async def _troubled(self) -> Response:
        if self._trouble in BEFORE:
            response = self._instead()
        else:
            self._venue.turn()
            response = self._served()
            self._venue.turn()
        if self._trouble is Trouble.ERROR_AFTER:
            response = _page(BAD_GATEWAY)
        self._note(response.status_code)  # now: the client may be gone before the wait is over
        if self._trouble in (Trouble.LOST_BEFORE, Trouble.LOST_AFTER):
            await self._silence()
            return _page(_TIMED_OUT)
        if self._trouble is Trouble.SLOW:
            await self._venue.clock.sleep(self._venue.manners.slowness)
        return response

    def _instead(self) -> Response:
        """Answer without doing anything."""
        if self._trouble is Trouble.UNAUTHORIZED:
            self._venue.tokens.forget()
            return _unauthorized()
        if self._trouble is Trouble.SERVER_ERROR:
            message = "An internal error occurred. Unique customer support identifier: 0badc0de"
            return _error(_SERVER_ERROR, "internal_server_error", message)
        return _page(_PAGES.get(self._trouble, BAD_GATEWAY))

    async def _silence(self) -> None:
        """Say nothing until the client is gone, or for as long as it may take."""
        clock, seconds = self._venue.clock, self._venue.manners.silence
        if not clock.speed:
            await clock.sleep(seconds)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(_until_gone(self._request), clock.real_seconds(seconds))

    def _served(self) -> Response:
        if self._path == TOKEN_PATH and self._request.method == "POST":
            status, body = sign_in(self._venue, self._body)
            return Response(spoiled(body, self._trouble), status, media_type="application/json")
        now = self._venue.now()
        token = self._token(now)
        if token is None:
            return _unauthorized()
        if self._route is None:
            return self._unknown()
        return self._missing_service(self._route) or self._handled(self._route, token, now)

    def _token(self, now: datetime) -> Token | None:
        kind, _, text = self._request.headers.get("authorization", "").partition(" ")
        return self._venue.tokens.valid(text, now) if kind == "Bearer" else None

    def _unknown(self) -> Response:
        if self._venue.manners.lacks_services and self._path.startswith(_NOT_IN_SANDBOX):
            return _page(BAD_GATEWAY)
        if self._venue.manners.lacks_services and self._path.startswith(_CLOSED_IN_SANDBOX):
            return _forbidden()
        return _error(MISSING, "not_found", f"{self._path} does not exist")

    def _missing_service(self, route: Route) -> Response | None:
        """Return the answer where the service or the version that is wanted does not exist."""
        is_versioned = bool(self._version) and route.name in _VERSIONED
        if self._venue.manners.lacks_services:
            if route.in_sandbox == BAD_GATEWAY:
                return _page(BAD_GATEWAY)
            if route.in_sandbox != OK:
                return _forbidden()
            return _error(MISSING, "not_found", "Not found") if is_versioned else None
        if is_versioned and self._version < _OLDEST_VERSION:
            error = {"code": _NOT_ACCEPTABLE, "message": "The requested version is not supported."}
            return _json(_NOT_ACCEPTABLE, {"error": error})
        return None

    def _handled(self, route: Route, token: Token, now: datetime) -> Response:
        call = Call(
            venue=self._venue,
            now=now,
            path=self._path,
            names=self._names,
            query=parse_qs(self._request.url.query, keep_blank_values=True),
            body=self._body,
            can_trade=token.can_trade,
            version=self._version,
            origin=origin_of(self._request.scope),
        )
        try:
            answer = route.handler(call)
        except Refusal as refusal:
            return _json(refusal.status, refusal.body())
        return Response(spoiled(_enveloped(answer, call), self._trouble), answer.status, media_type="application/json")

    def _note(self, status: int) -> None:
        identifier = str(self._body.get("external-identifier") or "")
        trouble = self._trouble.value if self._trouble else ""
        asked = Asked(self._venue.now(), self._name, self._path, status, identifier, trouble)
        self._venue.journey.asked.append(asked)


def _enveloped(answer: Answer, call: Call) -> dict[str, object]:
    body: dict[str, object] = {"data": answer.data, "context": call.path}
    return body if answer.pagination is None else body | {"pagination": answer.pagination}


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _body(request: Request) -> Mapping[str, object]:
    """Return the object that was sent, as JSON or as a form; {} for anything else."""
    sent = await request.body()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(sent.decode("latin-1")))
    try:
        body = json.loads(sent) if sent else {}
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _unauthorized() -> Response:
    return _error(_UNAUTHORIZED, "token_invalid", "This token is invalid or has expired")


def _forbidden() -> Response:
    return _error(FORBIDDEN, "not_permitted", "User not permitted access")


def _error(status: int, code: str, message: str) -> Response:
    return _json(status, {"error": {"code": code, "message": message}})


def _json(status: int, body: Mapping[str, object]) -> Response:
    return Response(spoiled(body, None), status, media_type="application/json")


def _page(status: int) -> Response:
    """Return what a proxy in front of the broker answers by itself."""
    title = _TITLES[status]
    body = f"<body>\r\n<center><h1>{title}</h1></center>\r\n</body>"
    html = f"<html>\r\n<head><title>{title}</title></head>\r\n{body}\r\n</html>\r\n"
    return Response(html, status, media_type="text/html")
