"""Who may raise or lower a version, and what is needed for it: every answer is a journal entry, or a refusal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.model.desk import AccountKind, Desk, Permission, Person
from engine.model.playbook import Playbook
from engine.model.stages import AutoPromote, Stage
from engine.plan.entries import ENGINE, StageChanged
from engine.plan.evidence import NEEDED, Needed
from engine.plan.promotion import SAME_UNDER_ENGINE, Promotions, Refused, Version

_LOWERS: Final = frozenset({Permission.CONTROL, Permission.PROMOTE})


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What a person asks for.

    playbook, content_hash: the version. to: CANARY or PRODUCTION. by: their name in the desk.
    diff: the hash of what the version decides otherwise than the promoted one, as it stands now; "" when that is not
    known. seen: the hash they confirm to have seen.
    is_same: another version of the program decided everything alike with it: its decisions in the journal came out
    again. Only of use for a version that was in production under that program.
    """

    playbook: Playbook
    content_hash: str
    to: Stage
    by: str
    diff: str
    seen: str
    is_same: bool = False


def promote(promotions: Promotions, wish: Wish, desk: Desk | None, needed: Needed = NEEDED) -> StageChanged | Refused:
    """
    Return the entry that raises a version, or why it is not raised: the first thing that stands against it.

    One step at a time, and each on evidence: sandbox, canary, production. Without a canary in the playbook production
    follows the sandbox; a version that has been in production under this program, and was not lowered by a person
    since, needs only a person to come back. desk: the one in force; None when it cannot be read.
    """
    version = promotions.version(wish.playbook.name, wish.content_hash)
    asked = _Asked(promotions, wish, version, desk, needed)
    for check in _CHECKS:
        refused = check(asked)
        if refused is not None:
            return refused
    openings = wish.playbook.stages.promote.canary_openings
    figures = dict(_figures(asked))
    evidence = (*figures.items(), *((SAME_UNDER_ENGINE,) if asked.is_same_as_before else ()))
    why = "promoted" if wish.to is Stage.PRODUCTION else f"canary for {openings} openings of one contract"
    return StageChanged(
        wish.playbook.name,
        wish.content_hash,
        wish.to,
        wish.by,
        why,
        evidence,
        promotions.engine,
        openings,
        wish.diff,
    )


def promote_by_itself(
    promotions: Promotions, playbook: Playbook, content_hash: str, desk: Desk | None, needed: Needed = NEEDED
) -> StageChanged | None:
    """
    Return the entry that makes a version a canary without a person, where its playbook says so; else None.

    Never one that a person has lowered, never while another canary has openings left, and never production.
    """
    version = promotions.version(playbook.name, content_hash)
    wish = Wish(playbook, content_hash, Stage.CANARY, ENGINE, "", "")
    asked = _Asked(promotions, wish, version, desk, needed)
    is_wanted = playbook.stages.promote.auto is AutoPromote.CANARY and not version.is_held
    if not is_wanted or promotions.serving(playbook.name).openings_left:
        return None
    if any(check(asked) is not None for check in (_playbook, _accounts, _step, _runs)):
        return None
    openings = playbook.stages.promote.canary_openings
    why = f"canary for {openings} openings of one contract, by stages.promote.auto"
    evidence = tuple(_figures(asked))
    return StageChanged(playbook.name, content_hash, Stage.CANARY, ENGINE, why, evidence, promotions.engine, openings)


def demote(
    promotions: Promotions, playbook: str, by: Person, why: str, content_hash: str = ""
) -> tuple[StageChanged, ...] | Refused:
    """
    Return the entries that take versions of a playbook out of production at once, for CONTROL or PROMOTE.

    content_hash: of one version; "" for all that serve. They go on in the sandbox; positions stay as they are.
    """
    if not _LOWERS & by.may:
        return Refused("may_not_demote", f"{by.name} may neither control nor promote", "ask one who may")
    serving = promotions.serving(playbook)
    serves = dict.fromkeys(filter(None, (serving.promoted, serving.canary)))
    hashes = [each for each in serves if content_hash in ("", each)]
    if not hashes:
        what = f"version {content_hash} of {playbook}" if content_hash else f"no version of {playbook}"
        return Refused("not_promoted", f"{what} is not in production" if content_hash else f"{what} is in production")
    return tuple(
        StageChanged(playbook, each, Stage.SANDBOX, by.name, why or "demoted", engine=promotions.engine)
        for each in hashes
    )


def engine_drops(promotions: Promotions) -> tuple[StageChanged, ...]:
    """
    Return the entries to be written when the program starts as another version: what served is a canary again.

    Where a promoted version and a canary served, the promoted one becomes the canary.
    """
    return tuple(entry for name in sorted(promotions.names) for entry in _drops(promotions, name))


