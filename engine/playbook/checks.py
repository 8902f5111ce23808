"""All checks of compiled playbooks, in one place: rules that cannot mean what somebody wanted."""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.model.errors import Issue
from engine.model.playbook import Playbook
from engine.playbook.check_exits import EXIT_CHECKS
from engine.playbook.check_house import HOUSE_CHECKS
from engine.playbook.check_ladders import LADDER_CHECKS
from engine.playbook.check_limits import LIMIT_CHECKS
from engine.playbook.check_listen import LISTEN_CHECKS
from engine.playbook.check_reading import READING_CHECKS
from engine.playbook.checked import Check, Checked

CHECKS: Final[tuple[Check, ...]] = (
    *LISTEN_CHECKS,
    *READING_CHECKS,
    *LIMIT_CHECKS,
    *LADDER_CHECKS,
    *EXIT_CHECKS,
    *HOUSE_CHECKS,
)


def check_playbook(checked: Checked) -> tuple[Issue, ...]:
    """Return everything that is wrong with one playbook, in the order of its file."""
    return in_file_order(issue for check in CHECKS for issue in check(checked))


def same_name(playbooks: Iterable[Playbook]) -> Iterator[Issue]:
    """Yield an issue for every playbook whose name another one has already."""
    first: dict[str, Playbook] = {}
    for playbook in playbooks:
        known = first.setdefault(playbook.name, playbook)
        if known is not playbook:
            message = f"{known.file} is called {playbook.name!r} too"
            yield Issue("duplicate_playbook", message, playbook.span, "a name of its own; until then neither is live")


def in_file_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues of one file without repetitions, top to bottom."""
    return tuple(sorted(dict.fromkeys(issues), key=lambda issue: (issue.span.line, issue.span.column)))
