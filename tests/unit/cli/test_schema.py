"""`signalbook schema` prints schemas that stand on their own."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.unit.cli.conftest import Run

KINDS = ("playbook", "desk", "library")


@pytest.mark.parametrize("kind", KINDS)
def test_a_printed_schema_refers_to_nothing_outside_itself(run: Run, kind: str):
    """S-107, S-509."""
    result = run("schema", kind)

    document = json.loads(result.stdout)
    Draft202012Validator.check_schema(document)
    references = set(re.findall(r'"\$ref": "([^"]+)"', result.stdout))
    assert references <= {f"#/$defs/{name}" for name in document["$defs"]}


def test_out_writes_the_same_text(run: Run, desk: Path):
    printed = run("schema", "desk").stdout

    assert run("schema", "desk", "--out", "desk.json").exit_code == 0
    assert (desk / "desk.json").read_text(encoding="utf-8") == printed


def test_json_is_the_same_document(run: Run):
    """S-510."""
    assert json.loads(run("schema", "--json").stdout) == json.loads(run("schema", "playbook").stdout)


def test_an_unknown_kind_is_wrong_usage(run: Run):
    """S-513."""
    assert run("schema", "playbok").exit_code == 2
