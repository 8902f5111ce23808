"""The page of an order's life."""

from pathlib import Path

from engine.app.lifecycle_docs import lifecycle_page

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_page_is_the_one_the_table_makes():
    """S-801."""
    assert PAGE.read_text(encoding="utf-8") == lifecycle_page(), "run: python -m engine.app.lifecycle_docs"
