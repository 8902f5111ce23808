"""
What can go wrong, told apart by what the caller should do.

EngineError
  PlaybookError       fix the files named; the playbooks in force stay in force
  ArchiveError        the archive cannot be read; nothing was written
  StoreError          the DuckDB file cannot be used now (held by another process, newer, damaged)
  InvariantBroken     a bug; stop and page a person
"""

from dataclasses import dataclass

from engine.model.source import Span


@dataclass(frozen=True, slots=True)
class Issue:
    """
    One thing wrong with a playbook, a library or the desk.

    code: stable and documented in docs/errors.md ("unknown_key").
    message: one lower-case sentence that names the value.
    expected: what would have been right; "" when the message already says it.
    nearest: the nearest valid spelling; "" when there is none.
    is_error: False for a warning: the file still loads.
    """

    code: str
    message: str
    span: Span
    expected: str = ""
    nearest: str = ""
    is_error: bool = True


class EngineError(Exception):
    """The root of every error the engine raises on purpose."""

    code = "engine_error"


class PlaybookError(EngineError):
    """One or more files are wrong; `issues` are in file order."""

    code = "playbook_error"

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__(f"{len(issues)} problem(s) in the playbooks")
        self.issues = issues


class CodedError(EngineError):
    """An error with its own stable code, a sentence, and what to do about it."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class ArchiveError(CodedError):
    """An archive that cannot be read to its end."""


class StoreError(CodedError):
    """A DuckDB file that cannot be used now."""


class InvariantBroken(EngineError):
    """A promise of the engine itself does not hold."""

    code = "invariant_broken"
