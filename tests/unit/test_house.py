"""The house keeps its own rules: one home per library, short functions, documents level with the code."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.cli.main import app

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "bot").rglob("*.py")])
HOMES = {
    "yaml": "engine/playbook",
    "jinja2": "engine/playbook",
    "re2": "engine/parse",
    "duckdb": "engine/journal",
    "holidays": "engine/parse",
    "httpx2": "engine/adapters",
    "msgspec": ("engine/replay", "engine/journal"),
    "pyarrow": ("engine/replay", "engine/journal", "engine/paper"),
    "zstandard": "engine/replay",
    "starlette": "engine/paper",
    "tastytrade": "engine/adapters",
    "typer": "engine/cli",
    "uvicorn": "engine/paper",
    "rich": "engine/cli",
}
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
DOCUMENTS = sorted(path for folder in (ROOT, ROOT / "docs", ROOT / "specs") for path in folder.glob("*.md"))
SPEC_NUMBER = re.compile(r"\bS-\d{3}\b")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_each_library_is_imported_by_one_room():
    """S-603."""
    strangers = [
        f"{path} imports {library}"
        for path, tree in _trees()
        for library in _imports(tree)
        if library in HOMES and not path.as_posix().startswith(HOMES[library])
    ]

    assert strangers == []


def test_no_function_is_longer_than_a_screen():
    """S-604."""
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]

    assert long == []


def test_no_module_is_longer_than_400_lines():
    long = [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > 400]

    assert long == []


def test_packages_say_nothing_themselves():
    """S-604."""
    assert [path for path in SOURCES if path.name == "__init__.py" and path.stat().st_size] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str):
    """S-615."""
    assert f"signalbook {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_spec_numbers_are_unique():
    numbers = [
        number
        for path in sorted((ROOT / "specs").glob("0*.md"))
        for number in re.findall(r"^- \*\*(S-\d{3})\*\*", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]

    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)


def test_every_spec_number_that_is_cited_exists():
    known = {
        number
        for path in (ROOT / "specs").glob("0*.md")
        for number in SPEC_NUMBER.findall(path.read_text(encoding="utf-8"))
    }

    cited = {
        (path.relative_to(ROOT).as_posix(), number)
        for path in [*(ROOT / "tests").rglob("*.py"), *SOURCES]
        for number in SPEC_NUMBER.findall(path.read_text(encoding="utf-8"))
    }

    assert sorted((file, number) for file, number in cited if number not in known) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_links_between_documents_lead_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def _pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = (line.split(" ;")[0].split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pins}


def test_the_lock_file_pins_every_dependency_within_its_range():
    """S-606."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["dev"]])
    pins = _pins()

    assert [str(each) for each in wanted if pins.get(canonicalize_name(each.name), "") not in each.specifier] == []


def test_the_lock_file_names_no_host():
    """S-606."""
    assert "//" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_target_of_the_makefile_is_told():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)

    assert targets
    assert [name for name in targets[1].split() if not re.search(rf"^{name}:.*## ", text, flags=re.MULTILINE)] == []
