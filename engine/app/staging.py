"""
Stages of playbooks and the desk in force: read from the journal, and changed by what people ask.

The same request is carried out by the running engine, which is asked through its socket, and by the command itself
when none runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.app.control_client import ControlClient
from engine.app.control_words import EngineNotRunning
from engine.app.manifest import engine_version
from engine.app.settings import Settings
from engine.app.versions import Versions
from engine.journal.entry_bodies import rulebook_texts
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN, TRADE_KINDS, JournalTradeLog, trade_body
from engine.model.desk import Desk, Permission, Person
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError, RunError
from engine.model.nearest import nearest
from engine.model.source import Span
from engine.model.stages import Stage
from engine.plan.entries import ENGINE, TradeBody, TradeEntry
from engine.plan.loosening import DeskState, Loosening, change_by_itself, loosen
from engine.plan.promoting import Wish, demote, engine_drops, promote, promote_by_itself
from engine.plan.promotion import Promotions, Refused
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import TradeLog

_NO_JOURNAL: Final = "journal_not_found"
_NOWHERE: Final = Span("", 0, 0, 0, 0)


class StageRefused(RunError):
    """What somebody asked of stages or of the desk is not done; nothing was written."""


class StageAction(StrEnum):
    """What a person may ask for."""

    PROMOTE = "promote"
    DEMOTE = "demote"
    LOOSEN = "loosen"


@dataclass(frozen=True, slots=True)
class StageRequest:
    """
    What a person asks for.

    by: their name in the desk. content_hash: of the version; "" for all that serve, to demote them. to: a stage, to
    promote. seen: the hash of what they have seen. diff, is_same: see promoting.Wish.
    """

    action: StageAction
    by: str
    playbook: str = ""
    content_hash: str = ""
    to: str = ""
    why: str = ""
    seen: str = ""
    diff: str = ""
    is_same: bool = False

    def payload(self) -> dict[str, object]:
        """Return it as JSON can hold it, for the engine's socket."""
        return asdict(self)

    @classmethod
    def read(cls, payload: Mapping[str, object]) -> "StageRequest":
        """Return the request of a payload. Raises: StageRefused."""
        try:
            request = cls(**payload)  # type: ignore[arg-type]
            request = cls(**{**asdict(request), "action": StageAction(request.action)})
        except (TypeError, ValueError) as error:
            raise StageRefused("bad_request", f"this is no request about stages: {error}") from error
        texts = [value for name, value in asdict(request).items() if name != "is_same"]
        if type(request.is_same) is not bool or not all(isinstance(each, str) for each in texts):
            raise StageRefused("bad_request", "this is no request about stages")
        return request


