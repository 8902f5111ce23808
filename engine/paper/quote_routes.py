"""Requests for a token of the quote stream."""

from typing import Final

from engine.paper.doors import quote_url
from engine.paper.routing import Answer, Call, Route


def _quote_token(call: Call) -> Answer:
    venue = call.venue
    return Answer(
        {
            "dxlink-url": quote_url(venue.name, call.origin),
            "level": venue.manners.quote_level,
            "token": venue.tokens.quote_token(call.now),
        }
    )


QUOTE_ROUTES: Final = (Route("quote_token", "GET", "/api-quote-tokens", _quote_token),)
