"""The page of reason codes."""

from pathlib import Path

from engine.app.reason_docs import reasons_page

PAGE = Path(__file__).parents[3] / "docs" / "reasons.md"


def test_the_page_is_the_one_the_table_makes():
    assert PAGE.read_text(encoding="utf-8") == reasons_page(), "run: python -m engine.app.reason_docs"
