"""Whether an account may be traded in, as far as its executor knows, and what it does not accept of an order."""

from dataclasses import dataclass
from enum import StrEnum

from engine.model.activity import Restriction, Scope, TradingState


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """
    What an executor knows of its account.

    is_ready: orders and positions were compared with the broker's and it still answers; openings wait for it.
    restrictions: what the engine itself has set for the account. blocked: symbols in which nothing may open, as ours
    and the broker's position differ. why: one sentence, "" when nothing is wrong.
    """

    is_ready: bool = False
    restrictions: tuple[Restriction, ...] = ()
    blocked: frozenset[str] = frozenset()
    why: str = ""

    @property
    def may_open(self) -> bool:
        """Whether openings may be sent, in contracts that are not blocked."""
        return self.is_ready and not self.restrictions


class Unfit(StrEnum):
    """Why an executor, not its slot, takes no order: the codes of such refusals."""

    NOT_READY = "account_not_ready"
    REDUCING = "account_reducing"
    BLOCKED = "position_mismatch"
    OTHER_SIDE = "opposite_position"
    JOURNAL = "journal_unusable"
    OTHER_ACCOUNT = "other_account"
    NOT_WORKING = "order_not_working"


def restriction(state: TradingState, account: str, why: str) -> Restriction:
    """Return a restriction of a whole account, set by the engine."""
    return Restriction(state, Scope.ACCOUNT, account, "engine", why)
