"""The command group that turns the engine's errors into messages and exit codes."""

from typing import Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from engine.app.settings import SettingsError
from engine.cli.exit_code import ExitCode
from engine.cli.screen import err
from engine.model.errors import ArchiveError, CodedError, EngineError, PlaybookError, StoreError


class CommandFailed(CodedError):
    """A command cannot do what was asked; nothing was written."""


_EXIT_CODES: tuple[tuple[type[EngineError], ExitCode], ...] = (
    (PlaybookError, ExitCode.PLAYBOOKS),
    (ArchiveError, ExitCode.ARCHIVE),
    (StoreError, ExitCode.STORE),
    (SettingsError, ExitCode.USAGE),
    (CommandFailed, ExitCode.FINDINGS),
)


class CodedGroup(TyperGroup):
    """A group whose commands may raise any `EngineError`."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the library's own signature
        """Run the command; an error ends with its message on stderr and its exit code."""
        try:
            return super().invoke(ctx)
        except EngineError as error:
            show_error(error)
            raise typer.Exit(exit_code_of(error)) from error


def exit_code_of(error: EngineError) -> ExitCode:
    """Return the exit code for an error of the engine; what has none of its own is a bug."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), ExitCode.BUG)


def show_error(error: EngineError) -> None:
    """Print code, sentence and remedy of an error to stderr."""
    line = Text.assemble(("error", "bold red"), " ", (error.code, "bold"), ": ", str(error))
    err().print(line, soft_wrap=True)
    remedy = error.remedy if isinstance(error, CodedError) else ""
    if remedy:
        err().print(f"  what to do: {remedy}", soft_wrap=True)
