"""Pages that need nothing but themselves: one HTML text with its style and its script inside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources

from engine.replay.markup import Markup, element, joined


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. is_number: its values stand to the right. kind: "id", "short", "wide" or ""."""

    name: str
    is_number: bool = False
    kind: str = ""


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page."""
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", _resource("page.css")),
    )
    script = element("script", _resource("page.js"))
    return f"<!doctype html>\n{element('html', head, element('body', *body, script), lang='en')}\n"


def section(title: str, *inner: str) -> Markup:
    """Return a part of a page under a title of its own."""
    return element("section", element("h2", title), *inner)


def tiles(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return (value, what it is) as the figures to see first."""
    return element(
        "ul", *(element("li", element("b", value), element("span", what)) for value, what in entries), class_="tiles"
    )


def box(title: str, entries: Iterable[tuple[str, str]]) -> Markup:
    """Return (name, meaning) in a box that stands out."""
    rows = (part for name, meaning in entries for part in (element("dt", name), element("dd", meaning)))
    return element("div", element("strong", title), element("dl", *rows), class_="box")


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], *, name: str = "", is_narrow: bool = False
) -> Markup:
    """
    Return a table, a word where it would be empty.

    name: with one, its rows can be filtered by what they say. is_narrow: no wider than what stands in it.
    """
    body = [_row("td", columns, row) for row in rows]
    if not body:
        return element("p", "None.", class_="soft")
    head = _row("th", columns, [column.name for column in columns])
    drawn = element(
        "table",
        element("thead", head),
        element("tbody", *body),
        id=name or None,
        class_="narrow" if is_narrow else None,
    )
    if not name:
        return element("div", drawn, class_="scroll")
    return joined(
        [_filter(name), element("div", drawn, class_="scroll tall", tabindex=0, role="region", aria_label=name)]
    )


def money(amount: Decimal) -> Markup:
    """Return dollars and cents, a loss marked by its sign and its colour."""
    text = f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"
    return element("span", text, class_="loss" if amount < 0 else None)


def _filter(name: str) -> Markup:
    field = Markup(f'<input type="search" id="{name}-filter" placeholder="words, all of which must be in a row">')
    label = element("label", "Show only rows with", for_=f"{name}-filter")
    return element("div", label, field, element("output", for_=f"{name}-filter"), class_="filter", data_table=name)


def _row(kind: str, columns: Sequence[Column], values: Sequence[str]) -> Markup:
    return element("tr", *(_cell(kind, column, value) for column, value in zip(columns, values, strict=True)))


def _cell(kind: str, column: Column, value: str) -> Markup:
    style = "number" if column.is_number else column.kind
    return element(kind, value, class_=style or None, scope="col" if kind == "th" else None)


def _resource(name: str) -> Markup:
    return Markup(resources.files("engine.replay").joinpath(name).read_text(encoding="utf-8"))
