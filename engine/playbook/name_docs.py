"""
The part of docs/language.md that no schema knows.

The names and filters of conditions and templates, and what stands in for sections that are left out.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.model.rule import RULE_NAMES
from engine.playbook.operations import FILTERS
from engine.playbook.template import TEMPLATE_FILTERS, TEMPLATE_NAMES

_CONDITIONS: Final = """\
## Conditions

`if` under `read.refuse_when` takes comparison (`==`, `!=`, `<`, `<=`, `>`, `>=`, also `1 < price < 5`), `and`,
`or`, `not`, `in` and `not in`, `+`, `-`, `*` and `/` between numbers, texts in quotes, lists in brackets, and these
filters after a `|`: FILTERS. There are no calls, attributes, indexes, powers or arithmetic on texts. Numbers are exact
decimals. When a name the condition uses has no value, or a division has no result, the alert is refused as
`rule_could_not_run`; both sides of `and` and `or` always count.
"""
_TEMPLATES: Final = """\
## Message templates

Texts under `notify` hold `{{ name }}`, with these filters after a `|`: FILTERS. There are no tags, calls, indexes or
arithmetic. A name without a value shows as `—`, or as what `default('…')` says.
"""
_STAND_INS: Final = """\
## What stands in for a section that is left out

| left out | then |
|---|---|
| `size` | one contract for each opening |
| `ladder.open` | half way: 10 s at mid, 10 s at 50 % of the way to natural, then cancel |
| `ladder.close` | all the way: 5 s each at mid, 50 % and natural, then a marketable limit |
| `ladders.….budget` | the time and the price changes that the rungs need |
| `exits` | no stop and no target; exits come from alerts and people |
| `stages` | the playbook observes: it decides and logs, and sends nothing |
"""


def name_pages() -> Iterator[str]:
    """Yield the lines of these sections."""
    yield from ("", _filled(_CONDITIONS, FILTERS))
    rows = ((name.name, name.kind.value, name.meaning, ", ".join(name.choices)) for name in RULE_NAMES)
    yield from _table(("name", "is", "meaning", "one of"), rows)
    yield from ("", _filled(_TEMPLATES, TEMPLATE_FILTERS))
    yield from _table(("name", "meaning"), TEMPLATE_NAMES.items())
    yield from ("", _STAND_INS.rstrip())


def _filled(text: str, filters: Iterable[str]) -> str:
    return text.replace("FILTERS", ", ".join(f"`{name}`" for name in filters))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for name, *rest in rows:
        yield f"| `{name}` | {' | '.join(rest)} |"
