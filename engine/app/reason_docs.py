"""
Writes docs/reasons.md from the table in engine.decide.reasons.

Run: python -m engine.app.reason_docs [FILE]
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from engine.decide.reasons import OF_GATES, OF_READER, Explanation
from engine.model.decision import Reason

_HEAD = """# Reason codes

<!-- Written by `python -m engine.app.reason_docs`; edit engine/decide/reasons.py instead. -->

Every decision holds one outcome per alert, with one of these codes. The codes are stable. A condition in
`read.refuse_when` adds the playbook's own code beside `refused_by_rule`.
"""


def reasons_page() -> str:
    """Return the whole page as Markdown."""
    parts = [_HEAD, _table("Of the gates", OF_GATES), _table("Of the reader", OF_READER)]
    return "\n".join(parts)


def _table(title: str, rows: Mapping[Reason, Explanation]) -> str:
    lines = [f"## {title}", "", "| code | meaning | what to do |", "|---|---|---|"]
    lines += [f"| `{code.value}` | {row.meaning} | {row.remedy} |" for code, row in rows.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reasons.md").write_text(reasons_page(), encoding="utf-8")
