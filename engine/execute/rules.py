"""What the stager needs around it: the accounts, what the rulebook says now, and who is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.execute.contracts import Contracts
from engine.execute.executor import Executor
from engine.model.activity import Restriction
from engine.model.check import Check
from engine.model.desk import AccountKind, Person
from engine.model.intent import Intent
from engine.model.stages import SandboxStage
from engine.plan.approval import Need
from engine.plan.flow import Dropped, Flow, FlowEvent, ProbeVerdict
from engine.plan.promotion import Refused
from engine.plan.validation import SendFacts
from engine.ports import BrokerReader, Quotes


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """
    One account and all that orders in it need.

    broker: to look and to ask; only its executor sends.
    quotes: of production also for a sandbox, wherever there is a production session; None where there are none.
    is_cash: whether only settled money counts in it; None when that is not known.
    """

    alias: str
    kind: AccountKind
    executor: Executor
    broker: BrokerReader
    quotes: Quotes | None
    contracts: Contracts
    is_cash: bool | None = None


class Rules(Protocol):
    """
    What the rulebook in force, promotions and trading states say of an intent at the moment they are asked.

    An intent whose version is gone is answered for by the version that took its place: what tightens acts at once.
    """

    def against(self, intent: Intent) -> Refused | None:
        """Return what promotion says against sending its opening now (see Promotions.against); None for nothing."""
        ...

    def sandbox(self, intent: Intent) -> SandboxStage | None:
        """Return how its opening is proven first; None where its playbook has no sandbox."""
        ...

    def has_passed(self, intent: Intent) -> bool:
        """Return whether its version has passed the sandbox since it was last refused (see Promotions.has_passed)."""
        ...

    def approval(self, intent: Intent, verdict: ProbeVerdict) -> Need | Dropped | None:
        """Return who has to say yes to its opening, or why nobody can (see plan.approval.approval_needed)."""
        ...

    def may_approve(self, intent: Intent, by: Person) -> str | None:
        """Return why a person's answer does not count, None when it does (see plan.approval.may_approve)."""
        ...

    def restrictions(self, intent: Intent) -> tuple[Restriction, ...] | None:
        """Return the trading states in force that concern it; None when they are not known, which denies openings."""
        ...

    def held(self, intent: Intent) -> int | None:
        """Return how many units our books hold now of what it closes; None when they do not know the position."""
        ...

    def recheck(self, intent: Intent, facts: SendFacts) -> tuple[Check, ...]:
        """Return what the gates that can change after a decision say now, the intent itself not counted."""
        ...


class StagerListener(Protocol):
    """Who is told how intents get on. Must not block, must not raise."""

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        """Take in a step that is on disk; event: None when it was that the order was submitted."""
        ...

    def warn(self, intent_id: str, sentence: str) -> None:
        """Tell a person what does not change the flow: a probe that could not be flattened."""
        ...
