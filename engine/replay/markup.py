"""HTML and SVG as text: what is put into markup is escaped, unless it is markup itself."""

from collections.abc import Iterable
from html import escape
from typing import Final

_BREAKS: Final = frozenset("\n\t")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, *inner: str, **attributes: object) -> Markup:
    """
    Return an element.

    inner: markup is taken as it is, every other text is escaped. attributes: an underscore in a name stands
    for "-", one at its end for nothing (`class_`); True is an attribute without a value, None and False are none.

    >>> element("p", "a < b", element("b", "c"), class_="note")
    '<p class="note">a &lt; b<b>c</b></p>'
    """
    return Markup(f"<{name}{''.join(map(_attribute, attributes.items()))}>{joined(inner)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Return texts and markup one after another, as markup."""
    return Markup("".join(part if isinstance(part, Markup) else escaped(part) for part in parts))


def escaped(text: str) -> Markup:
    """
    Return a text as markup that shows it; what no page may hold (control characters, marks that turn the
    direction of writing) is shown as a replacement character.

    >>> escaped("<b>" + chr(27))
    '&lt;b&gt;\\ufffd'
    """
    return Markup(escape("".join(map(_shown, text))))


def _shown(character: str) -> str:
    is_space = character in _BREAKS or (character.isspace() and character >= "\xa0")
    return character if character.isprintable() or is_space else "\ufffd"


def _attribute(named: tuple[str, object]) -> str:
    name, value = named
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escaped(str(value))}"'
