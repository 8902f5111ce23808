"""The OAuth token endpoint: the refresh-token grant, and nothing else."""

from collections.abc import Mapping

from engine.paper.routing import BAD_REQUEST, FORBIDDEN, OK
from engine.paper.venue import Venue
from engine.paper.wire import Json

TOKEN_PATH = "/oauth/token"


def sign_in(venue: Venue, body: Mapping[str, object]) -> tuple[int, Json]:
    """
    Return the status and the body of the answer to a grant.

    Errors have a shape of their own here: `error_code` and `error_description`.
    """
    now = venue.now()
    if venue.tokens.is_blocked(now):
        return FORBIDDEN, _error("access_denied", "Too many failed attempts")
    if body.get("grant_type") != "refresh_token":
        return BAD_REQUEST, _error("unsupported_grant_type", "The grant type is not supported")
    token = venue.tokens.sign_in(str(body.get("client_secret")), str(body.get("refresh_token")), now)
    if token is None:
        return BAD_REQUEST, _error("invalid_grant", "Invalid JWT")
    lasts = int((token.ends - now).total_seconds())
    return OK, {"access_token": token.text, "token_type": "Bearer", "expires_in": lasts}


def _error(code: str, description: str) -> Json:
    return {"error_code": code, "error_description": description}
