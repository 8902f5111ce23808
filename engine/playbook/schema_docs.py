"""
docs/language.md, written from the schemas: every key with its meaning, type, default and an example.

`python -m engine.playbook.schema_docs` writes it anew; a test fails while it is not up to date.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.playbook import schema_source
from engine.playbook.name_docs import name_pages
from engine.playbook.schema_source import SchemaNode
from engine.playbook.schema_words import what, written

_TITLES: Final[Mapping[str, str]] = {
    "playbook": "Playbook",
    "desk": "Desk",
    "library": "Pattern library",
    "expect": "Expectations of a replay",
}
_INTRODUCTION: Final = """\
# The playbook language

Written by `python -m engine.playbook.schema_docs` from the files in `schemas/`; change those, not this page.

One YAML file is one playbook, one pattern library, or the desk. An editor with a YAML language server completes and
explains every key when the file begins with

```yaml
# yaml-language-server: $schema=../schemas/playbook.schema.json
```

## How values are written

Every unquoted value is text, and its place decides what it means: the tickers `ON`, `TRUE` and `NULL`, the time `9:30`
and the number `012` stay what they are. Quotes are needed around a text that

- begins with one of `{ } [ ] & * ! | > % @ #` or a quote, or holds `: ` or ` #`;
- holds a comma inside `{ }` or `[ ]`: `{cost: "$5,000"}`.

Inside double quotes a backslash begins an escape; regular expressions belong in single quotes. Anchors, aliases, tags,
merge keys, tabs as indentation and several documents in one file are refused, and so is a key that stands twice.
"""


def language_page() -> str:
    """Return the whole page."""
    lines = [_INTRODUCTION, *_scalars()]
    documented: dict[tuple[str, str], str] = {}
    for name in schema_source.NAMES:
        node = schema_source.root(name)
        lines += ["", f"## {_TITLES[name]}", "", node.get("description")]
        for heading, section in _sections(node, "", f"{_TITLES[name]}: ", documented):
            lines += ["", f"### {heading}", "", *_section(section, heading, documented)]
    lines += name_pages()
    return "\n".join(lines) + "\n"


def _scalars() -> Iterator[str]:
    definitions = schema_source.read_schema("scalars.schema.json")["$defs"]
    yield "| value | written | examples |"
    yield "|---|---|---|"
    for definition in definitions.values():
        node = schema_source.resolve(definition, "scalars.schema.json")
        examples = ", ".join(f"`{_cell(written(example))}`" for example in node.get("examples"))
        yield f"| {node.get('title')} | {_cell(node.get('description'))} | {examples} |"


def _sections(
    node: SchemaNode, path: str, prefix: str, documented: dict[tuple[str, str], str]
) -> Iterator[tuple[str, SchemaNode]]:
    """Yield (heading, node) of a mapping and all mappings inside it; a shared definition comes once."""
    if "properties" in node.keywords:
        heading = f"{prefix}{path or 'top level'}"
        if node.name:
            if (node.file, node.name) in documented:
                return
            documented[node.file, node.name] = heading
        yield heading, node
    for step, child in _children(node):
        yield from _sections(child, f"{path}{step}".removeprefix("."), prefix, documented)


def _children(node: SchemaNode) -> Iterator[tuple[str, SchemaNode]]:
    for key, child in node.properties().items():
        yield f".{key}", child
    if isinstance(node.get("additionalProperties"), Mapping):
        yield f".<{_key_name(node)}>", node.child(node.get("additionalProperties"))
    if "items" in node.keywords:
        yield "[]", node.child(node.get("items"))
    if "properties" not in node.keywords:
        for branch in node.get("anyOf", ()):
            form = node.child(branch)
            yield f" ({str(form.get('title')).lower()})", form


def _key_name(node: SchemaNode) -> str:
    names = node.get("propertyNames")
    return str(node.child(names).get("title", "name")).lower() if names else "label"


def _section(node: SchemaNode, heading: str, documented: Mapping[tuple[str, str], str]) -> Iterator[str]:
    yield str(node.get("description"))
    yield ""
    yield "| key | meaning | type | default | example |"
    yield "|---|---|---|---|---|"
    required = node.get("required", ())
    for key, child in node.properties().items():
        mark = " (required)" if key in required else ""
        default = f"`{_cell(written(child.get('default')))}`" if "default" in child.keywords else ""
        example = _cell(written(child.get("examples")[0]))
        meaning = f"**{child.get('title')}.** {_cell(child.get('description'))}{_reference(child, heading, documented)}"
        yield f"| `{key}`{mark} | {meaning} | {_cell(_type(child))} | {default} | `{example}` |"
    retired: Mapping[str, str] = node.get("x-retired", {})
    for key, instead in retired.items():
        yield f"| ~~`{key}`~~ | Retired: write `{instead}`. | | | |"


def _reference(node: SchemaNode, heading: str, documented: Mapping[tuple[str, str], str]) -> str:
    """Point from a repeated shared definition to where it is explained."""
    home = documented.get((node.file, node.name)) if node.name and "properties" in node.keywords else None
    if home is None or home.startswith(heading.removesuffix("top level")):
        return ""
    return f" See [{home}](#{_anchor(home)})."


def _type(node: SchemaNode) -> str:
    if "object" not in node.types or "properties" in node.keywords:
        return what(node)
    names = node.get("propertyNames")
    key = what(node.child(names)) if names else "a label"
    return f"{key} → {what(node.child(node.get('additionalProperties')))}"


def _anchor(heading: str) -> str:
    kept = (sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return "".join(kept).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/language.md").write_text(language_page(), "utf-8")
