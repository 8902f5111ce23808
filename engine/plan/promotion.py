"""
How far the versions of playbooks have come, and which one may send: a fold over the journal.

A version is a content hash. It starts in the sandbox, sends a number of openings of one contract to production as a
canary, in place of the promoted version, and is promoted by a person. At any moment at most one version of a playbook
may send to production; which one it is for a message never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.model.intent import Intent
from engine.model.playbook import Playbook
from engine.model.stages import Stage
from engine.parse.calendar import market_date
from engine.plan.entries import ENGINE, FlowHappened, Intended, StageChanged, TradeEntry
from engine.plan.evidence import NO_EVIDENCE, Evidence, Run, contract_of
from engine.plan.flow import Dropped, Ended, Probed, ProbeVerdict

_ORDER: Final = tuple(Stage)
_MOST_MESSAGES: Final = 4096  # a message older than these is long too old to open anything
_WAS_LIVE: Final = frozenset({"filled", "cancelled", "expired"})  # see lifecycle.states.State
_REFUSED: Final = "rejected"

SAME_UNDER_ENGINE: Final = ("decisions that differ under this engine", "0")
"""The evidence that a version decides as before under another version of the program."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """What is not done, and why. code: stable; why: one sentence; remedy: what to do; ""."""

    code: str
    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """
    How far one version has come.

    stage: as it was changed last. by, engine: by whom, and under which version of the program.
    openings: how many it may send as a canary. sent: ids of the intents that count as such; those dropped do not.
    proven: the version of the program under which it has been in production; "" when never, or lowered since.
    is_held: a person has lowered it, so that it does not rise by itself.
    """

    stage: Stage = Stage.SANDBOX
    by: str = ""
    engine: str = ""
    openings: int = 0
    sent: frozenset[str] = frozenset()
    evidence: Evidence = NO_EVIDENCE
    proven: str = ""
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """
    Which versions of a playbook production is served by; hashes, "" for none.

    promoted: the one in production. canary: the one that takes its place for openings_left more openings; with 0 left
    it awaits a person, and the promoted one serves. last: the one that served last, "" when none ever did.
    """

    promoted: str = ""
    canary: str = ""
    openings_left: int = 0
    last: str = ""

    @property
    def opening(self) -> str:
        """The one version that may open in production now."""
        return self.canary if self.openings_left else self.promoted

    @property
    def closing(self) -> str:
        """The one version that decides about closes of what is open in production, also when none may open."""
        return self.opening or self.last


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """An opening that has not ended. contract: what it trades."""

    key: Key
    stage: Stage
    contract: str


@dataclass(frozen=True, slots=True)
class Promotions:
    """
    All versions, as the journal has them.

    engine: the version of this program; what was promoted under another one is a canary without openings until
    a person, or `engine_drops`, says otherwise.
    """

    engine: str
    versions: Mapping[Key, Version] = field(default_factory=dict)
    _served: Mapping[str, Serving] = field(default_factory=dict)
    _under_way: Mapping[str, _UnderWay] = field(default_factory=dict)
    _senders: Mapping[Key, str] = field(default_factory=dict)

    def after(self, entry: TradeEntry) -> "Promotions":
        """Return them with one more entry of the journal taken in; it must be the next one."""
        body = entry.body
        if isinstance(body, StageChanged):
            return self._changed(body)
        if isinstance(body, Intended):
            return self._intended(body.intent)
        if isinstance(body, FlowHappened) and body.intent_id in self._under_way:
            return self._stepped(body, entry)
        return self

    def version(self, playbook: str, content_hash: str) -> Version:
        """Return how far a version of a playbook, by its name, has come."""
        return self.versions.get((playbook, content_hash), _NEW)

    @property
    def names(self) -> frozenset[str]:
        """The playbooks a version of which has done anything."""
        return frozenset(name for name, _ in self.versions)

    def of(self, playbook: str) -> dict[str, Version]:
        """Return the versions of a playbook that have done anything, by hash, the oldest first."""
        return {key[1]: version for key, version in self.versions.items() if key[0] == playbook}

    def stage_of(self, playbook: Playbook, content_hash: str) -> Stage:
        """
        Return how far a version has come, which is not yet whether it may send: see `sends_for`.

        playbook: the version's own values. A playbook that names no account for a stage never reaches it, a version
        that was never promoted only observes while it is switched off (of one that was, the gate `enabled` refuses
        openings), and what was promoted under another version of the program is a canary.
        """
        stages = playbook.stages
        if not content_hash or stages.sandbox is None:
            return Stage.OBSERVE
        stage = self._in_force(self.version(playbook.name, content_hash))
        if stage.is_real:
            return stage if stages.production is not None else Stage.SANDBOX
        return stage if playbook.enabled else Stage.OBSERVE

    def serving(self, playbook: str) -> Serving:
        """Return which versions of a playbook, by its name, production is served by."""
        served = self._served.get(playbook, Serving())
        promoted, canary = served.promoted, served.canary
        if promoted and self._in_force(self.version(playbook, promoted)) is not Stage.PRODUCTION:
            promoted, canary = "", canary or promoted
        return Serving(promoted, canary, self._left(playbook, canary), served.last)

    def sends_for(self, playbook: Playbook, content_hash: str, message_id: str) -> Stage:
        """
        Return where a version's openings of a message go.

        For each message at most one version of a playbook is told CANARY or PRODUCTION, however often and whenever it
        is asked: the one that has sent for it already, else the one that serves now. A canary whose openings are used
        up goes on in the sandbox; a promoted version whose place a canary takes only observes.
        """
        stage = self.stage_of(playbook, content_hash)
        if not stage.is_real:
            return stage
        serving = self.serving(playbook.name)
        sender = self._senders.get((playbook.name, message_id), serving.opening)
        if stage is Stage.CANARY:
            return stage if sender == content_hash and serving.openings_left else Stage.SANDBOX
        return stage if sender == content_hash else Stage.OBSERVE

    def against(self, intent: Intent) -> Refused | None:
        """
        Return what forbids an opening to go to production; None when nothing does, and for all that does not.

        To be asked before it is journaled and again right before its order is sent: a version that was lowered in
        between sends nothing more.
        """
        if not intent.is_opening or not intent.stage.is_real:
            return None
        version = self.version(intent.playbook, intent.content_hash)
        stage = self._in_force(version)
        if _ORDER.index(stage) < _ORDER.index(intent.stage):
            why = f"{intent.playbook} {intent.content_hash[:8]} is in stage {stage.value}, not {intent.stage.value}"
            return Refused("not_promoted", why)
        if intent.id in self._under_way:
            return None
        serving = self.serving(intent.playbook)
        sender = self._senders.get((intent.playbook, intent.message_id), serving.opening)
        if sender != intent.content_hash:
            return Refused("other_version_sends", f"for this message version {sender[:8] or 'none'} sends")
        if intent.stage is Stage.CANARY and not self._left(intent.playbook, intent.content_hash):
            why = f"the {version.openings} openings of the canary are used up; a person decides how it goes on"
            return Refused("canary_used_up", why)
        return None

    def are_under_way(self, playbook: str, content_hash: str) -> bool:
        """Return whether openings of a version have not ended yet."""
        return any(way.key == (playbook, content_hash) for way in self._under_way.values())

    def has_passed(self, playbook: Playbook, content_hash: str) -> bool:
        """Return whether a version has passed the sandbox since it was last refused, as far as the playbook asks."""
        sandbox = playbook.stages.sandbox
        evidence = self.version(playbook.name, content_hash).evidence
        return sandbox is not None and evidence.contracts(sandbox.passes_at) > 0

    def _in_force(self, version: Version) -> Stage:
        is_foreign = version.stage is Stage.PRODUCTION and version.engine != self.engine
        return Stage.CANARY if is_foreign else version.stage

    def _left(self, playbook: str, content_hash: str) -> int:
        version = self.version(playbook, content_hash)
        if version.stage is not Stage.CANARY or version.engine != self.engine:
            return 0
        return max(0, version.openings - len(version.sent))

    def _with(self, key: Key, version: Version) -> "Promotions":
        return replace(self, versions={**self.versions, key: version})

    def _changed(self, change: StageChanged) -> "Promotions":
        key = (change.playbook, change.content_hash)
        before = self.versions.get(key, _NEW)
        if not _holds(change, before):
            return self
        served = self._served.get(change.playbook, Serving())
        replaced = _place_of(change, served)
        changed = self
        if replaced not in ("", change.content_hash):
            other = self.version(change.playbook, replaced)
            changed = self._with((change.playbook, replaced), replace(other, stage=Stage.SANDBOX, sent=frozenset()))
        changed = changed._with(key, _moved(before, change))
        return replace(changed, _served={**self._served, change.playbook: _served_after(change, served)})

    def _intended(self, intent: Intent) -> "Promotions":
        key = (intent.playbook, intent.content_hash)
        changed = self
        if intent.stage.is_real:
            changed = replace(changed, _senders=_remembering(self._senders, intent))
        if not intent.is_opening or intent.stage is Stage.OBSERVE:
            return changed
        version = self.versions.get(key, _NEW)
        if intent.stage is Stage.CANARY:
            version = replace(version, sent=version.sent | {intent.id})
        under_way = _UnderWay(key, intent.stage, contract_of(intent))
        return replace(changed._with(key, version), _under_way={**self._under_way, intent.id: under_way})

    def _stepped(self, body: FlowHappened, entry: TradeEntry) -> "Promotions":
        way, event = self._under_way[body.intent_id], body.event
        version = self.version(*way.key)
        if isinstance(event, Probed):
            evidence = _probed(version.evidence, event, Run(way.contract, market_date(entry.at), is_filled=False))
            return self._with(way.key, replace(version, evidence=evidence))
        if isinstance(event, Dropped):
            version = replace(version, sent=version.sent - {body.intent_id})
        elif isinstance(event, Ended) and way.stage is Stage.SANDBOX:
            run = Run(way.contract, market_date(entry.at), is_filled=event.filled > 0)
            version = replace(version, evidence=_ended(version.evidence, event, run))
        if not isinstance(event, Dropped | Ended):
            return self
        rest = {intent_id: other for intent_id, other in self._under_way.items() if intent_id != body.intent_id}
        return replace(self._with(way.key, version), _under_way=rest)


_NEW: Final = Version()


def _holds(change: StageChanged, before: Version) -> bool:
    """Return whether an entry says enough to raise a version; lowering one never needs a reason."""
    if not change.stage.is_real:
        return True
    if not (change.content_hash and change.by and change.engine):
        return False
    if change.stage is Stage.CANARY:
        return before.stage.is_real or (bool(before.evidence.runs) and (change.by == ENGINE or bool(change.diff)))
    return change.by != ENGINE and bool(change.diff) and _is_next(change, before)


def _is_next(change: StageChanged, before: Version) -> bool:
    """Return whether production is the next step: after the canary, or where the version has been before."""
    if before.proven and (before.proven == change.engine or SAME_UNDER_ENGINE in change.evidence):
        return True
    if not before.evidence.runs:
        return False
    if before.stage is Stage.CANARY:
        return before.engine == change.engine and len(before.sent) >= before.openings
    return change.openings == 0


def _moved(before: Version, change: StageChanged) -> Version:
    is_by_person = change.by != ENGINE
    is_lowered = not change.stage.is_real
    proven = change.engine if change.stage is Stage.PRODUCTION else before.proven
    return replace(
        before,
        stage=change.stage,
        by=change.by,
        engine=change.engine,
        openings=change.openings,
        sent=frozenset(),
        evidence=NO_EVIDENCE if is_lowered else before.evidence,
        proven="" if is_lowered else proven,
        is_held=is_lowered and is_by_person,
    )


def _place_of(change: StageChanged, served: Serving) -> str:
    """Return the version whose place is taken."""
    if change.stage is Stage.PRODUCTION:
        return served.promoted
    return served.canary if change.stage is Stage.CANARY else ""


def _served_after(change: StageChanged, served: Serving) -> Serving:
    mine = change.content_hash
    promoted = "" if served.promoted == mine else served.promoted
    canary = "" if served.canary == mine else served.canary
    if change.stage is Stage.PRODUCTION:
        return Serving(mine, canary, last=mine)
    if change.stage is Stage.CANARY:
        return Serving(promoted, mine, last=promoted or mine)
    return Serving(promoted, canary, last=promoted or canary or served.last)


def _remembering(senders: Mapping[Key, str], intent: Intent) -> Mapping[Key, str]:
    key = (intent.playbook, intent.message_id)
    if key in senders:
        return senders
    kept = dict(senders) if len(senders) < _MOST_MESSAGES else dict(tuple(senders.items())[_MOST_MESSAGES // 2 :])
    return {**kept, key: intent.content_hash}


def _probed(evidence: Evidence, event: Probed, run: Run) -> Evidence:
    if event.verdict is ProbeVerdict.PASS:
        return evidence.passed(run)
    return evidence.refused(event.why) if event.verdict is ProbeVerdict.REFUSED else evidence


def _ended(evidence: Evidence, event: Ended, run: Run) -> Evidence:
    if event.state in _WAS_LIVE:
        return evidence.passed(run)
    return evidence.refused(f"{run.contract} was rejected") if event.state == _REFUSED else evidence
