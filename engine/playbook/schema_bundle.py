"""A schema with everything it refers to in one document, for editors that are given one file."""

from collections.abc import Iterator
from typing import Any, Final

from engine.playbook.schema_source import read_schema

Json = Any

_DEFINITIONS: Final = "/$defs/"
_SUFFIX: Final = ".schema.json"


def bundled_schema(name: str) -> dict[str, Json]:
    """
    Return a shipped schema ("playbook", "desk", "library") that refers to nothing outside itself.

    Definitions of other files stand under `$defs` as "file.name".
    """
    file = name + _SUFFIX
    whole: dict[str, Json] = _rewritten(dict(read_schema(file)), file, file)
    definitions = dict(whole.get("$defs", {}))
    waiting = list(_references(read_schema(file), file, file))
    while waiting:
        other, definition = waiting.pop()
        key = f"{_stem(other)}.{definition}"
        if key not in definitions:
            schema = read_schema(other)["$defs"][definition]
            definitions[key] = _rewritten(schema, other, file)
            waiting.extend(_references(schema, other, file))
    return whole | {"$defs": dict(sorted(definitions.items()))}


def _rewritten(schema: Json, file: str, home: str) -> Json:
    if isinstance(schema, list):
        return [_rewritten(item, file, home) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _local(value, file, home) if key == "$ref" and isinstance(value, str) else _rewritten(value, file, home)
        for key, value in schema.items()
    }


def _local(reference: str, file: str, home: str) -> str:
    target, definition = _target(reference, file)
    return f"#{_DEFINITIONS}{definition}" if target == home else f"#{_DEFINITIONS}{_stem(target)}.{definition}"


def _references(schema: Json, file: str, home: str) -> Iterator[tuple[str, str]]:
    """Yield (file, definition) of everything outside the home file that a schema refers to."""
    if isinstance(schema, list):
        for item in schema:
            yield from _references(item, file, home)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                target = _target(value, file)
                if target[0] != home:
                    yield target
            else:
                yield from _references(value, file, home)


def _target(reference: str, file: str) -> tuple[str, str]:
    target, _, pointer = reference.partition("#")
    return target or file, pointer.removeprefix(_DEFINITIONS)


def _stem(file: str) -> str:
    return file.removesuffix(_SUFFIX)
