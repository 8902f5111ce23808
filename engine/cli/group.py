"""The command group that turns the engine's errors into messages and exit codes."""

from typing import Any

import typer
from rich.text import Text
from typer.core import TyperGroup
from typer.exceptions import TyperException

from engine.app.control_words import ControlError, EngineHung, EngineNotRunning
from engine.app.settings import SettingsError
from engine.app.trading_state_file import TradingStateError
from engine.cli.exit_code import ExitCode
from engine.cli.screen import err, print_json
from engine.model.errors import (
    ArchiveError,
    BrokerError,
    CodedError,
    CredentialsRefused,
    EngineError,
    JournalError,
    PlaybookError,
    RunError,
    StoreError,
)

_WANTS_JSON = "signalbook.wants_json"


class CommandFailed(CodedError):
    """A command cannot do what was asked; nothing was written."""


_EXIT_CODES: tuple[tuple[type[EngineError], ExitCode], ...] = (
    (PlaybookError, ExitCode.PLAYBOOKS),
    (ArchiveError, ExitCode.ARCHIVE),
    (StoreError, ExitCode.STORE),
    (JournalError, ExitCode.JOURNAL),
    (CredentialsRefused, ExitCode.CREDENTIALS),
    (BrokerError, ExitCode.BROKER),
    (EngineNotRunning, ExitCode.ENGINE),
    (EngineHung, ExitCode.ENGINE),
    (ControlError, ExitCode.FINDINGS),
    (TradingStateError, ExitCode.FINDINGS),
    (SettingsError, ExitCode.USAGE),
    (RunError, ExitCode.FINDINGS),
    (CommandFailed, ExitCode.FINDINGS),
)


class CodedGroup(TyperGroup):
    """A group whose commands may raise any `EngineError`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the library's own signature
        """Remember whether the answer is to be JSON, for errors found before the command runs."""
        ctx.meta[_WANTS_JSON] = "--json" in args[: args.index("--")] if "--" in args else "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the library's own signature
        """Run the command; an error ends with its message on stderr and its exit code."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            if ctx.meta.get(_WANTS_JSON):
                print_json(_error_json("wrong_usage", str(error), "see --help"))
            raise
        except EngineError as error:
            if ctx.meta.get(_WANTS_JSON):
                remedy = error.remedy if isinstance(error, CodedError) else ""
                print_json(_error_json(error.code, str(error), remedy))
            show_error(error)
            raise typer.Exit(exit_code_of(error)) from error


def _error_json(code: str, message: str, remedy: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "remedy": remedy}}


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
