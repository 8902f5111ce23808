"""Requests go to the broker's own hosts or to this machine, and secrets are not shown."""

import pytest

from engine.adapters.clock import SystemClock
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection
from engine.adapters.tastytrade.destination import Credentials, Destination, production, sandbox
from engine.model.errors import NothingSent

SECRETS = Credentials("hush-secret", "hush-refresh")


@pytest.mark.parametrize("is_sandbox", [True, False])
@pytest.mark.parametrize(
    ("rest", "stream"),
    [
        ("https://api.tastyworks.com.example.org", "wss://streamer.tastyworks.com"),
        ("http://api.tastyworks.com", "wss://streamer.tastyworks.com"),
        ("https://127.0.0.1.example.org", "ws://127.0.0.1:1"),
        ("http://127.0.0.1:1", "ws://example.org"),
    ],
)
def test_no_other_host_is_ever_asked(is_sandbox: bool, rest: str, stream: str):
    with pytest.raises(NothingSent) as foreign:
        Destination(is_sandbox=is_sandbox, rest_url=rest, stream_url=stream)

    assert foreign.value.code == "foreign_host"


def test_one_environment_is_never_given_the_hosts_of_the_other():
    for right, is_sandbox in ((production(), True), (sandbox(), False)):
        with pytest.raises(NothingSent):
            Destination(is_sandbox=is_sandbox, rest_url=right.rest_url, stream_url=right.stream_url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_may_be_either(host: str):
    assert Destination(is_sandbox=False, rest_url=f"http://{host}:8700", stream_url=f"ws://{host}:8700").rest_url


def test_nothing_shows_a_secret():
    connection = Connection(sandbox(), SECRETS)
    broker = TastytradeBroker(connection, "5WX00001", SystemClock())
    shown = [repr(each) for each in (SECRETS, connection, broker, connection.destination, connection.signed)]

    assert not [text for text in shown if "hush" in text]
