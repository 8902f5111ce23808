"""
Which versions decide about messages: what production goes by, and what is tried beside it.

Production is decided by the promoted version, or the canary in its place, tightened by the newest file; the newest
versions that do not serve are candidates: they trade in the sandbox. Both go by the desk in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.app.staging import Staging
from engine.app.versions import Versions
from engine.model.desk import Desk
from engine.plan.loosening import DeskState, Loosening
from engine.plan.promotion import Promotions
from engine.plan.stricter import stricter
from engine.playbook.loader import LivePlaybook
from engine.playbook.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Served:
    """
    production: versions that may send to production; each is alone of its playbook. candidates: newest versions that do
    not serve; each of them is alone too. Both hold the same desk, the one in force.
    waiting: what the desk file loosens and nobody has agreed to. missing: sentences about promoted versions that
    cannot be loaded any more, and so serve nothing.
    """

    production: Rulebook
    candidates: Rulebook
    waiting: tuple[Loosening, ...]
    missing: tuple[str, ...]

    def leads(self, live: LivePlaybook) -> bool:
        """
        Return whether production goes by a version, for closes at least: where no version of its playbook serves,
        the newest decides about them.
        """
        serves = self.production.named(live.playbook.name)
        return serves is None or serves.content_hash == live.content_hash


class ServedNow:
    """
    Who decides at this moment, by the journal as far as it is taken in: worked out again whenever that has changed.

    So it follows from the entries before a decision who made it, and nothing else bears on it.
    """

    def __init__(self, newest: Rulebook, staging: Staging, versions: Versions) -> None:
        self.newest = newest
        self.staging = staging
        self._versions = versions
        self._seen: tuple[Promotions, DeskState] | None = None
        self._served: Served | None = None
        self._rests_on: tuple[object, ...] = ()

    def __call__(self) -> Served:
        """Return who decides; the same object as long as it is the same."""
        seen = self.staging.promotions, self.staging.desk_state
        if self._served is None or self._seen is None or self._seen[0] is not seen[0] or self._seen[1] is not seen[1]:
            self._seen = seen
            rests_on = tuple(self._says())
            if self._served is None or rests_on != self._rests_on:
                self._served, self._rests_on = served(self.newest, self.staging, self._versions), rests_on
        return self._served

    def _says(self) -> Iterator[object]:
        """Yield all of what is journaled that `served` asks for."""
        yield self.staging.desk_state.agreed
        for name in _names(self.newest, self.staging):
            serving = self.staging.promotions.serving(name)
            yield name, serving.opening, serving.last


def served(newest: Rulebook, staging: Staging, versions: Versions) -> Served:
    """Return who decides by what is journaled so far (see ServedNow)."""
    desk, waiting = staging.desk(newest)
    production: list[LivePlaybook] = []
    missing: list[str] = []
    for name in _names(newest, staging):
        file, serving = newest.named(name), staging.promotions.serving(name)
        # Where nobody opens, the newest file decides about closes as well; without one, whoever served last.
        content_hash = serving.opening or (serving.last if file is None else "")
        live = versions.find(name, content_hash) if content_hash else None
        if live is not None:
            production.append(tightened(live, file, desk))
        elif content_hash:
            missing.append(f"{name} {content_hash[:8]} serves production, and no file of it is known any more")
    serve = {(live.playbook.name, live.content_hash) for live in production}
    candidates = tuple(
        tightened(live, live, desk) for live in newest.playbooks if (live.playbook.name, live.content_hash) not in serve
    )
    return Served(
        replace(newest, desk=desk, playbooks=tuple(production)),
        replace(newest, desk=desk, playbooks=candidates),
        waiting,
        tuple(missing),
    )


def _names(newest: Rulebook, staging: Staging) -> tuple[str, ...]:
    names = (*(live.playbook.name for live in newest.playbooks), *sorted(staging.promotions.names))
    return tuple(dict.fromkeys(names))


def tightened(live: LivePlaybook, newest: LivePlaybook | None, desk: Desk | None) -> LivePlaybook:
    """
    Return a version as it decides in production: tightened by the newest one, under the desk in force.

    newest: None when its file is gone: then nothing opens. It keeps its own hash.
    """
    playbook = stricter(live.playbook, None if newest is None else newest.playbook)
    known = {rule.text for rule in live.terms.rules}
    added = () if newest is None else tuple(rule for rule in newest.terms.rules if rule.text not in known)
    house, zone = (None, live.terms.time_zone) if desk is None else (desk.limits, desk.time_zone)
    terms = replace(live.terms, playbook=playbook, rules=live.terms.rules + added, house=house, time_zone=zone)
    return replace(live, terms=terms)
