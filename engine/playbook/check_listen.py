"""Checks of what a playbook hears: names that stand for two, times that contradict each other."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.model.errors import Issue
from engine.model.listen import AuthorRule, Channel
from engine.playbook.check_ladders import seconds
from engine.playbook.checked import Checked

_PLACEHOLDER: Final = re.compile("[1-9]0{13,}[0-9]{1,3}")


def same_names(checked: Checked) -> Iterator[Issue]:
    """Reports, examples and conditions call authors and channels by name, so a name means one of them."""
    listen = checked.playbook.listen
    yield from _repeated("duplicate_author", "author", listen.authors)
    yield from _repeated("duplicate_channel", "channel", listen.channels)


def _repeated(code: str, what: str, rules: Iterable[AuthorRule | Channel]) -> Iterator[Issue]:
    seen: dict[str, str] = {}
    for rule in rules:
        first = seen.setdefault(rule.name, rule.id)
        if first != rule.id:
            message = f"two {what}s are called {rule.name!r}: {first} and {rule.id}"
            yield Issue(code, message, rule.span, "a name of its own")


def placeholder_ids(checked: Checked) -> Iterator[Issue]:
    """The ids of `signalbook new` and of examples are nobody's; with them nothing is ever heard."""
    listen = checked.playbook.listen
    for what, rules in (("channel", listen.channels), ("author", listen.authors)):
        for rule in rules:
            if _PLACEHOLDER.fullmatch(rule.id):
                message = f"{rule.id} is the placeholder of a starter, not your {what}'s id"
                yield Issue("placeholder_id", message, rule.span, f"the {what}'s id, copied in Discord", is_error=False)


def nobody_may_open(checked: Checked) -> Iterator[Issue]:
    """A playbook in which no author opens is legal, and rarely meant."""
    authors = checked.playbook.listen.authors
    if not any(author.may_open for author in authors):
        yield Issue("nobody_may_open", "no author may open", checked.at("listen", "authors"), is_error=False)


def closes_age_sooner(checked: Checked) -> Iterator[Issue]:
    """A late close does less harm than a late opening, so it may not have to be younger."""
    age = checked.playbook.listen.max_age
    if age.open > age.close:
        message = f"openings may be {seconds(age.open)} old, closes only {seconds(age.close)}"
        yield Issue("closes_age_sooner", message, age.open_span, f"at most {seconds(age.close)}")


def waits_outlive_alert(checked: Checked) -> Iterator[Issue]:
    """A probe or an approval that may take longer than the alert is good for can never be of use."""
    playbook = checked.playbook
    good_for, stages = playbook.listen.good_for, playbook.stages
    approval = stages.production.approval if stages.production else None
    waits = [
        (stages.sandbox.within if stages.sandbox else None, ("stages", "sandbox", "within")),
        (approval.within if approval else None, ("stages", "production", "approval", "within")),
    ]
    for within, path in waits:
        if within is not None and within > good_for:
            message = f"{seconds(within)} is longer than the alert is good for"
            yield Issue("outlives_alert", message, checked.at(*path), f"at most listen.good_for, {seconds(good_for)}")


LISTEN_CHECKS: Final = (same_names, placeholder_ids, nobody_may_open, closes_age_sooner, waits_outlive_alert)
