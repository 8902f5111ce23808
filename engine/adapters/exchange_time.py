"""The time at a local exchange, which need not be the time here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx2

from engine.model.errors import NothingSent

_PATH: Final = "/_paper/clock"
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class ExchangeTime:
    """now: there, aware. speed: how many seconds pass there in one of ours."""

    now: datetime
    speed: float


async def exchange_time(rest_url: str) -> ExchangeTime:
    """
    Return the time at a local exchange.

    Raises: NothingSent, when none answers there.
    """
    return await _asked(rest_url, None)


async def pass_time(rest_url: str, by: timedelta) -> ExchangeTime:
    """
    Let time pass at a local exchange, at once, for everybody who trades there; return the time then.

    Raises: NothingSent, when none answers there.
    """
    return await _asked(rest_url, {"seconds": by.total_seconds()})


async def _asked(rest_url: str, body: Mapping[str, float] | None) -> ExchangeTime:
    try:
        # On this machine and without TLS: loading certificates would hold everything up for 50 ms each time.
        async with httpx2.AsyncClient(base_url=rest_url, timeout=_SECONDS, verify=False) as client:
            answer = await (client.get(_PATH) if body is None else client.post(_PATH, json=body))
            data = answer.raise_for_status().json()["data"]
            return ExchangeTime(datetime.fromisoformat(data["now"]), float(data["speed"]))
    except (httpx2.HTTPError, ValueError, KeyError) as error:
        message = f"no local exchange answers at {rest_url}: {type(error).__name__}"
        raise NothingSent("broker_unreachable", message) from error
