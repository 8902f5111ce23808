"""docs/language.md is what the schemas say."""

from pathlib import Path

from engine.playbook.schema_docs import language_page
from engine.playbook.schema_source import NAMES, SchemaNode, root

PAGE = Path(__file__).parents[3] / "docs" / "language.md"


def _keys(node: SchemaNode) -> set[str]:
    found = set(node.properties())
    inner = [*node.properties().values(), *(node.child(branch) for branch in node.get("anyOf", ()))]
    inner += [node.child(node.get(word)) for word in ("items", "additionalProperties") if node.get(word)]
    return found.union(*(_keys(child) for child in inner))


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == language_page(), "run: python -m engine.playbook.schema_docs"


def test_every_key_of_the_language_is_explained():
    """S-107."""
    page = language_page()

    assert [key for name in NAMES for key in _keys(root(name)) if f"| `{key}`" not in page] == []


def test_every_link_leads_to_a_heading():
    page = language_page()
    headings = {line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")}

    linked = {part.split("](#")[0] for part in page.split("See [")[1:]}

    assert linked <= headings
