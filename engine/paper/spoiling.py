"""Answers that arrive, but not as they should."""

import json
from collections.abc import Mapping
from typing import Final

from engine.paper.account_hub import ODD_STATUS
from engine.paper.faults import Trouble

BEFORE: Final = frozenset(
    {Trouble.UNAUTHORIZED, Trouble.TOO_MANY, Trouble.SERVER_ERROR, Trouble.BAD_GATEWAY, Trouble.LOST_BEFORE}
)


def spoiled(body: Mapping[str, object], trouble: Trouble | None) -> bytes:
    """Return the bytes of an answer as they arrive."""
    if trouble is Trouble.EMPTY:
        return b""
    if trouble is Trouble.ODD_STATUS:
        return _bytes(_changed(body, "status", ODD_STATUS))
    if trouble is Trouble.MISSING_KEY:
        return _bytes(_changed(body, "legs", None))
    whole = _bytes(body)
    return whole[: len(whole) // 2] if trouble is Trouble.CUT else whole


def _bytes(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _changed(value: object, key: str, to: object) -> object:
    """Return a value with a key set everywhere in it; taken out where it is set to None."""
    if isinstance(value, Mapping):
        changed = {name: to if name == key else _changed(inner, key, to) for name, inner in value.items()}
        return {name: inner for name, inner in changed.items() if not (name == key and to is None)}
    return [_changed(each, key, to) for each in value] if isinstance(value, list) else value
