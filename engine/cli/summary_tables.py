"""The summary of a replay as tables: what an ops person asks first."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.cli.screen import visible
from engine.replay.profits import AssumedProfit
from engine.replay.summary import GroupCount, ReplaySummary, Sample

_TEXT_WIDTH = 100
_COUNTED = ("closed", "won", "lost", "expired", "unknown", "still open")
_NUMBERS = frozenset(
    {"count", "order-shaped", "messages", "alerts", "approved", "refused", "ignored", "assumed profit", *_COUNTED}
)


def summary_tables(summary: ReplaySummary, limit: int) -> Iterator[RenderableType]:
    """Yield the tables one after another; limit: rows of each at most."""
    yield _counts(summary)
    yield from _not_heard(summary, limit)
    if summary.bad_rows:
        bad = [(row.file, str(row.index), row.code, visible(row.reason)) for row in summary.bad_rows]
        yield _table("entries that are no message", ("file", "entry", "code", "why"), bad, limit)
    if summary.unreached:
        lines = [(each.playbook, each.kind.value, each.name, each.place) for each in summary.unreached]
        yield _table("lines no message reached", ("playbook", "what", "name", "line"), lines, limit)
    if summary.samples:
        yield _samples("order-shaped, but refused", tuple(_each_reason_first(summary.samples))[:limit])
    if summary.ignored_samples:
        yield _samples("everything was ignored, for example", summary.ignored_samples)
    yield _reasons(summary, limit)
    yield _groups("by playbook", summary.playbooks, limit)
    yield _groups("by author", summary.authors, limit)
    yield from _profits(summary, limit)


def _not_heard(summary: ReplaySummary, limit: int) -> Iterator[RenderableType]:
    if summary.unwatched:
        rows = [(channel.name, channel.id, f"{channel.messages:,}") for channel in summary.unwatched]
        yield _table("channels no playbook listens to", ("channel", "id", "messages"), rows, limit)
    if summary.unheard_authors:
        authors = [(visible(author.name), author.id, f"{author.messages:,}") for author in summary.unheard_authors]
        yield _table("authors no playbook listens to", ("author", "id", "messages"), authors, limit)


def _counts(summary: ReplaySummary) -> RenderableType:
    counts = summary.counts
    rows = [
        ("messages", counts.messages),
        ("of these in channels no playbook listens to", counts.unwatched),
        ("entries that are no message", counts.bad_rows),
        ("joins, pins and the like, passed over", counts.skipped_system),
        ("alerts", summary.alerts),
        ("approved", summary.approved),
        ("refused", summary.denied),
        ("of these without an alert that could be read", summary.denied_without_alert),
        ("ignored", summary.ignored),
    ]
    return _table("what was read", ("", "count"), [(name, f"{count:,}") for name, count in rows], len(rows))


def _reasons(summary: ReplaySummary, limit: int) -> RenderableType:
    rows = [
        (row.verdict.value, row.reason.value, f"{row.outcomes:,}", f"{row.order_shaped:,}") for row in summary.reasons
    ]
    return _table("by reason", ("verdict", "reason", "count", "order-shaped"), rows, limit)


def _groups(title: str, groups: Sequence[GroupCount], limit: int) -> RenderableType:
    rows = [
        (visible(group.name), f"{group.alerts:,}", f"{group.approved:,}", f"{group.denied:,}", f"{group.ignored:,}")
        for group in groups
    ]
    return _table(title, ("name", "alerts", "approved", "refused", "ignored"), rows, limit)


def _profits(summary: ReplaySummary, limit: int) -> Iterator[RenderableType]:
    told = "; ".join(f"{name}: {meaning}" for name, meaning in summary.assumptions)
    yield Text(f"assumed, because a replay cannot know it: {told or 'nothing'}")
    if summary.assumed_profit_by_playbook:
        yield _profit("assumed profit by playbook", summary.assumed_profit_by_playbook, limit)
        yield _profit("assumed profit by author", summary.assumed_profit_by_author, limit)


def _profit(title: str, profits: Sequence[AssumedProfit], limit: int) -> RenderableType:
    rows = [
        (
            visible(each.name),
            dollars(each.profit) if each.is_known else "not known",
            *map("{:,}".format, (each.closed, each.won, each.lost, each.expired, each.unknown, each.still_open)),
        )
        for each in profits
    ]
    columns = ("name", "assumed profit", *_COUNTED)
    return _table(title, columns, rows, limit)


def dollars(amount: Decimal) -> str:
    """
    Return dollars and cents.

    >>> dollars(Decimal("-1234.5"))
    '-$1,234.50'
    """
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _each_reason_first(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield one sample of every reason, then a second one of every reason, and so on."""
    by_reason: dict[str, list[Sample]] = {}
    for sample in samples:
        by_reason.setdefault(sample.rule or sample.reason.value, []).append(sample)
    for row in zip_longest(*by_reason.values()):
        yield from (sample for sample in row if sample is not None)


def _samples(title: str, samples: Iterable[Sample]) -> RenderableType:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("message", "author", "why", "text"):
        table.add_column(column, overflow="fold")
    for sample in samples:
        nearest = f" (nearest pattern: {sample.nearest})" if sample.nearest else ""
        why = Text.assemble((sample.rule or sample.reason.value, "bold red"), f": {visible(sample.detail)}{nearest}")
        table.add_row(sample.message_id, visible(sample.author), why, shortened(sample.text))
    return Group(Text(title, "bold"), table)


def shortened(text: str) -> str:
    """Return a message on one line, cut where it is long."""
    line = " ".join(visible(text).split())
    return line if len(line) <= _TEXT_WIDTH else line[: _TEXT_WIDTH - 1] + "…"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], limit: int) -> RenderableType:
    more = f" ({limit} of {len(rows)})" if len(rows) > limit else ""
    table = Table(show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left", overflow="fold")
    for row in rows[:limit]:
        table.add_row(*row)
    return Group(Text(title + more, "bold"), table)
