"""Two versions of a playbook replayed over the same archives, with the same assumptions, one after the other."""

from collections.abc import Sequence

from engine.playbook.rulebook import Rulebook
from engine.replay.archive_files import ArchiveFile
from engine.replay.compare import Collector, Comparison, Side, compare
from engine.replay.observed import NoStore, ObservedStore
from engine.replay.run import Progress, ReplayOptions, replay


def compare_versions(
    versions: tuple[Rulebook, Rulebook], archives: Sequence[ArchiveFile], options: ReplayOptions, progress: Progress
) -> Comparison:
    """
    Return where two versions decide differently; each rulebook holds one playbook.

    Raises: ArchiveError.
    """
    old, new = (_decided(version, archives, options, progress) for version in versions)
    return compare(old, new)


def _decided(
    version: Rulebook, archives: Sequence[ArchiveFile], options: ReplayOptions, progress: Progress
) -> tuple[Collector, Side]:
    (live,) = version.playbooks
    collector = Collector()
    summary = replay(version, archives, ObservedStore(NoStore(), (collector,)), options, progress)
    return collector, collector.side(live.playbook.name, live.content_hash, summary)
