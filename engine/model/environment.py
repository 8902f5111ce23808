"""Where an account leads: to the broker's sandbox or production, or to the same two of the local exchange."""

from enum import StrEnum

from engine.model.desk import AccountKind


class Environment(StrEnum):
    """One of the four places orders can go to; only the last of them holds real money."""

    PAPER_SANDBOX = "paper-sandbox"
    PAPER_PRODUCTION = "paper-production"
    SANDBOX = "sandbox"
    PRODUCTION = "production"

    @property
    def is_paper(self) -> bool:
        """Whether it is the local exchange."""
        return self in (Environment.PAPER_SANDBOX, Environment.PAPER_PRODUCTION)

    @property
    def is_real_money(self) -> bool:
        """Whether orders there trade real money."""
        return self is Environment.PRODUCTION

    @property
    def kind(self) -> AccountKind:
        """Whether it is a sandbox or a production, at the broker or at the local exchange."""
        is_sandbox = self in (Environment.PAPER_SANDBOX, Environment.SANDBOX)
        return AccountKind.SANDBOX if is_sandbox else AccountKind.PRODUCTION


def environment_of(kind: AccountKind, *, is_paper: bool) -> Environment:
    """
    Return where accounts of a kind lead.

    >>> environment_of(AccountKind.PRODUCTION, is_paper=True).value
    'paper-production'
    """
    if is_paper:
        return Environment.PAPER_SANDBOX if kind is AccountKind.SANDBOX else Environment.PAPER_PRODUCTION
    return Environment.SANDBOX if kind is AccountKind.SANDBOX else Environment.PRODUCTION
