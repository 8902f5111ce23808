"""The shipped schema of a logged decision is that of the values it is written from."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from engine.decide.decide import explain
from engine.decide.facts import Earlier, Facts
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.journal.decision_schema import decision_schema, decision_schema_text
from engine.model.alert import Alert, Reading
from engine.model.message import EventKind
from engine.model.playbook import Playbook
from tests.unit.decide.known import CLOSING, FACTS, HOUSE, MESSAGE, OPENING, ROLL

SHIPPED = Path(__file__).parents[3] / "schemas" / "decision.schema.json"
EDITED = replace(FACTS, earlier=Earlier(1, (CLOSING,), ("key",)), account=None)


def test_the_shipped_schema_is_level_with_the_code():
    assert SHIPPED.read_text("utf-8") == decision_schema_text(), "run: make docs"


@pytest.mark.parametrize("facts", [FACTS, EDITED, replace(FACTS, alerts=(), restrictions=None, positions=None)])
@pytest.mark.parametrize("alerts", [(), (OPENING,), (CLOSING, OPENING), (ROLL,)])
def test_a_record_fits_the_schema_and_comes_back_equal(playbook: Playbook, facts: Facts, alerts: tuple[Alert, ...]):
    """S-332."""
    message = replace(MESSAGE, kind=EventKind.EDITED, event=2) if facts is EDITED else MESSAGE
    record = Record(message, facts, explain(Terms(playbook, (), HOUSE), message, Reading(alerts), facts))

    written = msgspec.json.encode(record)

    assert list(Draft202012Validator(decision_schema()).iter_errors(json.loads(written))) == []
    assert msgspec.json.decode(written, type=Record) == record


def test_the_schema_knows_no_other_field():
    Draft202012Validator.check_schema(decision_schema())

    assert all(each.get("additionalProperties", False) is False for each in decision_schema()["$defs"].values())
