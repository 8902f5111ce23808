"""The trading states of a running engine: its file and its journal, kept level, the stricter of both in force."""

from dataclasses import dataclass
from datetime import datetime

from engine.app.trading_state import Place, Restrictions, lifted, place_of, restricted, stricter
from engine.app.trading_state_file import FileState, TradingStateError, TradingStateFile
from engine.model.activity import Restriction
from engine.model.errors import JournalError
from engine.plan.entries import ENGINE, Controlled, TradeEntry
from engine.ports import TradeLog


@dataclass(frozen=True, slots=True)
class Restricted:
    """
    A restriction that is in force.

    restrictions: all that are. problems: where it could not be written down, as sentences; () when file and journal
    hold it.
    """

    restrictions: Restrictions
    problems: tuple[str, ...] = ()


class TradingStates:
    """
    What may be sent (see ports.Restrictions), and the one who changes it.

    file: also changed by `signalbook kill`, in another process. log: the journal, which this process writes.
    """

    def __init__(self, file: TradingStateFile, log: TradeLog) -> None:
        self._file = file
        self._log = log
        self._journaled: Restrictions = ()

    def restore(self, entry: TradeEntry) -> None:
        """Take in an entry of the journal, in its order, before anything is asked; others are passed over."""
        if isinstance(entry.body, Controlled):
            self._journaled = entry.body.restrictions

    def level(self) -> str:
        """
        Make file and journal agree on the stricter of both; return what they differed in, "" for nothing.

        Once after `restore`: it makes the file at a first start; and again whenever the file may have been changed.
        Raises: TradingStateError, JournalError; what is in force stays the stricter of both.
        """
        state = self._file.read()
        agreed = _merged(state, self._journaled)
        if state.restrictions is None or _is_other(state.restrictions, agreed):
            agreed = self._file.change(lambda known: stricter(agreed, known), tightens=True)
        if not _is_other(self._journaled, agreed):
            return ""
        added = [each for each in agreed if each not in self._journaled]
        what = "; ".join(f"{each.state.value} {place_of(each)} by {each.by}: {each.why}" for each in added)
        self._journal(Controlled("level", ENGINE, "the file of trading states is stricter than the journal", agreed))
        return what

    def in_force(self, at: datetime) -> Restrictions | None:
        """Return every restriction in force; None when the file is not there, or cannot be read."""
        known = self._file.restrictions()
        return None if known is None else stricter(known, self._journaled)

    def restrict(self, added: Restriction, what: str) -> Restricted:
        """
        Restrict: into the file first, then into the journal; in force whatever comes of either.

        what: in words, for the journal ("kill"). Never raises for a disk: see `Restricted.problems`.
        """
        problems: list[str] = []
        try:
            agreed = self._file.change(lambda known: restricted(stricter(known, self._journaled), added), tightens=True)
        except TradingStateError as error:
            problems.append(error.message)
            agreed = restricted(_merged(self._file.read(), self._journaled), added)
        try:
            self._journal(Controlled(what, added.by, added.why, agreed))
        except JournalError as error:
            problems.append(error.message)
        self._journaled = agreed
        return Restricted(agreed, tuple(problems))

    def at(self, place: Place) -> Restrictions:
        """Return what `lift` would lift."""
        return tuple(each for each in _merged(self._file.read(), self._journaled) if place_of(each) == place)

    def lift(self, place: Place, by: str, why: str) -> Restrictions:
        """
        Lift what holds for exactly this place, and return it: out of the journal first, then out of the file.

        What another process writes into the file meanwhile stays. Raises: JournalError, TradingStateError; it is still
        in force then.
        """
        state = self._file.read()
        before = _merged(state, self._journaled)
        left = lifted(before, place)
        gone = frozenset(each for each in (*state.known, *self._journaled) if place_of(each) == place)
        self._journal(Controlled(f"resume {place}", by, why, left))
        self._file.change(
            lambda known: stricter(tuple(each for each in known if each not in gone), left), tightens=False
        )
        return tuple(each for each in before if each not in left)

    def _journal(self, controlled: Controlled) -> None:
        self._log.write(controlled, urgent=True)
        self._log.sync()
        self._journaled = controlled.restrictions


def _merged(state: FileState, journaled: Restrictions) -> Restrictions:
    return stricter(state.known, journaled)


def _is_other(one: Restrictions, other: Restrictions) -> bool:
    return frozenset(one) != frozenset(other)
