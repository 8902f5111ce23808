"""What two versions decide differently, as tables and as JSON."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.app.json_form import Json, json_form
from engine.cli.screen import visible
from engine.cli.summary_tables import dollars, shortened
from engine.replay.compare import Changed, Comparison, Difference, Side
from engine.replay.compare_page import decided_text
from engine.replay.profits import total

_PLURALS = {Difference.APPEARS: "appear", Difference.VANISHES: "vanish", Difference.CHANGES: "change"}
_MARKS = {Difference.APPEARS: "green", Difference.VANISHES: "red", Difference.CHANGES: "yellow"}


def compare_tables(compared: Comparison, limit: int) -> Iterator[RenderableType]:
    """Yield the sums of both versions and the decisions that differ; limit: decisions at most."""
    yield _sums(compared)
    if not compared.changed:
        yield Text("both versions decide every message alike", "bold green")
        return
    counts = ", ".join(f"{compared.count(kind):,} {_verb(kind, compared.count(kind))}" for kind in Difference)
    more = f" (the first {limit})" if len(compared.changed) > limit else ""
    yield _moves(compared)
    yield Group(Text(f"decisions that differ: {counts}{more}", "bold"), changed_table(compared.changed[:limit]))


def compare_json(compared: Comparison) -> dict[str, Json]:
    """
    Return both versions in numbers and every decision that differs.

    Shape: {"old": side, "new": side, "counts": {"appears", "vanishes", "changes"}, "moves": […], "decisions": […]}.
    """
    return {
        "old": _side(compared.old),
        "new": _side(compared.new),
        "counts": {kind.value: compared.count(kind) for kind in Difference},
        "moves": json_form(compared.moves),
        "decisions": [json_form(each) for each in compared.changed],
    }


def _sums(compared: Comparison) -> RenderableType:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    for side in ("old", "new"):
        table.add_column(side, justify="right")
    old, new = (_figures(side) for side in (compared.old, compared.new))
    for name in old:
        table.add_row(name, old[name], new[name])
    messages = compared.new.summary.counts.messages
    told = "; ".join(f"{name}: {meaning}" for name, meaning in compared.new.summary.assumptions)
    assumed = Text(f"assumed, because a replay cannot know it: {told or 'nothing'}")
    return Group(Text(f"both versions over {messages:,} messages", "bold"), table, Text(), assumed, Text())


def _figures(side: Side) -> dict[str, str]:
    return {
        "approved": f"{side.approved:,}",
        "of these openings": f"{side.opened:,}",
        "openings that were sized": f"{side.sized:,}",
        "what these count as": dollars(side.cost),
        "refused": f"{side.refused:,}",
        "assumed profit": dollars(total(side.summary.assumed_profit_by_playbook)),
    }


def _moves(compared: Comparison) -> RenderableType:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("reason before", "reason now"):
        table.add_column(column)
    table.add_column("count", justify="right")
    for move in compared.moves:
        table.add_row(move.old, move.new, f"{move.count:,}")
    return Group(Text("from which reason to which", "bold"), table, Text())


def changed_table(changed: Sequence[Changed]) -> Table:
    """Return decisions that differ as a table."""
    table = Table(show_edge=False, pad_edge=False)
    for column in ("", "message", "author", "text", "old", "new"):
        table.add_column(column, overflow="fold")
    for each in changed:
        table.add_row(
            Text(each.kind.value, _MARKS[each.kind]),
            each.message.id,
            visible(each.message.author),
            shortened(each.message.text),
            visible(decided_text(each.old)),
            visible(decided_text(each.new)),
        )
    return table


def _verb(kind: Difference, count: int) -> str:
    return kind.value if count == 1 else _PLURALS[kind]


def _side(side: Side) -> Json:
    return {
        "playbook": side.name,
        "content_hash": side.content_hash,
        "approved": side.approved,
        "refused": side.refused,
        "opened": side.opened,
        "sized": side.sized,
        "cost": json_form(side.cost),
        "assumed_profit": json_form(total(side.summary.assumed_profit_by_playbook)),
        "assumptions": json_form(side.summary.assumptions),
    }
