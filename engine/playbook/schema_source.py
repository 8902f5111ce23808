"""The authored schemas as plain data, with their references followed."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from engine.model.errors import InvariantBroken
from engine.playbook.shipped import schema_file

NAMES: Final = ("playbook", "desk", "library", "expect")
_ABOUT_PEOPLE: Final = frozenset({"title", "description", "examples", "default"})

Json = Any
"""Whatever a JSON file may hold; only this module and its two readers (rules, docs) see it."""


class SchemaNode:
    """
    One schema with its reference followed: what stands beside a `$ref` adds to what it points at.

    keywords: merged. file: the schema file that relative references inside it start from.
    name: of the definition it comes from ("duration"); "" when it is written in place.
    """

    __slots__ = ("file", "keywords", "name")

    def __init__(self, keywords: Mapping[str, Json], file: str, name: str = "") -> None:
        self.keywords = keywords
        self.file = file
        self.name = name

    def get(self, keyword: str, default: Json = None) -> Json:
        """Return what a keyword says."""
        return self.keywords.get(keyword, default)

    def child(self, schema: Mapping[str, Json]) -> "SchemaNode":
        """Return a schema written inside this one."""
        return resolve(schema, self.file)

    def properties(self) -> dict[str, "SchemaNode"]:
        """Return the schema of every key that is known by name, in the order they are written."""
        return {key: self.child(schema) for key, schema in self.get("properties", {}).items()}

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types it accepts; those beyond the first are for editors only when it has a format."""
        types = self.get("type", ())
        return (types,) if isinstance(types, str) else tuple(types)


def root(name: str) -> SchemaNode:
    """Return the schema of one kind of file."""
    file = f"{name}.schema.json"
    return resolve(read_schema(file), file)


@cache
def read_schema(file: str) -> Mapping[str, Json]:
    """Return a shipped schema file as it is written."""
    document: Mapping[str, Json] = json.loads(schema_file(file).read_text("utf-8"))
    return document


def resolve(schema: Mapping[str, Json], file: str) -> SchemaNode:
    """
    Follow the reference of a schema, if it has one.

    Raises: InvariantBroken when the schema says the same thing beside its reference and behind it.
    """
    reference = schema.get("$ref")
    if reference is None:
        return SchemaNode(schema, file)
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    target_file, _, pointer = reference.partition("#")
    target = _at(target_file or file, pointer)
    both = set(beside) & set(target.keywords) - _ABOUT_PEOPLE
    if both:
        raise InvariantBroken(f"{file}: {sorted(both)} stand beside {reference} and behind it")
    return SchemaNode({**target.keywords, **beside}, target.file, pointer.rpartition("/")[2])


@cache
def _at(file: str, pointer: str) -> SchemaNode:
    schema = read_schema(file)
    for step in pointer.split("/")[1:]:
        schema = schema[step]
    return resolve(schema, file)
