"""
Writes docs/lifecycle.md from the table in engine.lifecycle.moves.

Run: python -m engine.app.lifecycle_docs [FILE]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from engine.lifecycle import kinds, states
from engine.lifecycle.kinds import Kind
from engine.lifecycle.moves import MOVES, ROWS, Row
from engine.lifecycle.states import OPEN, PENDING, State

_HEAD = """# The life of an order

<!-- Written by `python -m engine.app.lifecycle_docs`; edit engine/lifecycle/ instead. -->

An order of ours is a chain of the broker's orders: each replacement has a new id at the broker and the same client id.
`step(order, event, now)` takes in what an event shows (each fill once, by its id; an end is never taken back), names
what it means for the chain as a whole, and looks that up here. A pair that is not here leaves the state alone and is
recorded with a reason. Nothing in it reads a clock, waits or raises.

Whatever the row, fills seen for the first time are booked. `probe`, `await_grace`, `cancel` and `release` do nothing
where nothing is left to do: an order is cancelled once, until the cancel is refused or not answered, and released once.
"""
_TAIL = """
## Slots
An entry intent and an exit group have one slot each. Its orders share its units: filled, plus what could still fill,
is never more. An order counts at its full size from its draft until the broker's word, and a grace period after it,
settle it.

- An opening is never sent again. A slot for an entry takes a further order only for what a cancelled one left over,
  once its grace period is over.
- A close may be tried again, under a new client id, when the one before is settled: also when it is `absent`.
- An order that was given up and comes back is cancelled. Where that, or a late fill, leaves a slot with more open than
  it has left to fill, everything open in it is cancelled and a person called.
"""
_GROUPS = {"any_awaiting": PENDING, "any_at_broker": OPEN}


def lifecycle_page() -> str:
    """Return the whole page as Markdown."""
    parts = [_HEAD, _diagram(), _meanings(), _table(), _TAIL.strip("\n")]
    return "\n".join(parts) + "\n"


def _diagram() -> str:
    lines = ["## Diagram", "", "Moves between states; rows that stay are in the table.", "", "```mermaid"]
    lines += ["stateDiagram-v2", "    direction LR"]
    for group, members in _GROUPS.items():  # a node of its own: a composite cannot have an arrow to its own member
        lines += [f'    state "any of {", ".join(state.value for state in members)}" as {group}']
    lines += [f"    [*] --> {State.DRAFT.value}"]
    lines += [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in _edges().items()]
    left_out = "Left out: an order that was given up, or is at its end, and comes back; the table has it."
    return "\n".join([*lines, "```", "", left_out, ""])


def _edges() -> dict[tuple[str, str], list[str]]:
    edges: dict[tuple[str, str], list[str]] = {}
    for kind in Kind:
        for to in State:
            sources = {s for s in State if (s, kind) in MOVES and MOVES[s, kind].to is to and not _is_return(s, to)}
            for source in _grouped(sources, to):
                edges.setdefault((source, to.value), []).append(kind.value)
    return edges


def _grouped(sources: set[State], to: State) -> Iterator[str]:
    # A whole group that leads to one state is one arrow; that a member stays where it is does not matter.
    for group, members in _GROUPS.items():
        if {*members} <= sources:
            yield group
            sources = sources - {*members}
    yield from (state.value for state in State if state in sources and state is not to)


def _is_return(state: State, to: State) -> bool:
    return state.is_over and (to in OPEN or state not in (State.CANCELLED, State.EXPIRED))


def _meanings() -> str:
    lines = ["## States", "", "| state | what is known |", "|---|---|"]
    lines += [f"| `{state.value}` | {states.MEANINGS[state]} |" for state in State]
    lines += ["", "## Kinds of events", "", "| kind | meaning |", "|---|---|"]
    lines += [f"| `{kind.value}` | {kinds.MEANINGS[kind]} |" for kind in Kind]
    return "\n".join([*lines, ""])


def _table() -> str:
    lines = ["## Table", "", "| in | on | then | does | why |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(row) for row in ROWS), ""])


def _row(row: Row) -> str:
    there = "stays" if row.to is None else f"`{row.to.value}`"
    acts = ", ".join(act.value for act in row.acts)
    return f"| {', '.join(s.value for s in row.states)} | `{row.kind.value}` | {there} | {acts} | {row.why} |"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/lifecycle.md").write_text(lifecycle_page(), encoding="utf-8")
