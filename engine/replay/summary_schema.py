"""The JSON Schema of summary.json, made from the values it is written from: python -m engine.replay.summary_schema."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from msgspec.json import schema

from engine.replay.summary import ReplaySummary

_LEFT_OUT: Final = "run_id"  # another replay of the same gets another number
_OUTERMOST: Final = "ReplaySummary"


def summary_schema() -> dict[str, Any]:
    """Return the schema: every field is there in every file; dollars are texts in plain digits."""
    made = schema(ReplaySummary)
    whole = made["$defs"].pop(_OUTERMOST)
    whole["properties"].pop(_LEFT_OUT)
    whole["required"].remove(_LEFT_OUT)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "description": whole["description"].replace("run_id: its number in the store. ", ""),
        "title": "Summary of a replay, as --out writes it",
        "additionalProperties": False,
        "$defs": dict(sorted(made["$defs"].items())),
    }


def summary_schema_text() -> str:
    """Return the schema as it stands in schemas/summary.schema.json."""
    return json.dumps(summary_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "schemas/summary.schema.json").write_text(summary_schema_text(), "utf-8")
