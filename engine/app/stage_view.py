"""Versions and their stages as people look at them, and what one of them would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.app.decision_diff import DecisionDiff, SameDecisions, decision_diff, same_decisions
from engine.app.staging import StageRefused, Staging
from engine.app.versions import Versions
from engine.model.stages import SandboxPass, Stage
from engine.plan.evidence import NEEDED
from engine.playbook.loader import LivePlaybook
from engine.playbook.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class VersionRow:
    """
    One version.

    stage: at which it is under this program. is_newest: whether it is the file's. serves: "promoted", "canary" or "".
    contracts, days: with which it passed the sandbox since it was last refused or lowered. lacks: what is missing of
    that for the next step, "" when nothing is. by: who brought it there, "" for nobody yet. engine: under which
    version of the program.
    """

    playbook: str
    content_hash: str
    stage: Stage
    is_newest: bool
    serves: str
    openings_left: int
    contracts: int
    days: int
    lacks: str
    by: str
    engine: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A version a person looks at before it rises.

    row: of it. diff: against the promoted version. same: of a version that was in production under another program,
    whether it decides as it did; None for any other.
    """

    row: VersionRow
    live: LivePlaybook
    diff: DecisionDiff
    same: SameDecisions | None


def version_rows(staging: Staging, rulebook: Rulebook, versions: Versions) -> tuple[VersionRow, ...]:
    """Return every version that has done anything, and the newest of every playbook, by playbook."""
    newest = {live.playbook.name: live for live in rulebook.playbooks}
    names = sorted({*newest, *staging.promotions.names})
    return tuple(row for name in names for row in _rows(name, staging, newest.get(name), versions))


def candidate(playbook: str, content_hash: str, staging: Staging, versions: Versions, journal: Path) -> Candidate:
    """
    Return a version with what it changes.

    content_hash: the whole of it, see `found_version`. Raises: StageRefused, when no file of it is known; JournalError.
    """
    rulebook = versions.newest
    live = versions.find(playbook, content_hash)
    if live is None:
        raise StageRefused("unknown_version", f"no file of {playbook} {content_hash[:8]} is known any more")
    desk, _ = staging.desk(rulebook)
    serving = staging.promotions.serving(playbook)
    promoted = versions.find(playbook, serving.promoted) if serving.promoted else None
    state = staging.promotions.version(playbook, content_hash)
    was_elsewhere = bool(state.proven) and state.proven != staging.engine
    newest = rulebook.named(playbook)
    return Candidate(
        _row(
            playbook, content_hash, live, staging, is_newest=newest is not None and newest.content_hash == content_hash
        ),
        live,
        decision_diff(journal, promoted, live, desk),
        same_decisions(journal, live, desk) if was_elsewhere else None,
    )


def found_version(playbook: str, version: str, staging: Staging, rulebook: Rulebook) -> str:
    """Return the whole hash of a version. Raises: StageRefused, when there is none, or more than one."""
    newest = rulebook.named(playbook)
    known = dict.fromkeys((*([newest.content_hash] if newest else []), *staging.promotions.of(playbook)))
    if not known:
        names = sorted({live.playbook.name for live in rulebook.playbooks} | staging.promotions.names)
        message = f"there is no playbook {playbook}"
        raise StageRefused("playbook_not_found", message, f"one of: {', '.join(names) or 'none'}")
    if not version:
        if newest is None:
            raise StageRefused("unknown_version", f"{playbook} has no file any more", "name one with --version")
        return newest.content_hash
    found = [each for each in known if each.startswith(version)]
    if len(found) != 1:
        many = f"{len(found)} versions" if found else "no version"
        remedy = f"one of: {', '.join(each[:8] for each in known)}"
        raise StageRefused("unknown_version", f"{many} of {playbook} begin with {version}", remedy)
    return found[0]


def _rows(name: str, staging: Staging, newest: LivePlaybook | None, versions: Versions) -> Iterator[VersionRow]:
    mine = "" if newest is None else newest.content_hash
    for content_hash in dict.fromkeys((*staging.promotions.of(name), *([mine] if mine else []))):
        live = versions.find(name, content_hash)
        yield _row(name, content_hash, live, staging, is_newest=content_hash == mine)


def _row(name: str, content_hash: str, live: LivePlaybook | None, staging: Staging, *, is_newest: bool) -> VersionRow:
    """Return the row of a version; live: None when no file of it is known any more, so that it sends nothing."""
    promotions = staging.promotions
    state, serving = promotions.version(name, content_hash), promotions.serving(name)
    serves = {serving.canary: "canary", serving.promoted: "promoted"}.get(content_hash, "")
    sandbox = None if live is None else live.playbook.stages.sandbox
    level = SandboxPass.LIVE if sandbox is None else sandbox.passes_at
    return VersionRow(
        playbook=name,
        content_hash=content_hash,
        stage=Stage.OBSERVE if live is None else promotions.stage_of(live.playbook, content_hash),
        is_newest=is_newest,
        serves=serves,
        openings_left=serving.openings_left if serves == "canary" else 0,
        contracts=state.evidence.contracts(level),
        days=state.evidence.days(level),
        lacks=state.evidence.lacks(level, NEEDED),
        by=state.by,
        engine=state.engine,
    )
