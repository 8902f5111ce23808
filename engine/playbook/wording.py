"""How issues name what somebody wrote."""

from typing import Final

_MOST_QUOTED: Final = 60


def quoted(text: str) -> str:
    """
    Return a text as a message names it: in quotes, and its beginning only when it is long.

    >>> quoted("net_lik")
    "'net_lik'"
    """
    return repr(text) if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]!r}…"
