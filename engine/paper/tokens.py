"""Signing in: the grants of an environment and the access tokens given for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

_MOST_FAILURES: Final = 10
_BLOCKED_FOR: Final = timedelta(hours=8)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client signs in with. can_trade: whether its scope is more than to read."""

    client_secret: str
    refresh_token: str
    can_trade: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. ends: when it is no longer valid."""

    text: str
    ends: datetime
    can_trade: bool


class Tokens:
    """
    The access tokens of one environment.

    Refresh tokens are never used up. After ten sign-ins in a row that failed nobody gets in for eight hours.
    """

    def __init__(self, grants: tuple[Grant, ...], name: str, life: timedelta) -> None:
        self.grants = grants
        self._name = name
        self._life = life
        self._tokens: dict[str, Token] = {}
        self._quote_tokens: dict[str, datetime] = {}
        self._given = 0
        self._failures = 0
        self._blocked_until: datetime | None = None

    def is_blocked(self, now: datetime) -> bool:
        """Return whether too many sign-ins failed."""
        return self._blocked_until is not None and now < self._blocked_until

    def sign_in(self, client_secret: str, refresh_token: str, now: datetime) -> Token | None:
        """Return a new token; None when no grant is meant."""
        for grant in self.grants:
            if (grant.client_secret, grant.refresh_token) == (client_secret, refresh_token):
                return self._give(grant, now)
        self._failures += 1
        if self._failures >= _MOST_FAILURES:
            self._failures, self._blocked_until = 0, now + _BLOCKED_FOR
        return None

    def valid(self, text: str, now: datetime) -> Token | None:
        """Return a token by its text while it is valid."""
        token = self._tokens.get(text)
        return None if token is None or now >= token.ends else token

    def quote_token(self, now: datetime) -> str:
        """Return a new token for the quote stream; it lives a day."""
        text = self._next_text(now)
        self._quote_tokens[text] = now + _A_DAY
        return text

    def is_quote_token(self, text: str, now: datetime) -> bool:
        """Return whether a token opens the quote stream."""
        ends = self._quote_tokens.get(text)
        return ends is not None and now < ends

    def forget(self) -> None:
        """Make every token there is invalid."""
        self._tokens.clear()

    def _give(self, grant: Grant, now: datetime) -> Token:
        self._failures = 0
        token = Token(self._next_text(now), now + self._life, grant.can_trade)
        self._tokens[token.text] = token
        return token

    def _next_text(self, now: datetime) -> str:
        self._given += 1
        body = blake2b(f"{self._name}/{self._given}/{now.isoformat()}".encode(), digest_size=24).hexdigest()
        return f"paper.{self._name}.{body}"