def _drops(promotions: Promotions, name: str) -> Iterator[StageChanged]:
    serving = promotions.serving(name)
    served = {
        each: promotions.version(name, each)
        for each in dict.fromkeys((serving.promoted, serving.canary, *promotions.of(name)))
        if each and promotions.version(name, each).stage.is_real
    }
    foreign = {each: version for each, version in served.items() if version.engine != promotions.engine}
    promoted = [each for each, version in foreign.items() if version.stage is Stage.PRODUCTION]
    chosen = (promoted or list(foreign))[:1]
    for each in chosen:
        version = foreign[each]
        why = f"the program is {promotions.engine} now, it rose under {version.engine}"
        yield StageChanged(name, each, Stage.CANARY, ENGINE, why, engine=promotions.engine, openings=version.openings)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A wish with all it is judged by."""

    promotions: Promotions
    wish: Wish
    version: Version
    desk: Desk | None
    needed: Needed

    @property
    def is_back(self) -> bool:
        """Whether the version only comes back to where it has been under this program."""
        return self.wish.to is Stage.PRODUCTION and self.version.proven == self.promotions.engine

    @property
    def is_same_as_before(self) -> bool:
        """Whether it was in production under another program, and decides as it did there."""
        return self.wish.to is Stage.PRODUCTION and bool(self.version.proven) and self.wish.is_same


def _person(asked: _Asked) -> Refused | None:
    if asked.desk is None:
        return Refused("desk_unreadable", "without a desk nobody may promote", "mend desk.yaml")
    person = asked.desk.person(asked.wish.by)
    if person is None or asked.wish.by == ENGINE:
        names = ", ".join(each.name for each in asked.desk.people if Permission.PROMOTE in each.may)
        return Refused("nobody_of_the_desk", f"{asked.wish.by} is nobody of the desk", f"one of: {names or 'none'}")
    if Permission.PROMOTE not in person.may:
        return Refused("may_not_promote", f"{person.name} may not promote", "ask one who may")
    return None


def _playbook(asked: _Asked) -> Refused | None:
    playbook = asked.wish.playbook
    if not asked.wish.content_hash:
        return Refused("unknown_version", "the version is not known")
    if not playbook.enabled:
        return Refused("playbook_disabled", f"{playbook.name} is switched off", "enabled: yes")
    return None


def _accounts(asked: _Asked) -> Refused | None:
    stages, desk = asked.wish.playbook.stages, asked.desk
    for stage, kind in ((stages.sandbox, AccountKind.SANDBOX), (stages.production, AccountKind.PRODUCTION)):
        if stage is None:
            return Refused("no_account", f"{asked.wish.playbook.name} names no {kind.value} account", "name one")
        account = None if desk is None else desk.account(stage.account)
        if account is None or account.kind is not kind:
            return Refused("no_account", f"{stage.account} is no {kind.value} account of the desk", "see desk.yaml")
    return None


def _step(asked: _Asked) -> Refused | None:
    wish, stage = asked.wish, asked.promotions.stage_of(asked.wish.playbook, asked.wish.content_hash)
    has_canary = wish.playbook.stages.promote.canary_openings > 0
    if not wish.to.is_real:
        return Refused("not_a_step", f"{wish.to.value} is no promotion", "demote it")
    if wish.to is stage and not _is_foreign(asked):
        return Refused("not_a_step", f"it is in {stage.value} already")
    if wish.to is Stage.CANARY and not has_canary:
        return Refused("not_a_step", "its canary has no openings", "promote it to production")
    if wish.to is Stage.CANARY and stage is Stage.PRODUCTION:
        return Refused("not_a_step", "it is in production", "demote it first")
    is_early = wish.to is Stage.PRODUCTION and stage is Stage.SANDBOX and has_canary
    if is_early and not (asked.is_back or asked.is_same_as_before):
        return Refused("not_a_step", "production follows the canary", "promote it to canary")
    return None


def _is_foreign(asked: _Asked) -> bool:
    return asked.version.stage.is_real and asked.version.engine != asked.promotions.engine


def _runs(asked: _Asked) -> Refused | None:
    sandbox = asked.wish.playbook.stages.sandbox
    if asked.is_back or asked.is_same_as_before or sandbox is None:
        return None
    lacks = asked.version.evidence.lacks(sandbox.passes_at, asked.needed)
    return Refused("not_proven", lacks, "let it run in the sandbox") if lacks else None


def _canary(asked: _Asked) -> Refused | None:
    version, wish = asked.version, asked.wish
    if wish.to is not Stage.PRODUCTION or not version.stage.is_real or asked.is_back or asked.is_same_as_before:
        return None
    if _is_foreign(asked):
        way = "promote it to canary" if wish.playbook.stages.promote.canary_openings else "let it run in the sandbox"
        return Refused("other_engine", f"it rose under {version.engine or 'no engine'}", way)
    left = version.openings - len(version.sent)
    if left > 0:
        return Refused("canary_not_done", f"its canary has {left} of {version.openings} openings left", "wait")
    if asked.promotions.are_under_way(wish.playbook.name, wish.content_hash):
        return Refused("canary_not_done", "openings of its canary are still under way", "wait until they end")
    return None


def _diff(asked: _Asked) -> Refused | None:
    wish = asked.wish
    if not wish.diff:
        return Refused("diff_unknown", "what it decides otherwise is not known")
    if wish.seen != wish.diff:
        what = f"{wish.seen} is not what it changes now" if wish.seen else "what it changes has to be seen"
        remedy = f"signalbook stage show {wish.playbook.name} ends with the hash for --seen"
        return Refused("diff_not_seen", what, remedy)
    return None


_CHECKS: Final[tuple[Callable[[_Asked], Refused | None], ...]] = (
    _person,
    _playbook,
    _accounts,
    _step,
    _runs,
    _canary,
    _diff,
)


def _figures(asked: _Asked) -> Iterator[tuple[str, str]]:
    sandbox, evidence = asked.wish.playbook.stages.sandbox, asked.version.evidence
    if sandbox is not None:
        yield "contracts", str(evidence.contracts(sandbox.passes_at))
        yield "days", str(evidence.days(sandbox.passes_at))
    if asked.version.openings:
        yield "canary openings", str(len(asked.version.sent))
