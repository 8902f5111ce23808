"""Gates as a table: what each answered, and the line of the playbook that made it answer so."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from engine.cli.screen import place_of, visible
from engine.model.decision import GateResult, GateStatus, Outcome, Verdict

_MARKS = {
    GateStatus.PASSED: ("passed", "green"),
    GateStatus.FAILED: ("failed", "bold red"),
    GateStatus.COULD_NOT_RUN: ("could not run", "yellow"),
    GateStatus.NOT_APPLICABLE: ("–", "dim"),
}
_VERDICTS = {Verdict.APPROVED: "bold green", Verdict.DENIED: "bold red", Verdict.IGNORED: "dim"}


def gate_table(gates: Sequence[GateResult]) -> Table:
    """Return every gate with its answer, in the order they decide."""
    table = Table(show_edge=False, pad_edge=False)
    for column in ("gate", "answer", "why", "playbook"):
        table.add_column(column, overflow="fold")
    for gate in gates:
        words, style = _MARKS[gate.status]
        code = f" {gate.code.value}" if gate.code else ""
        table.add_row(gate.gate, Text(words + code, style), visible(gate.detail), Text(place_of(gate.span), "dim"))
    return table


def verdict_line(outcome: Outcome) -> Text:
    """Return what became of an alert, in one line."""
    detail = "" if outcome.verdict is Verdict.APPROVED else f": {visible(outcome.detail)}"
    reason = outcome.rule or outcome.reason.value
    words = outcome.verdict.value if outcome.verdict is Verdict.APPROVED else f"{outcome.verdict.value} {reason}"
    return Text.assemble((words, _VERDICTS[outcome.verdict]), detail)
