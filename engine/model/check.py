"""What was looked at before an order was sent, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """How one check ended. NOT_RUN: a fact it needs was missing, or a check before it failed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Check:
    """
    One check of an order before it is sent.

    name: stable ("tick", "buying_power", "dry_run"). blocks: whether its answer forbids the order: always when it
    failed; when it did not run, for an opening only. code: stable, "" unless it failed or did not run.
    detail: one sentence with the values compared.
    """

    name: str
    status: CheckStatus
    blocks: bool = False
    code: str = ""
    detail: str = ""
