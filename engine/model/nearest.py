"""The nearest valid spelling of a name somebody wrote."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, valid: Iterable[str]) -> str:
    """
    Return the valid name most like the one written; "" when none is alike.

    >>> nearest("max_contract", ["max_contracts", "percent"])
    'max_contracts'
    """
    choices = sorted(valid, reverse=True)
    if name in choices:
        return name
    by_folded = {_folded(choice): choice for choice in choices}
    found = get_close_matches(_folded(name), sorted(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")
