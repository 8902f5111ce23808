"""Files that travel with the program."""

import tomllib
from pathlib import Path

from engine.playbook import shipped

ROOT = Path(__file__).parents[3]


def test_schemas_and_libraries_of_a_checkout_are_found():
    """S-108."""
    assert shipped.schema_file("desk.schema.json") == ROOT / "schemas" / "desk.schema.json"
    assert ROOT / "playbooks" / "lib" / "us-options.yaml" in shipped.library_files()


def test_the_wheel_carries_them_where_an_installed_program_looks():
    """S-108."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert build["force-include"] == {"schemas": "engine/_data/schemas", "playbooks/lib": "engine/_data/lib"}
