"""Long lists, a page at a time."""

from collections.abc import Sequence
from typing import Final

from engine.paper.routing import Answer, Call, bad_value, whole
from engine.paper.wire import Json, items

_MOST: Final = 2000


def page(call: Call, rows: Sequence[Json], default: int, most: int = _MOST) -> Answer:
    """
    Return the page of a list the query asks for.

    default: rows on a page unless the query says; most: however many it asks for.
    Raises: Refusal when the page is no number.
    """
    per_page = max(1, min(_number(call, "per-page", default), most))
    offset = _number(call, "page-offset", 0)
    first = offset * per_page
    shown = rows[first : first + per_page]
    pagination: Json = {
        "per-page": per_page,
        "page-offset": offset,
        "item-offset": first,
        "total-items": len(rows),
        "total-pages": -(-len(rows) // per_page),
        "current-item-count": len(shown),
        "previous-link": None,
        "next-link": None,
        "paging-link-template": None,
    }
    return Answer(items(shown), pagination=pagination)


def _number(call: Call, name: str, default: int) -> int:
    number = whole(call.one(name, str(default)))
    if number is None:
        raise bad_value(name)
    return number
