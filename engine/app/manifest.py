"""What a run starts from, written down: the program and its libraries, the files it reads, the rules in force."""

import platform
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import requires, version
from pathlib import Path
from typing import Final

from engine.journal.entry_bodies import Manifest, rulebook_hash
from engine.model.run import ArchiveUsed
from engine.playbook.rulebook import Rulebook
from engine.playbook.shipped import schema_files

_PACKAGE: Final = "signalbook"
_ENGINE: Final = Path(__file__).resolve().parent.parent
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def manifest_of(
    source: str,
    rulebook: Rulebook,
    *,
    arguments: Iterable[str] = (),
    assumptions: Iterable[tuple[str, str]] = (),
    archives: Iterable[ArchiveUsed] = (),
) -> Manifest:
    """Return the manifest of a run by this program, as it is installed."""
    return Manifest(
        source=source,
        engine_version=engine_version(),
        code=code_hash(),
        python=platform.python_version(),
        dependencies=_dependencies(),
        schemas=_schemas(),
        arguments=tuple(arguments),
        assumptions=tuple(assumptions),
        archives=tuple(archives),
        playbooks=tuple(sorted((live.playbook.name, live.content_hash) for live in rulebook.playbooks)),
        rulebook=rulebook_hash(rulebook.texts),
    )


def engine_version() -> str:
    """Return the version of this program."""
    return version(_PACKAGE)


@cache
def code_hash() -> str:
    """Return a hash of the program's own files, names included: SHA-256 in hexadecimal."""
    whole = sha256()
    for file in sorted(_ENGINE.rglob("*.py")):
        whole.update(file.relative_to(_ENGINE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()


def _dependencies() -> tuple[tuple[str, str], ...]:
    needed = (line for line in requires(_PACKAGE) or () if "extra ==" not in line)
    names = sorted(found[0] for found in map(_NAME.match, needed) if found)
    return tuple((name, version(name)) for name in names)


def _schemas() -> tuple[tuple[str, str], ...]:
    return tuple((file.name, sha256(file.read_bytes()).hexdigest()) for file in schema_files())
