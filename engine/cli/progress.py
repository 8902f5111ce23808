"""How far reading archives has come."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.cli.screen import err
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_tally import ReadTally
from engine.replay.run import Progress as Report

Counted = Callable[[int, int], None]
_EVERY: Final = 100


@contextmanager
def progress_bar(files: Sequence[ArchiveFile]) -> Iterator[Report]:
    """Show how far the reading has come, on stderr and on terminals only."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = err()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("reading", total=sum(file.size for file in files))

        def report(read: ReadTally) -> None:
            progress.update(task, completed=read.bytes_read, description=f"{read.messages:,} messages")

        yield report


@contextmanager
def counted(what: str) -> Iterator[Counted]:
    """Show how many of them are done, on stderr and on terminals only; of a total of 0 it is not known."""
    screen = err()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            if done % _EVERY == 0:
                progress.update(task, completed=done, total=total or None)

        yield report
