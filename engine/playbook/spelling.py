"""The nearest valid spelling of a word somebody wrote."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, valid: Iterable[str]) -> str:
    """
    Return the valid word most like `word`; "" when none is alike.

    >>> nearest("max_contract", ["max_contracts", "percent"])
    'max_contracts'
    """
    by_folded = {choice.casefold().replace("-", "_"): choice for choice in valid}
    found = get_close_matches(word.casefold().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""