class Staging:
    """
    Promotions and the desk, as the journal has them so far (see trading_so_far.Restores).

    Attributes: promotions; desk_state; engine: the version of this program.
    """

    def __init__(self, engine: str | None = None) -> None:
        self.engine = engine_version() if engine is None else engine
        self.promotions = Promotions(self.engine)
        self.desk_state = DeskState()
        self._last = 0

    def restore(self, entry: TradeEntry) -> None:
        """Take in one entry, in the order of the journal; one that was taken in already is passed over."""
        if entry.seq <= self._last:
            return
        self._last = entry.seq
        self.promotions = self.promotions.after(entry)
        self.desk_state = self.desk_state.after(entry)

    def go_on_under(self, engine: str) -> None:
        """Judge from here on as another version of the program does: for a journal that several have written."""
        self.engine = engine
        self.promotions = replace(self.promotions, engine=engine)

    def must_be_home_of(self, rulebook: Rulebook) -> None:
        """
        Make sure that the files are of the desk this journal is of.

        With those of another one, by a forgotten --playbooks, limits and people would change without a word.
        Raises: StageRefused.
        """
        ours, theirs = self.desk_state.agreed, rulebook.desk
        if ours is not None and theirs is not None and ours.name != theirs.name:
            remedy = "name that desk's folder with --playbooks, or this desk's own with --home"
            why = f"this home is of the desk {ours.name}, and desk.yaml is of {theirs.name}"
            raise StageRefused("other_desk", why, remedy)

    def desk(self, rulebook: Rulebook) -> tuple[Desk | None, tuple[Loosening, ...]]:
        """Return the desk in force, and what of its file waits for a second person; None when the file is broken."""
        return (None, ()) if rulebook.desk is None else self.desk_state.in_force(rulebook.desk)

    def write(self, bodies: Iterable[TradeBody], log: TradeLog) -> tuple[TradeEntry, ...]:
        """Write entries down, on disk when this returns, and take them in. Raises: JournalError."""
        written = tuple(log.write(body, urgent=True) for body in bodies)
        if written:
            log.sync()
        for entry in written:
            self.restore(entry)
        return written

    def due(self, rulebook: Rulebook) -> tuple[TradeBody, ...]:
        """
        Return what changes without a person, to be written when an engine starts or has loaded new files, and after
        runs in the sandbox.

        A new version of the program drops what served to canary; a desk file that tightens is in force; versions that
        have shown enough become canaries where their playbook says so.
        """
        drops = engine_drops(self.promotions)
        desk, _ = self.desk(rulebook)
        changed = None if rulebook.desk is None else change_by_itself(self.desk_state, rulebook.desk)
        rises = () if drops else (_rise(self.promotions, live, desk) for live in rulebook.playbooks)
        return (*drops, *filter(None, (changed, *rises)))

    def carry_out(
        self, request: StageRequest, rulebook: Rulebook, versions: Versions, log: TradeLog
    ) -> tuple[TradeEntry, ...]:
        """
        Do what a person asks, and return what was written.

        Raises: StageRefused, with nothing written; JournalError.
        """
        made: Sequence[TradeBody] | Refused
        match request.action:
            case StageAction.PROMOTE:
                made = _one(self._promote(request, rulebook, versions))
            case StageAction.DEMOTE:
                person = self._person(request, rulebook)
                made = demote(self.promotions, request.playbook, person, request.why, request.content_hash)
            case StageAction.LOOSEN:
                made = _one(self._loosen(request, rulebook))
        if isinstance(made, Refused):
            raise StageRefused(made.code, made.why, made.remedy)
        return self.write(made, log)

    def _promote(self, request: StageRequest, rulebook: Rulebook, versions: Versions) -> TradeBody | Refused:
        live = versions.find(request.playbook, request.content_hash)
        if live is None:
            return Refused("unknown_version", f"there is no version {request.content_hash} of {request.playbook}")
        try:
            to = Stage(request.to)
        except ValueError:
            return Refused("not_a_step", f"{request.to!r} is no stage", "canary or production")
        wish = Wish(
            live.playbook, request.content_hash, to, request.by, request.diff, request.seen, is_same=request.is_same
        )
        return promote(self.promotions, wish, self.desk(rulebook)[0])

    def _loosen(self, request: StageRequest, rulebook: Rulebook) -> TradeBody | Refused:
        if rulebook.desk is None:
            return Refused("desk_unreadable", "the desk file cannot be read", "mend desk.yaml")
        return loosen(self.desk_state, rulebook.desk, request.by, request.seen)

    def _person(self, request: StageRequest, rulebook: Rulebook) -> Person:
        """Return who lowers a version; where no desk can be read anybody may, for that is the safe way."""
        desk = self.desk(rulebook)[0] or self.desk_state.agreed
        if desk is None:
            return Person(request.by, "", frozenset({Permission.CONTROL}), _NOWHERE)
        person = desk.person(request.by)
        if person is None or request.by == ENGINE:
            found = nearest(request.by, [each.name for each in desk.people])
            remedy = f"did you mean {found}?" if found else ""
            raise StageRefused("nobody_of_the_desk", f"{request.by} is nobody of the desk", remedy)
        return person


def _one(made: TradeBody | Refused) -> tuple[TradeBody] | Refused:
    return made if isinstance(made, Refused) else (made,)


def _rise(promotions: Promotions, live: LivePlaybook, desk: Desk | None) -> TradeBody | None:
    return promote_by_itself(promotions, live.playbook, live.content_hash, desk)


def read_staging(journal: Path, rulebook: Rulebook) -> tuple[Staging, Versions]:
    """
    Return stages, desk and versions as a journal has them, also while an engine writes it; nothing without a journal.

    Raises: JournalError.
    """
    staging, versions = Staging(), Versions(rulebook)
    try:
        for entry in read_entries(journal):
            take(entry, staging, versions)
    except JournalError as error:
        if error.code != _NO_JOURNAL:
            raise
    return staging, versions


def take(entry: Entry, staging: Staging, versions: Versions) -> None:
    """Take in one entry of a journal. Raises: JournalError."""
    if entry.kind is EntryKind.TEXTS:
        texts = rulebook_texts(entry.body)
        versions.add(texts.rulebook, dict(texts.files))
    elif entry.kind in TRADE_KINDS and entry.run == RUN:
        staging.restore(TradeEntry(entry.seq, entry.at, trade_body(entry)))


def ask(request: StageRequest, rulebook: Rulebook, places: Settings, clock: Callable[[], datetime]) -> None:
    """
    Have done what a person asks: by the running engine, or here when none runs.

    Raises: StageRefused; ControlError; JournalError.
    """
    try:
        ControlClient(places.control).ask("stage", payload=request.payload())
    except EngineNotRunning:
        carry_out_alone(request, rulebook, places.journal, clock)


def carry_out_alone(
    request: StageRequest, rulebook: Rulebook, journal: Path, clock: Callable[[], datetime]
) -> tuple[TradeEntry, ...]:
    """
    Do what a person asks while no engine runs: the journal is this process's own until it is done.

    A demotion waits for nothing that is due, and may come with files of any desk.
    Raises: StageRefused; JournalError (journal_busy when somebody else writes it).
    """
    with JournalLog.open(journal, clock) as log:
        staging, versions = read_staging(journal, rulebook)
        if request.action is not StageAction.DEMOTE:
            staging.must_be_home_of(rulebook)
            staging.write(staging.due(rulebook), JournalTradeLog(log, RUN))
        return staging.carry_out(request, rulebook, versions, JournalTradeLog(log, RUN))
