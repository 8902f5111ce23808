"""The shipped schema of summary.json is that of the values it is written from."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from engine.app.json_form import json_form
from engine.model.run import RunCounts
from engine.replay.summary_schema import summary_schema, summary_schema_text
from engine.replay.tally import Tally
from tests.unit.replay.decided import START, approved, closed, denied, reading, record

SHIPPED = Path(__file__).parents[3] / "schemas" / "summary.schema.json"


def test_the_shipped_schema_is_level_with_the_code():
    assert SHIPPED.read_text("utf-8") == summary_schema_text(), "run: make docs"


def test_a_summary_fits_the_schema_and_has_every_field():
    tally = Tally()
    for number, outcome in enumerate((approved(), denied())):
        each = record(number, outcome)
        tally.add(each.decision, each.message, reading(each))
    tally.close([closed("12.50")])
    written = json_form(tally.result(3, RunCounts(2), START))
    assert isinstance(written, dict)
    del written["run_id"]

    Draft202012Validator.check_schema(summary_schema())
    errors = list(Draft202012Validator(summary_schema()).iter_errors(json.loads(json.dumps(written))))

    assert errors == []
    assert set(written) == set(summary_schema()["required"])
