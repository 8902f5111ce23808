from datetime import UTC, datetime

import pytest

from engine.paper.feed_symbols import FeedSymbols
from engine.paper.listing import Listing

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LISTING = Listing()


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("SPY", "SPY"),
        ("BRK/B", "BRK/B"),
        (".SPY261218C700", "SPY   261218C00700000"),
        (".SPXW261218P6500.5", "SPXW  261218P06500500"),
        (".IWM261218C200.25", "IWM   261218C00200250"),
        ("/ESZ26:XCME", "/ESZ6"),
        ("/NOPE", "/NOPE"),
    ],
)
def test_a_name_in_the_stream_stands_for_a_symbol(name: str, symbol: str):
    assert FeedSymbols(LISTING).order_symbol(name, NOW) == symbol


def test_names_of_options_on_futures_lead_back_to_them():
    strike = LISTING.future_chains("ES", NOW)[0].expirations[0].strikes[0]

    assert FeedSymbols(LISTING).order_symbol(strike.put_streamer, NOW) == strike.put
