"""Where the files that travel with the program lie: schemas and pattern libraries."""

from pathlib import Path
from typing import Final

_ENGINE: Final = Path(__file__).resolve().parent.parent


def schema_file(name: str) -> Path:
    """Return the file of a shipped schema, by the name it has in the schemas folder."""
    return _folder("schemas", _ENGINE.parent / "schemas") / name


def schema_files() -> tuple[Path, ...]:
    """Return the files of all shipped schemas, by name."""
    return tuple(sorted(schema_file("").glob("*.json")))


def library_files() -> tuple[Path, ...]:
    """Return the files of all shipped pattern libraries, by name."""
    return tuple(sorted(library_folder().glob("*.yaml")))


def library_folder() -> Path:
    """Return the folder of the shipped pattern libraries."""
    return _folder("lib", _ENGINE.parent / "playbooks" / "lib")


def _folder(installed: str, checkout: Path) -> Path:
    """An installed wheel carries its data inside the package; in a checkout they lie beside it."""
    inside = _ENGINE / "_data" / installed
    return inside if inside.is_dir() else checkout
