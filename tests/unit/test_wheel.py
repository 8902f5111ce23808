"""The wheel carries what the program needs besides its code."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]
FOLDERS = {"schemas": "engine/_data/schemas", "playbooks/lib": "engine/_data/lib"}


def test_schemas_libraries_migrations_and_the_starter_travel_in_the_wheel(tmp_path: Path):
    """S-108."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")

    names = set(ZipFile(wheel).namelist())

    wanted = {
        f"{inside}/{path.name}"
        for outside, inside in FOLDERS.items()
        for path in (ROOT / outside).iterdir()
        if path.is_file()
    }
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob("*.sql")}
    wanted |= {"engine/cli/starter.yaml"}
    assert wanted - names == set()
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)
