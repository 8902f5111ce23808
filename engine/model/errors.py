"""
What can go wrong, told apart by what the caller should do.

EngineError
  PlaybookError       fix the files named; the playbooks in force stay in force
  ArchiveError        the archive cannot be read; nothing was written
  StoreError          the DuckDB file cannot be used now (held by another process, newer, damaged)
  JournalError        the journal cannot be read or written; nothing more may be sent
  RunError            the run cannot go on as asked; nothing was written
  BrokerError
    NothingSent       nothing that changes anything reached the broker; safe to ask again, not at once
      CredentialsRefused  stop asking: the broker would block this address
    OrderRefused      the broker said no; nothing was changed by this request
    OutcomeUnknown    sent, and no usable answer: never send it again, look it up
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


class JournalError(CodedError):
    """A journal that cannot be used: nothing it does not hold may be acted on."""


class RunError(CodedError):
    """A run that cannot go on as asked; nothing was written."""


class BrokerError(CodedError):
    """A request to the broker that did not end with what was asked for."""


class NothingSent(BrokerError):
    """
    The request changed nothing at the broker, certainly; one that only reads has no answer.

    wait: seconds before asking again makes sense; 0.0 when that is not known.
    """

    def __init__(self, code: str, message: str, remedy: str = "", wait: float = 0.0) -> None:
        super().__init__(code, message, remedy)
        self.wait = wait


class CredentialsRefused(NothingSent):
    """The broker does not accept who we are: nothing more is asked of it by this process."""


class OrderRefused(BrokerError):
    """The broker refused the request. codes: its reasons in its own words and order, never empty."""

    def __init__(self, codes: tuple[str, ...], message: str) -> None:
        super().__init__("order_refused", message)
        self.codes = codes


class OutcomeUnknown(BrokerError):
    """The request may have been carried out or not."""

    def __init__(self, message: str) -> None:
        super().__init__("outcome_unknown", message)


class InvariantBroken(EngineError):
    """A promise of the engine itself does not hold."""

    code = "invariant_broken"
