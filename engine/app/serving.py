"""
Which versions decide about messages: what production goes by, and what is tried beside it.

Production is decided by the promoted version, or the canary in its place, tightened by the newest file; the newest
versions that do not serve are candidates: they trade in the sandbox. Both go by the desk in force.
"""

from dataclasses import dataclass, replace

from engine.app.staging import Staging
from engine.app.versions import Versions
from engine.model.desk import Desk
from engine.plan.loosening import Loosening
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


def served(newest: Rulebook, staging: Staging, versions: Versions) -> Served:
    """Return who decides from here on; to be asked again after every stage change and every load of files."""
    desk, waiting = staging.desk(newest)
    production: list[LivePlaybook] = []
    missing: list[str] = []
    names = dict.fromkeys((*(live.playbook.name for live in newest.playbooks), *sorted(staging.promotions.names)))
    for name in names:
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
