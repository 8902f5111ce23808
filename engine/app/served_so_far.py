"""Who decided what a journal holds: the rulebooks in it, and the versions that served at each of its entries."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.app.serving import Served, ServedNow
from engine.app.staging import Staging
from engine.app.versions import Versions
from engine.decide.record import Record
from engine.journal.entry_bodies import Manifest, manifest, rulebook_hash, rulebook_texts
from engine.journal.trade_log import trade_body
from engine.model.entry import Entry, EntryKind
from engine.model.message import Message
from engine.model.stages import Stage
from engine.plan.entries import TradeEntry
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_texts

LIVE: Final = "live"
"""The source of a run that trades: in its manifest."""

_STAGING: Final = frozenset({EntryKind.INTENDED, EntryKind.FLOW, EntryKind.STAGE, EntryKind.DESK, EntryKind.LOOSENING})


class RulebooksSoFar:
    """
    The rulebooks of a journal, by the hash of their texts; each is loaded when it is first asked for.

    loaded: what is loaded already, and need not be loaded again.
    """

    def __init__(self, *loaded: Rulebook) -> None:
        self._loaded = {rulebook_hash(rulebook.texts): rulebook for rulebook in loaded}
        self._texts: dict[str, Mapping[str, str]] = {}

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """All that the journal holds so far: their files, by hash, in its order."""
        return self._texts

    def take(self, entry: Entry) -> None:
        """Take in an entry of `texts`. Raises: JournalError."""
        body = rulebook_texts(entry.body)
        self._texts.setdefault(body.rulebook, dict(body.files))

    def get(self, digest: str) -> Rulebook | None:
        """Return a rulebook; None when neither the journal nor this process holds it."""
        if digest not in self._loaded and digest in self._texts:
            self._loaded[digest] = load_texts(self._texts[digest])
        return self._loaded.get(digest)


class ServedSoFar:
    """
    Who decides in one run, by its entries so far.

    Attribute manifest: what the run last started from; None before it has.
    """

    def __init__(self, rulebooks: RulebooksSoFar) -> None:
        self.manifest: Manifest | None = None
        self._rulebooks = rulebooks
        self._staging = Staging()
        self._versions: Versions | None = None
        self._texts_known = 0
        self._now: ServedNow | None = None
        self._all: Served | None = None

    def take(self, entry: Entry) -> None:
        """Take in an entry of the run, in the order of the journal. Raises: JournalError."""
        if entry.kind is EntryKind.RUN_STARTED:
            self.manifest = manifest(entry.body)
            self._staging.go_on_under(self.manifest.engine_version)
            self._now = self._all = None
        elif entry.kind in _STAGING:
            self._staging.restore(TradeEntry(entry.seq, entry.at, trade_body(entry)))

    def now(self) -> Served | None:
        """Return who decides the next message; None when the journal does not hold the rulebook."""
        newest = None if self.manifest is None else self._rulebooks.get(self.manifest.rulebook)
        if newest is None or self.manifest is None:
            return None
        if self.manifest.source != LIVE:
            self._all = self._all or Served(newest, replace(newest, playbooks=()), (), ())
            return self._all
        return self._serving(newest)()

    def version_of(self, record: Record, served: Served) -> LivePlaybook | None:
        """
        Return the version that made the next decision, as it decides; None when nobody knows it any more.

        served: who decides now. Where nobody has that content hash the one of its name is taken.
        """
        decision, name = record.decision, record.decision.playbook
        for live in (served.production.named(name), served.candidates.named(name)):
            if live is not None and live.content_hash == decision.content_hash:
                return live
        known = None if self._versions is None else self._versions.find(name, decision.content_hash)
        return known or served.production.named(name) or served.candidates.named(name)

    def stage_of(self, live: LivePlaybook, message: Message) -> Stage | None:
        """Return where the openings of a message go by a version; None in a run that does not trade."""
        if self.manifest is None or self.manifest.source != LIVE:
            return None
        return self._staging.promotions.sends_for(live.playbook, live.content_hash, message.id)

    def _serving(self, newest: Rulebook) -> ServedNow:
        """Return who says who serves: with all that a process knows that starts where the rulebook was read."""
        texts = self._rulebooks.texts
        if self._now is None or self._texts_known != len(texts):
            self._versions = Versions(newest)
            for digest, files in texts.items():
                self._versions.add(digest, files)
            self._texts_known = len(texts)
            self._now = ServedNow(newest, self._staging, self._versions)
        return self._now
