"""The nearest valid spelling of a name that is not one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, valid: Iterable[str]) -> str:
    """
    Return the valid name most like the one given, "" when none is close.

    >>> nearest("simbol", ("symbol", "strike"))
    'symbol'
    """
    return next(iter(get_close_matches(name, sorted(valid), n=1, cutoff=0.6)), "")
