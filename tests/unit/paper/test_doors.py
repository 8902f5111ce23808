import pytest

from engine.paper.doors import Doors, quote_url
from engine.paper.venue import Environment

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        pytest.param("api.cert.tastyworks.com", None, SANDBOX, id="the sandbox by name"),
        pytest.param("api.tastyworks.com", None, PRODUCTION, id="production by name"),
        pytest.param("streamer.cert.tastyworks.com", 8700, SANDBOX, id="name and port agree"),
        pytest.param("127.0.0.1", 8701, PRODUCTION, id="production by port"),
        pytest.param("api.cert.tastyworks.com", 8701, None, id="the sandbox's name at production's port"),
        pytest.param("api.tastyworks.com", 8700, None, id="production's name at the sandbox's port"),
        pytest.param("example.com", None, None, id="a stranger"),
        pytest.param("", 9, None, id="nothing known"),
    ],
)
def test_a_request_is_for_one_environment_or_none(host: str, port: int | None, expected: Environment | None):
    """S-841."""
    doors = Doors({8700: SANDBOX, 8701: PRODUCTION})

    assert doors.environment(host, port) is expected


def test_the_quote_stream_is_where_the_client_already_is():
    assert quote_url(PRODUCTION, "api.tastyworks.com") == "wss://tasty-openapi-ws.dxfeed.com/realtime"
    assert quote_url(PRODUCTION, "127.0.0.1:8701") == "ws://127.0.0.1:8701/realtime"
