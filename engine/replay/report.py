"""The report of one replay as a page: what was decided and why, what it would have brought, what nothing reached."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from engine.model.decision import Reason, Verdict
from engine.replay.markup import Markup, element, joined
from engine.replay.pages import Column, box, money, page, section, table, tiles
from engine.replay.periods import Period, all_periods, period_for
from engine.replay.plots import STYLES, Axes, Bar, Line, Parts, bars, columns, lines
from engine.replay.profits import AssumedProfit, ProfitOfDay, total
from engine.replay.summary import GroupCount, ReplaySummary, Sample

_MOST_BARS: Final = 20
_APPROVED, _REFUSED, _IGNORED = 0, 1, 2
_WHO: Final = (Column("message", kind="id"), Column("posted (UTC)", kind="short"), Column("author", kind="short"))
_VERDICTS: Final = Parts(("approved", "refused"), (_APPROVED, _REFUSED))
_STYLES: Final = {Verdict.APPROVED: _APPROVED, Verdict.DENIED: _REFUSED, Verdict.IGNORED: _IGNORED}


def report_page(summary: ReplaySummary, commands: Sequence[str] = ()) -> str:
    """Return the page. commands: to look further with, shown at its end."""
    names = ", ".join(version.name for version in summary.versions) or "no playbook"
    return page(f"Replay of {names}", _body(summary, names, commands))


def assumptions_box(assumptions: Iterable[tuple[str, str]]) -> Markup:
    """Return what a replay assumed, in a box that stands out."""
    return box("Assumed, because a replay cannot know it", assumptions)


def profit_lines(days: Iterable[ProfitOfDay], caption: str) -> Markup:
    """Return the profit of each playbook, summed up over time."""
    sums: dict[str, list[tuple[date, float]]] = {}
    so_far: dict[str, Decimal] = {}
    for each in days:
        so_far[each.playbook] = so_far.get(each.playbook, Decimal(0)) + each.profit
        sums.setdefault(each.playbook, []).append((each.day, float(so_far[each.playbook])))
    drawn = [Line(name, tuple(points)) for name, points in sums.items()][:STYLES]
    if not drawn:
        return element("p", "No position was closed at a known price and size.", class_="soft")
    return lines(caption, Axes("day a position ended, New York", "dollars"), drawn)


def _body(summary: ReplaySummary, names: str, commands: Sequence[str]) -> Iterator[str]:
    yield element("h1", f"Replay of {names}")
    yield element("p", _read(summary), class_="soft")
    yield tiles(_figures(summary))
    yield assumptions_box(summary.assumptions)
    yield section("Decisions", _by_reason(summary), _over_time(summary), _by_author(summary.authors))
    yield section("Assumed profit and loss", *_profits(summary))
    yield section("Looked like an order, but was refused", *_missed(summary))
    yield section("Lines no message reached", *_unreached(summary))
    yield section("What was replayed", *_replayed(summary))
    if commands:
        yield section("Look further", element("pre", "\n".join(commands)))


def _read(summary: ReplaySummary) -> str:
    files = len(summary.archives)
    return f"{summary.counts.messages:,} messages of {files} archive{'' if files == 1 else 's'}"


def _figures(summary: ReplaySummary) -> Iterator[tuple[str, str]]:
    yield f"{summary.alerts:,}", "alerts read"
    yield f"{summary.approved:,}", "approved"
    yield f"{summary.denied:,}", "refused"
    yield f"{summary.ignored:,}", "ignored"
    yield money(total(summary.assumed_profit_by_playbook)), "assumed profit"
    yield f"{len(summary.unreached):,}", "lines nothing reached"


def _by_reason(summary: ReplaySummary) -> Markup:
    shown = [each for each in summary.reasons if each.reason is not Reason.NOT_AN_ALERT][:_MOST_BARS]
    chatter = sum(each.outcomes for each in summary.reasons if each.reason is Reason.NOT_AN_ALERT)
    verdicts = [verdict for verdict in Verdict if any(each.verdict is verdict for each in shown)]
    rows = [
        Bar(each.reason.value, tuple(each.outcomes if each.verdict is verdict else 0 for verdict in verdicts))
        for each in shown
    ]
    words = {Verdict.APPROVED: "approved", Verdict.DENIED: "refused", Verdict.IGNORED: "ignored"}
    parts = Parts(tuple(words[verdict] for verdict in verdicts), tuple(_STYLES[verdict] for verdict in verdicts))
    left_out = f"; {chatter:,} that say nothing are left out" if chatter else ""
    return bars("Decisions by reason", f"decisions{left_out}", parts, rows)


def _by_author(authors: Sequence[GroupCount]) -> Markup:
    rows = [Bar(author.name, (author.approved, author.denied)) for author in authors[:_MOST_BARS]]
    which = f"the busiest {_MOST_BARS} of {len(authors):,}" if len(authors) > _MOST_BARS else "all who posted any"
    return bars(f"Alerts and refusals by author ({which})", "decisions", _VERDICTS, rows)


def _over_time(summary: ReplaySummary) -> Markup:
    period = period_for(each.day for each in summary.days)
    starts = all_periods((each.day for each in summary.days), period)
    counts = dict.fromkeys(starts, (0, 0))
    for each in summary.days:
        approved, denied = counts[period.start(each.day)]
        counts[period.start(each.day)] = (approved + each.approved, denied + each.denied)
    across = "day, New York" if period is Period.DAY else f"{period.value}, by its first day, New York"
    return columns(
        f"Alerts and refusals by {period.value}", Axes(across, "decisions"), _VERDICTS, tuple(counts.items())
    )


def _profits(summary: ReplaySummary) -> Iterator[Markup]:
    yield element("p", "Every figure here is assumed, as the box above says; no order was ever sent.", class_="soft")
    yield profit_lines(summary.assumed_profit_by_day, "Assumed profit by playbook, summed up")
    yield profit_table("playbook", summary.assumed_profit_by_playbook)
    yield profit_table("author", summary.assumed_profit_by_author, name="profit-by-author")


def profit_table(what: str, profits: Iterable[AssumedProfit], *, name: str = "") -> Markup:
    """Return assumed profits as a table. what: "playbook" or "author". name: with one, rows can be filtered."""
    counted = ("closed", "won", "lost", "expired", "unknown", "still open")
    shown = [
        Column(what),
        Column("assumed profit", is_number=True),
        *(Column(each, is_number=True) for each in counted),
    ]
    rows = [
        (each.name, money(each.profit) if each.is_known else "not known", *map("{:,}".format, _counted(each)))
        for each in profits
    ]
    return table(shown, rows, name=name)


def _counted(profit: AssumedProfit) -> tuple[int, ...]:
    return profit.closed, profit.won, profit.lost, profit.expired, profit.unknown, profit.still_open


def _missed(summary: ReplaySummary) -> Iterator[Markup]:
    refused = sum(each.order_shaped for each in summary.reasons if each.verdict is Verdict.DENIED)
    told = f"{len(summary.samples):,} of {refused:,} are shown, the first of each reason."
    yield element("p", told, class_="soft")
    shown = (*_WHO, Column("why"), Column("text", kind="wide"))
    yield table(shown, map(_sample, summary.samples), name="missed")


def _sample(sample: Sample) -> Sequence[str]:
    code = element("span", sample.rule or sample.reason.value, class_="tag loss")
    nearest = f" Nearest pattern: {sample.nearest}." if sample.nearest else ""
    place = element("div", sample.place, class_="soft") if sample.place else Markup()
    why = joined([code, " ", sample.detail, nearest, place])
    text = element("span", sample.text, class_="text")
    return sample.message_id, f"{sample.at:%Y-%m-%d %H:%M}", sample.author, why, text


def _unreached(summary: ReplaySummary) -> Iterator[Markup]:
    told = (
        "A pattern that never matched, an author who never posted, a condition or limit that never decided: "
        "dead, misspelt, or waiting for its day."
    )
    yield element("p", told, class_="soft")
    rows = [(each.playbook, each.kind.value, each.name, each.place) for each in summary.unreached]
    shown = (Column("playbook"), Column("what"), Column("name"), Column("line", kind="id"))
    yield table(shown, rows, name="unreached")


def _replayed(summary: ReplaySummary) -> Iterator[Markup]:
    versions = [(each.name, each.content_hash) for each in summary.versions]
    yield table((Column("playbook"), Column("content hash", kind="id")), versions)
    archives = [(each.name, f"{each.size:,}", each.sha256[:16]) for each in summary.archives]
    yield table((Column("archive"), Column("bytes", is_number=True), Column("SHA-256 begins", kind="id")), archives)
    strangers = [("author", each.name, each.id, f"{each.messages:,}") for each in summary.unheard_authors]
    unwatched = [("channel", each.name, each.id, f"{each.messages:,}") for each in summary.unwatched]
    if strangers or unwatched:
        shown = (
            Column("nobody listens to"),
            Column("name"),
            Column("id", kind="id"),
            Column("messages", is_number=True),
        )
        yield table(shown, [*unwatched, *strangers])
