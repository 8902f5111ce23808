"""The reading rules that shipped libraries make by themselves, without a playbook."""

from collections.abc import Iterator
from typing import Final

from engine.model.errors import InvariantBroken
from engine.model.reading import ReadRules
from engine.playbook.files import FileKind
from engine.playbook.libraries import Libraries, Library
from engine.playbook.loader import bind_file, load_library
from engine.playbook.shipped import library_files
from engine.playbook.yaml_tree import read_yaml

US_LIBRARIES: Final = ("us-options", "us-stocks", "us-futures", "us-spreads", "us-cards")


def shipped_rules(names: tuple[str, ...] = US_LIBRARIES) -> ReadRules:
    """Return the rules of shipped libraries, joined as a playbook that uses them would have them."""
    return Libraries(_shipped()).join(names, ReadRules(), reads_quotes=False)


def _shipped() -> Iterator[Library]:
    for path in library_files():
        node, issues = read_yaml(path.read_text(encoding="utf-8"), path.name)
        bound, shape_issues = bind_file(node, FileKind.LIBRARY.value)
        if bound is None:
            raise InvariantBroken(f"the shipped library {path.name} is broken: {(*issues, *shape_issues)}")
        yield load_library(bound, is_shipped=True)[0]
