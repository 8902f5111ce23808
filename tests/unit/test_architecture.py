"""docs/architecture.md lists the modules there are, with what they say of themselves."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
LIST = re.compile(r"(?<=of each module -->\n).*?(?=<!-- end of modules -->)", re.DOTALL)
ROOMS = (
    "model", "parse", "decide", "lifecycle", "plan", "playbook", "interpret",
    "adapters", "journal", "replay", "paper", "execute", "certify", "app", "cli",
)  # fmt: skip
WRITES = os.environ.get("SIGNALBOOK_GOLDEN") == "write"


def first_paragraph(module: Path) -> str:
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split())


def named(module: Path, folder: Path) -> str:
    return ".".join(module.relative_to(folder).with_suffix("").parts)


def listed() -> Iterator[str]:
    for room in ROOMS:
        yield f"\n### engine/{room}\n"
        folder = ROOT / "engine" / room
        modules = sorted(path for path in folder.rglob("*.py") if path.name != "__init__.py")
        yield from (f"- `{named(module, folder)}`: {first_paragraph(module)}" for module in modules)


def test_every_module_is_listed_with_its_first_sentence():
    """S-615."""
    modules = "\n".join(listed()) + "\n\n"
    text = PAGE.read_text(encoding="utf-8")
    real = LIST.sub(lambda _: modules, text)

    if WRITES:
        PAGE.write_text(real, encoding="utf-8")
        text = real
    assert text == real, "run: make golden"


def test_every_room_is_listed():
    rooms = {path.parent.name for path in (ROOT / "engine").glob("*/__init__.py")}

    assert rooms == set(ROOMS)
