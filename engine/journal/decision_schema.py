"""The JSON Schema of a logged decision, made from the values it holds: python -m engine.journal.decision_schema."""

import json
import sys
from pathlib import Path
from typing import Any

from msgspec.json import schema

from engine.decide.record import Record


def decision_schema() -> dict[str, Any]:
    """
    Return the schema of one record: a message event, the facts about it, and what was decided.

    Every field is there in every record. Decimals are texts in plain digits or with an exponent, times ISO texts.
    """
    made = schema(Record)
    definitions = {name: _closed(each) for name, each in sorted(made["$defs"].items())}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A logged decision",
        **{key: value for key, value in definitions.pop(Record.__name__).items() if key != "title"},
        "$defs": definitions,
    }


def decision_schema_text() -> str:
    """Return the schema as it stands in schemas/decision.schema.json."""
    return json.dumps(decision_schema(), indent=2, ensure_ascii=False) + "\n"


def _closed(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition that asks for all it knows, and knows nothing else."""
    properties = definition.get("properties")
    if properties is None:
        return definition
    bare = {name: {key: word for key, word in each.items() if key != "default"} for name, each in properties.items()}
    return {**definition, "properties": bare, "required": sorted(bare), "additionalProperties": False}


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "schemas/decision.schema.json").write_text(
        decision_schema_text(), "utf-8"
    )
