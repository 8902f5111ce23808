"""
Writes docs/errors.md from the tables in engine.app.error_codes.

Run: python -m engine.app.error_docs [FILE]
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from engine.app.error_codes import ALL

_HEAD = """# Error codes

<!-- Written by `python -m engine.app.error_docs`; edit engine/app/error_codes.py instead. -->

Why something cannot be used: a playbook, an archive, a DuckDB file, a command. The codes are stable. Why a message
is refused is in [reasons.md](reasons.md).
"""


def errors_page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(_table(title, rows) for title, rows in ALL)])


def _table(title: str, rows: Mapping[str, tuple[str, str]]) -> str:
    lines = [f"## {title}", "", "| code | meaning | what to do |", "|---|---|---|"]
    lines += [f"| `{code}` | {meaning} | {remedy} |" for code, (meaning, remedy) in sorted(rows.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/errors.md").write_text(errors_page(), encoding="utf-8")
