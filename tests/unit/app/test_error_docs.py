"""Every error code is documented, and every documented one exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engine.app.error_codes import ALL
from engine.app.error_docs import errors_page

ROOT = Path(__file__).parents[3]
DOCUMENTED = {code for _, rows in ALL for code in rows}
RAISED_AS = {"Issue", "ArchiveError", "StoreError", "CommandFailed", "SettingsError", "JournalError", "RunError"}
RAISED_AS |= {"NothingSent", "CredentialsRefused"}


def written_codes() -> Iterator[str]:
    """Yield the codes that stand in calls which make an error."""
    for path in (ROOT / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED_AS:
                constants = (each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant))
                yield from (value for value in constants if isinstance(value, str))


def test_no_code_stands_in_two_tables():
    assert sum(len(rows) for _, rows in ALL) == len(DOCUMENTED)


def test_every_code_of_the_sources_is_documented():
    """S-114."""
    assert sorted(set(written_codes()) - DOCUMENTED) == []


def test_every_code_of_the_golden_texts_is_documented():
    """S-114."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "golden").rglob("*.txt"))
    shown = set(re.findall(r"^\S+:\d+:\d+: (?:warning: )?(\w+): ", texts, flags=re.MULTILINE))

    assert sorted(shown - DOCUMENTED) == []


def test_every_documented_code_stands_in_the_sources():
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "engine").rglob("*.py")
        if not path.name.startswith("error_codes")
    )

    missing = [code for code in DOCUMENTED if f'"{code}"' not in sources]
    made_of_two = {"unreadable_folder"}
    assert sorted(set(missing) - made_of_two) == []


def test_every_explanation_is_two_sentences_that_fit_a_table():
    for _, rows in ALL:
        for code, sentences in rows.items():
            assert all(re.fullmatch(r"[A-Z`].*[.]", sentence) and "|" not in sentence for sentence in sentences), code


def test_the_page_is_the_one_the_tables_make():
    """S-615."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")

    assert page == errors_page(), "run: make docs"
