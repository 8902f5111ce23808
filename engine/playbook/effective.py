"""
The content hash of an effective playbook: what its stage, its decisions and its orders hang on.

Counted: every compiled value that can change a decision or an order, with the libraries and ladders it
uses and its defaults filled in; and the playbook's name, so that a copy under another name earns its
stage by itself. Not counted: about, owner, notify, examples, what a refusal says to people, comments,
order of keys, places in files, ladders that nothing uses, names of ladders and libraries (their
contents count), desk limits. Names of authors and channels count only when a condition asks for them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from engine.model.errors import InvariantBroken
from engine.model.ladder import Ladder
from engine.model.listen import AuthorRule, Channel
from engine.model.playbook import Playbook, RefuseWhen
from engine.model.reading import PatternRule, StructureRule, Words
from engine.model.source import Span

_SHARED: Final = (PatternRule, StructureRule, Words)
_COUNTED: Final = (
    "name",
    "enabled",
    "listen",
    "read",
    "defaults",
    "refuse_when",
    "allow",
    "size",
    "open_ladder",
    "close_ladder",
    "exits",
    "risk",
    "stages",
)
_NOTHING: Final[frozenset[str]] = frozenset()
_NAMES: Final = frozenset({"name"})
_NAMED: Final = (AuthorRule, Channel)
_NO_NAMES: Final[frozenset[type]] = frozenset()
_FOR_PEOPLE: Final[Mapping[type, frozenset[str]]] = {
    Ladder: _NAMES,
    RefuseWhen: frozenset({"say"}),
}


class Hasher:
    """
    Hashes playbooks. One hasher remembers the parts of libraries it has met, so that many playbooks
    that share them cost little; what it remembers never changes an answer.
    """

    def __init__(self) -> None:
        # The object is kept with its digest: an id means the same object only while that is alive.
        self._known: dict[int, tuple[object, bytes]] = {}
        self._sets: dict[frozenset[object], bytes] = {}
        self._plain: dict[type, Callable[[Any], bytes]] = dict(_PLAIN)
        self._counted: dict[type, tuple[tuple[str, bytes], ...]] = {}

    def content_hash(self, playbook: Playbook) -> str:
        """Return the content hash of a playbook: 32 hexadecimal digits, the same in every process."""
        names = _names_asked_for(playbook)
        digest = blake2b(digest_size=16)
        for name in _COUNTED:
            digest.update(name.encode())
            digest.update(self._encoded(getattr(playbook, name), names))
        return digest.hexdigest()

    def digest(self, value: object) -> str:
        """Return the hash of a part of a playbook, a library's rules for example."""
        return blake2b(self._encoded(value, _NO_NAMES), digest_size=16).hexdigest()

    def _encoded(self, value: object, names: frozenset[type]) -> bytes:
        kind = type(value)
        plain = self._plain.get(kind)
        if plain is not None:
            return plain(value)
        if kind is tuple:
            return b"[%s]" % b",".join([self._encoded(item, names) for item in value])  # type: ignore[attr-defined]
        if kind in _SHARED:
            return self._part(value, names)
        return self._fields(value, names) if kind in self._counted else self._first_of_kind(value, names)

    def _first_of_kind(self, value: object, names: frozenset[type]) -> bytes:
        if isinstance(value, frozenset):
            return self._set(value)
        if isinstance(value, Enum):
            self._plain[type(value)] = lambda choice: _text(choice.value)
            return _text(value.value)
        return self._fields(value, names)

    def _set(self, value: frozenset[object]) -> bytes:
        known = self._sets.get(value)
        if known is None:
            known = b"{%s}" % b",".join(sorted(self._encoded(item, _NO_NAMES) for item in value))
            self._sets[value] = known
        return known

    def _part(self, part: object, names: frozenset[type]) -> bytes:
        known = self._known.get(id(part))
        if known is None:
            known = (part, blake2b(self._fields(part, names), digest_size=16).hexdigest().encode())
            self._known[id(part)] = known
        return known[1]

    def _fields(self, value: object, names: frozenset[type]) -> bytes:
        kind = type(value)
        if kind not in self._counted:
            self._counted[kind] = tuple((name, name.encode() + b"=") for name in _counted(kind))
        left_out = _NAMES if kind in _NAMED and kind not in names else _NOTHING
        inner = [
            label + self._encoded(getattr(value, name), names)
            for name, label in self._counted[kind]
            if name not in left_out
        ]
        return b"%s(%s)" % (kind.__name__.encode(), b",".join(inner))


def content_hash(playbook: Playbook) -> str:
    """Return the content hash of one playbook; see `Hasher`."""
    return Hasher().content_hash(playbook)


def _names_asked_for(playbook: Playbook) -> frozenset[type]:
    """Return the kinds of rules whose names a condition asks for."""
    if not playbook.refuse_when:
        return _NO_NAMES
    conditions = " ".join(rule.condition.text for rule in playbook.refuse_when)
    asked = {AuthorRule: r"\bauthor\b", Channel: r"\bchannel\b"}
    return frozenset(kind for kind, word in asked.items() if re.search(word, conditions))


def _counted(kind: type) -> tuple[str, ...]:
    """Return the fields of a kind of value that count: all but places, and what is only for people."""
    if not is_dataclass(kind):
        raise InvariantBroken(f"a playbook holds a {kind.__name__}, which has no canonical form")
    left_out = _FOR_PEOPLE.get(kind, _NOTHING)
    return tuple(field.name for field in fields(kind) if field.type is not Span and field.name not in left_out)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"%d:%s" % (len(encoded), encoded)


@lru_cache(maxsize=4096)
def _number(value: int | Decimal) -> bytes:
    return b"#" + format(Decimal(value).normalize(), "f").encode()


# Equal values are equal bytes, 0.5 and 0.50 alike; a text is never taken for a number.
_PLAIN: Final[Mapping[type, Callable[[Any], bytes]]] = {
    str: _text,
    bool: lambda value: b"yes" if value else b"no",
    type(None): lambda value: b"none",
    int: _number,
    Decimal: _number,
    timedelta: lambda value: b"~%d" % (value // timedelta(microseconds=1)),
    date: lambda value: value.isoformat().encode(),
    time: lambda value: value.isoformat().encode(),
}
