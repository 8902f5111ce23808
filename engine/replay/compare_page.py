"""The comparison of two versions as a page: what appears, vanishes and changes, with the sums of both."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from engine.playbook.diff import Change
from engine.replay.compare import Changed, Comparison, Decided, Difference, Side, Told
from engine.replay.markup import Markup, element, joined
from engine.replay.pages import Column, money, page, section, table, tiles
from engine.replay.plots import Bar, Parts, bars
from engine.replay.profits import total
from engine.replay.report import assumptions_box, profit_lines

_WORDS: Final = {
    Difference.APPEARS: "only the new version decides it",
    Difference.VANISHES: "only the old version decides it",
    Difference.CHANGES: "both decide it, differently",
}
_MOST_BARS: Final = 24
_MOST_LETTERS: Final = 240  # of what a key says
_NEW: Final = Parts(("decisions",), (3,))


def compare_page(compared: Comparison, changes: Sequence[Change] = ()) -> str:
    """Return the page. changes: the keys the two versions differ in."""
    return page(f"{compared.old.name}: old and new", _body(compared, changes))


def decided_text(decided: Decided | None) -> str:
    """
    Return what one version decided, in one line.

    >>> from engine.model.decision import Verdict
    >>> decided_text(Decided(Verdict.APPROVED, "approved", "buy_to_open", "SPY 602C", 3))
    'approved buy_to_open 3 × SPY 602C'
    """
    if decided is None:
        return "nothing"
    return " ".join(text for _, text in _texts(decided))


def profit_of(side: Side) -> Markup:
    """Return the dollars a version would have brought, as is assumed."""
    return money(total(side.summary.assumed_profit_by_playbook))


def _body(compared: Comparison, changes: Sequence[Change]) -> Iterator[str]:
    old, new = compared.old, compared.new
    yield element("h1", f"{new.name}: what another version would have decided")
    counts = new.summary.counts
    files = len(new.summary.archives)
    archives = f"{counts.messages:,} messages of {files} archive{'' if files == 1 else 's'}"
    told = f"content hash {old.content_hash} → {new.content_hash}, over {archives}"
    yield element("p", told, class_="soft")
    yield tiles((f"{compared.count(kind):,}", f"{kind.value}: {words}") for kind, words in _WORDS.items())
    yield assumptions_box(new.summary.assumptions)
    if changes:
        yield section("Keys that differ", _keys(changes))
    yield section("Both versions in numbers", _sums(compared))
    moves = (_moves(compared),) if compared.changed else ()
    yield section("Decisions that differ", *moves, *_changes(compared))
    yield section("Assumed profit and loss", _profits(compared))


def _keys(changes: Sequence[Change]) -> Markup:
    shown = (Column("key", kind="id"), Column("before"), Column("now"), Column("changes the hash"))
    rows = [
        (each.path, _beginning(each.old), _beginning(each.new), "yes" if each.changes_hash else "no")
        for each in changes
    ]
    return table(shown, rows)


def _beginning(text: str) -> str:
    return text[:_MOST_LETTERS] + "…" if len(text) > _MOST_LETTERS else text or "–"


def _sums(compared: Comparison) -> Markup:
    old, new = compared.old, compared.new
    rows: list[tuple[str, str, str]] = [
        ("approved", f"{old.approved:,}", f"{new.approved:,}"),
        ("of these openings", f"{old.opened:,}", f"{new.opened:,}"),
        ("openings that were sized", f"{old.sized:,}", f"{new.sized:,}"),
        ("what these count as", money(old.cost), money(new.cost)),
        ("refused", f"{old.refused:,}", f"{new.refused:,}"),
        ("assumed profit", profit_of(old), profit_of(new)),
    ]
    return table((Column(""), Column("old", is_number=True), Column("new", is_number=True)), rows, is_narrow=True)


def _moves(compared: Comparison) -> Markup:
    rows = [Bar(f"{move.old} → {move.new}", (move.count,)) for move in compared.moves[:_MOST_BARS]]
    return bars("Decisions that differ, by reason before and now", "decisions", _NEW, rows)


def _profits(compared: Comparison) -> Markup:
    days = [
        replace(each, playbook=name)
        for name, side in (("old", compared.old), ("new", compared.new))
        for each in side.summary.assumed_profit_by_day
    ]
    return profit_lines(days, "Assumed profit of both versions, summed up")


def _changes(compared: Comparison) -> Iterator[Markup]:
    if not compared.changed:
        yield element("p", "Both versions decide every message alike.")
        return
    shown = (
        Column("", kind="short"),
        Column("message", kind="id"),
        Column("posted (UTC)", kind="short"),
        Column("author", kind="short"),
        Column("text", kind="wide"),
        Column("old"),
        Column("new"),
    )
    yield table(shown, map(_row, compared.changed), name="changes")


def _row(changed: Changed) -> tuple[str, ...]:
    message = changed.message
    text = element("span", message.text, class_="text")
    at = f"{message.at:%Y-%m-%d %H:%M}"
    old = _cell(changed.old, changed.old_told, changed.fields, "was")
    new = _cell(changed.new, changed.new_told, changed.fields, "now")
    return element("span", changed.kind.value, class_="tag"), message.id, at, message.author, text, old, new


def _cell(decided: Decided | None, told: Told | None, unlike: tuple[str, ...], style: str) -> Markup:
    if decided is None or told is None:
        return element("span", "nothing", class_="soft")
    parts: list[str] = []
    for name, text in _texts(decided):
        parts += [element("span", text, class_=style) if name in unlike else text, " "]
    if told.cost:
        parts.append(element("span", f"(${told.cost:,.2f})", class_="soft"))
    where = ": ".join(filter(None, (told.place, told.detail))) if decided.verdict.value != "approved" else ""
    return joined([*parts, element("div", where, class_="soft")])


def _texts(decided: Decided) -> Iterator[tuple[str, str]]:
    """Yield (field, how it is shown) of what a version says, in the order it reads best."""
    yield "verdict", decided.verdict.value
    if decided.reason != decided.verdict.value:
        yield "reason", decided.reason
    if decided.action:
        yield "action", decided.action
    if decided.part is not None:
        yield "part", f"{(decided.part * 100).normalize():f}% of"
    if decided.quantity is not None:
        yield "quantity", f"{decided.quantity:,} ×"
    if decided.contract:
        yield "contract", decided.contract
    if decided.price is not None:
        yield "price", f"@ {decided.price:f}"
    yield from (
        (name, f"{name} {text}") for name, text in (("stop", decided.stop), ("targets", decided.targets)) if text
    )
