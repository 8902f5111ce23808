"""Versions of playbooks by their content hash: those in force now, and those the journal holds the texts of."""

from collections.abc import Iterator, Mapping

from engine.playbook.rulebook import LivePlaybook, Rulebook, load_texts


class Versions:
    """
    Finds the version that an order, a position or a stage belongs to.

    Texts of rulebooks that are not in force are loaded when a version of theirs is asked for, once.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.newest = rulebook
        self._found: dict[tuple[str, str], LivePlaybook] = {}
        self._texts: dict[str, Mapping[str, str]] = {}
        self._take(rulebook)

    def add(self, digest: str, texts: Mapping[str, str]) -> None:
        """Take note of a rulebook's texts, by its hash."""
        self._texts.setdefault(digest, texts)

    def find(self, playbook: str, content_hash: str) -> LivePlaybook | None:
        """Return a version; None when neither the rulebook in force nor the journal holds it."""
        key = playbook, content_hash
        for rulebook in self._older():
            if key in self._found:
                break
            self._take(rulebook)
        return self._found.get(key)

    def _older(self) -> Iterator[Rulebook]:
        """Yield the rulebook in force, then those not loaded yet, the newest first."""
        yield self.newest
        while self._texts:
            _, texts = self._texts.popitem()
            yield load_texts(texts)

    def _take(self, rulebook: Rulebook) -> None:
        for live in rulebook.playbooks:
            self._found.setdefault((live.playbook.name, live.content_hash), live)
