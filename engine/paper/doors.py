"""Which environment a request is for, by the host it names and the port it came in by."""

from collections.abc import Mapping
from typing import Any, Final

from engine.paper.venue import Environment

REST_HOSTS: Final = {Environment.SANDBOX: "api.cert.tastyworks.com", Environment.PRODUCTION: "api.tastyworks.com"}
STREAM_HOSTS: Final = {
    Environment.SANDBOX: "streamer.cert.tastyworks.com",
    Environment.PRODUCTION: "streamer.tastyworks.com",
}
QUOTE_HOSTS: Final = {
    Environment.SANDBOX: "tasty-demo-ws.dxfeed.com",
    Environment.PRODUCTION: "tasty-openapi-ws.dxfeed.com",
}
QUOTE_PATHS: Final = {Environment.SANDBOX: "/delayed", Environment.PRODUCTION: "/realtime"}
_BY_HOST: Final = {
    host: environment for hosts in (REST_HOSTS, STREAM_HOSTS, QUOTE_HOSTS) for environment, host in hosts.items()
}


class Doors:
    """
    The hosts and ports of the two environments.

    ports: which environment a local port leads to. A request that names the broker's host of one environment and
    comes in by the port of the other is for neither.
    """

    def __init__(self, ports: Mapping[int, Environment] | None = None) -> None:
        self.ports = dict(ports or {})

    def environment(self, host: str, port: int | None) -> Environment | None:
        """Return the environment a request is for; host: without its port. None when there is no such."""
        by_host = _BY_HOST.get(host)
        by_port = None if port is None else self.ports.get(port)
        if by_host is not None and by_port is not None and by_host is not by_port:
            return None
        return by_host or by_port

    def of_scope(self, scope: Mapping[str, Any]) -> Environment | None:
        """Return the environment of an ASGI connection; None when there is no such."""
        server = scope.get("server") or ("", None)
        return self.environment(origin_of(scope).split(":")[0], server[1])


def origin_of(scope: Mapping[str, Any]) -> str:
    """Return the host an ASGI connection names, with its port; "" when it names none."""
    headers = dict(scope["headers"])
    return str(headers.get(b"host", b"").decode("latin-1"))


def quote_url(environment: Environment, origin: str) -> str:
    """
    Return where the quote stream is for a client that reached the exchange by a host.

    >>> quote_url(Environment.SANDBOX, "127.0.0.1:8700")
    'ws://127.0.0.1:8700/delayed'
    """
    path = QUOTE_PATHS[environment]
    if origin in REST_HOSTS.values():
        return f"wss://{QUOTE_HOSTS[environment]}{path}"
    return f"ws://{origin}{path}"
