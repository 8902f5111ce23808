"""What the rulebook in force, promotions and trading states say of an intent (see execute.rules.Rules)."""

from dataclasses import dataclass

from engine.app.facts_again import known_now
from engine.app.serving import tightened
from engine.app.staging import Staging
from engine.app.trading_so_far import TradingSoFar
from engine.decide.gathering import gather_again
from engine.decide.terms import Terms
from engine.model.activity import Restriction
from engine.model.check import Check
from engine.model.desk import Desk, Person
from engine.model.errors import InvariantBroken
from engine.model.intent import Intent
from engine.model.playbook import Playbook
from engine.model.stages import SandboxStage
from engine.plan.approval import Need, approval_needed, may_approve
from engine.plan.flow import Dropped, ProbeVerdict
from engine.plan.promotion import Refused
from engine.plan.recheck import recheck
from engine.plan.validation import SendFacts
from engine.playbook.rulebook import Rulebook
from engine.ports import Clock, Restrictions


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The rules of a desk as they are now."""

    rulebook: Rulebook
    so_far: TradingSoFar
    staging: Staging
    trading_states: Restrictions
    clock: Clock

    def against(self, intent: Intent) -> Refused | None:
        """Return what promotion says against sending an opening now."""
        return self.staging.promotions.against(intent)

    def sandbox(self, intent: Intent) -> SandboxStage | None:
        """Return how an opening is proven first."""
        return self._playbook(intent).stages.sandbox

    def has_passed(self, intent: Intent) -> bool:
        """Return whether a version has passed the sandbox since it was last refused."""
        return self.staging.promotions.has_passed(self._playbook(intent), intent.content_hash)

    def approval(self, intent: Intent, verdict: ProbeVerdict) -> Need | Dropped | None:
        """Return who has to say yes to an opening; None when nobody, Dropped when nobody could."""
        return approval_needed(intent, self._playbook(intent), verdict, self._desk)

    def may_approve(self, intent: Intent, by: Person) -> str | None:
        """Return why a person's answer to an opening does not count; None when it does."""
        return may_approve(by, intent, self._playbook(intent), self._desk)

    def restrictions(self, intent: Intent) -> tuple[Restriction, ...] | None:
        """Return the trading states in force that concern an intent."""
        found = self.trading_states.in_force(self.clock.now())
        return None if found is None else tuple(each for each in found if intent.is_of(each.scope, each.of))

    def held(self, intent: Intent) -> int | None:
        """Return how many units our books hold now of what an intent closes."""
        return self.so_far.book.held_for(intent.intent_key)

    def recheck(self, intent: Intent, facts: SendFacts) -> tuple[Check, ...]:
        """Return what the gates that can change after a decision say now, the intent itself not counted."""
        record, outcome = self.so_far.approved[intent.intent_key]
        terms = self._terms(intent)
        again = gather_again(self.so_far.book, terms, record, outcome, known_now(intent, record, outcome, facts))
        return recheck(terms, record, outcome, again)

    @property
    def _desk(self) -> Desk | None:
        """The desk in force."""
        return self.staging.desk(self.rulebook)[0]

    def _playbook(self, intent: Intent) -> Playbook:
        """Return the version an intent was made by, as it decides now."""
        return self._terms(intent).playbook

    def _terms(self, intent: Intent) -> Terms:
        version = self.so_far.versions.find(intent.playbook, intent.content_hash)
        if version is None:
            raise InvariantBroken(f"no version {intent.content_hash[:8]} of {intent.playbook} is known")
        newest = self.rulebook.named(intent.playbook) if intent.stage.is_real else version
        return tightened(version, newest, self._desk).terms.at(intent.stage)
