"""What a running desk does when another process asks (see control_socket.ControlHandler)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.app.contract_text import short_legs
from engine.app.control_words import Answer, ControlRefused
from engine.app.staging import StageRequest, Staging
from engine.app.trading_state import Place, why_not_lifted
from engine.app.trading_states import TradingStates
from engine.app.versions import Versions
from engine.decide.record import Record
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Slot
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.decision import Outcome
from engine.model.desk import Desk, Permission, Person
from engine.model.environment import Environment
from engine.model.errors import JournalError
from engine.plan.flow import Flow
from engine.playbook.rulebook import Rulebook
from engine.ports import Clock, Restrictions, TradeLog


@dataclass(frozen=True, slots=True)
class DeskControl:
    """
    The handler.

    desk: as the file has it; who may, and what there is, is said by the one in force. environments: where each account
    leads. states: what people have set. restrictions: all in force, those that
    executors have set among them. approved: what asks for an order, by intent key; see trading_so_far. since: when the
    desk began.
    """

    desk: Desk
    rulebook: Rulebook
    desks: Mapping[str, AccountDesk]
    environments: Mapping[str, Environment]
    stager: Stager
    states: TradingStates
    restrictions: Restrictions
    staging: Staging
    versions: Versions
    approved: Mapping[str, tuple[Record, Outcome]]
    trade_log: TradeLog
    log: JournalLog
    projection: Projection
    clock: Clock
    since: datetime

    @property
    def _in_force(self) -> Desk:
        """The desk to go by: what its file loosens, and nobody has agreed to, lets nobody in."""
        return self.staging.desk(self.rulebook)[0] or self.desk

    # ---------------------------------------------------------------- trading states

    async def kill(self, place: Place, state: TradingState, by: str, why: str) -> Answer:
        """Restrict first, then cancel what opens there."""
        restricted = self.states.restrict(Restriction(state, place.scope, place.of, by, why), f"kill {place}")
        cancelling = [found for account in self.desks.values() for found in self._cancelled(account, place, why)]
        problems = list(restricted.problems)
        for flow in tuple(self.stager.flows.values()):
            if flow.intent.is_opening and not flow.is_over and flow.intent.is_of(place.scope, place.of):
                if flow.is_sent and place.scope not in (Scope.ALL, Scope.ACCOUNT):
                    intent = flow.intent
                    cancelling.append({"account": intent.account, "id": intent.id, "what": short_legs(intent.legs)})
                problems += self._dropped(flow.intent.id, f"{by}: {why}")
        for intent_id in self._being_planned(place):
            problems += self._dropped(intent_id, f"{by}: {why}")
        return {
            "in_force": [_restriction(each) for each in restricted.restrictions],
            "cancelling": cancelling,
            "doubts": list(self._doubts(place)),
            "unreachable": list(self._unreachable(place)),
            "problems": problems,
        }

    def _unreachable(self, place: Place) -> Iterator[str]:
        """Yield which openings of a place may be at the broker in accounts this process cannot reach."""
        sent = (flow.intent for flow in self.stager.flows.values() if flow.is_sent and not flow.is_over)
        for intent in sent:
            is_lost = intent.is_opening and intent.account not in self.desks
            if is_lost and intent.is_of(place.scope, place.of):
                what = f"{intent.id} ({short_legs(intent.legs)})"
                yield f"account {intent.account} is out of reach, and {what} may still fill there: kill --direct"

    def _doubts(self, place: Place) -> Iterator[str]:
        """Yield why a place may be another one than was meant: what nobody bears the name of is restricted in vain."""
        known = {
            Scope.ACCOUNT: {account.name for account in self._in_force.accounts},
            Scope.PLAYBOOK: {*self.staging.promotions.names, *(live.playbook.name for live in self.rulebook.playbooks)},
        }
        names = known.get(place.scope)
        if names is not None and place.of not in names:
            yield f"there is no {place.scope.value} {place.of}: {', '.join(sorted(names)) or 'none'}"
        if place.scope in (Scope.AUTHOR, Scope.CHANNEL) and not place.of.isdigit():
            yield f"{place.of} is no id of {place.scope.value}s: Discord's are numbers"

    def _being_planned(self, place: Place) -> tuple[str, ...]:
        """Return the keys of openings of a place that are approved and not intents yet."""
        coming = [each for key, each in self.approved.items() if key not in self.stager.flows]
        return tuple(outcome.intent_key for record, outcome in coming if _opens_in(place, record, outcome))

    def _dropped(self, intent_id: str, why: str) -> list[str]:
        """Give an opening up; return what went wrong: the next one is given up all the same."""
        try:
            self.stager.drop(intent_id, "killed", why)
        except JournalError as error:
            return [error.message]
        return []

    async def resume(self, place: Place, by: str, why: str) -> Answer:
        """Lift what holds for a place, where the person may."""
        refusal = why_not_lifted(self._in_force, by, self.states.at(place))
        if refusal is not None:
            raise ControlRefused("may_not_resume", refusal, "ask somebody with the permission to control")
        lifted = self.states.lift(place, by, why)
        in_force = self.states.in_force(self.clock.now()) or ()
        return {"lifted": list(map(_restriction, lifted)), "in_force": list(map(_restriction, in_force))}

    def _cancelled(self, account: AccountDesk, place: Place, why: str) -> list[dict[str, str]]:
        """Cancel the openings of an account that a place takes in, and return them."""
        if place.scope is Scope.ALL or (place.scope is Scope.ACCOUNT and place.of == account.alias):
            slots = account.executor.cancel_openings(why)
            return [_named(account.alias, account.executor.slots[slot_id]) for slot_id in slots]
        return []  # narrower places are those of intents, which the stager gives up

    # ---------------------------------------------------------------- looking

    async def status(self) -> Answer:
        """Return how things stand."""
        in_force = self.restrictions.in_force(self.clock.now())
        last, error = self.log.last, self.projection.error
        return {
            "since": self.since.isoformat(),
            "in_force": None if in_force is None else list(map(_restriction, in_force)),
            "accounts": [self._account(account) for account in self.desks.values()],
            "orders": [row for account in self.desks.values() for row in _orders(account)],
            "stages": [
                {
                    "playbook": live.playbook.name,
                    "content_hash": live.content_hash,
                    "stage": self.staging.promotions.stage_of(live.playbook, live.content_hash).value,
                }
                for live in self.rulebook.playbooks
            ],
            "waiting": len(self.stager.awaiting),
            "journal": {"seq": last.seq if last else 0, "can_open": self.log.can_open},
            "database": {"seq": self.projection.position.seq, "problem": "" if error is None else str(error)},
        }

    async def waiting(self) -> Answer:
        """Return what waits for approval."""
        return {"waiting": [_waiting(flow, self.approved.get(flow.intent.id)) for flow in self.stager.awaiting]}

    # ---------------------------------------------------------------- orders

    async def approve(self, intent_id: str, by: str) -> Answer:
        """Approve an intent."""
        flow, person = self._awaited(intent_id), self._person(by, Permission.APPROVE)
        refusal = self.stager.approve(flow.intent.id, person)
        if refusal is not None:
            raise ControlRefused("may_not_approve", refusal, "see what waits: signalbook approve --list")
        return {"id": flow.intent.id, "what": short_legs(flow.intent.legs)}

    async def decline(self, intent_id: str, by: str, why: str) -> Answer:
        """Decline an intent."""
        flow, person = self._awaited(intent_id), self._person(by, Permission.APPROVE)
        refusal = self.stager.decline(flow.intent.id, person, why)
        if refusal is not None:
            raise ControlRefused("may_not_approve", refusal, "see what waits: signalbook approve --list")
        return {"id": flow.intent.id, "what": short_legs(flow.intent.legs)}

    async def cancel(self, order_id: str, by: str, why: str) -> Answer:
        """Cancel an order."""
        for account in self.desks.values():
            for slot in account.executor.slots.values():
                if order_id in _ids(slot):
                    account.executor.cancel(slot.id, f"{by}: {why}")
                    return _named(account.alias, slot)
        raise ControlRefused("no_such_order", f"no order has the id {order_id}", "see signalbook status")

    async def stage(self, payload: Mapping[str, object]) -> Answer:
        """Promote or demote versions, or loosen the desk, as a person asks."""
        request = StageRequest.read(payload)
        written = self.staging.carry_out(request, self.rulebook, self.versions, self.trade_log)
        return {"written": len(written)}

    def _account(self, account: AccountDesk) -> dict[str, object]:
        health = account.executor.health
        environment = self.environments[account.alias].value
        return {"alias": account.alias, "environment": environment, "is_ready": health.is_ready, "why": health.why}

    def _awaited(self, intent_id: str) -> Flow:
        """Return the one opening that was ever asked about and begins so, if it waits: one that is over was meant."""
        asked = [flow for flow in self.stager.flows.values() if flow.asked is not None]
        found = [flow for flow in asked if intent_id and flow.intent.id.startswith(intent_id)]
        if len(found) == 1 and found[0].awaits_approval:
            return found[0]
        what = f"{len(found)} openings begin with" if len(found) > 1 else "nothing that waits begins with"
        answered = _answered(found[0]) if len(found) == 1 else ""
        remedy = "see what waits: signalbook approve --list"
        raise ControlRefused("no_such_intent", f"{what} {intent_id}{answered}", remedy)

    def _person(self, name: str, permission: Permission) -> Person:
        person = self._in_force.person(name)
        if person is None or permission not in person.may:
            known = ", ".join(each.name for each in self._in_force.people if permission in each.may)
            why = f"{name} may not {permission.value}" if person else f"the desk knows nobody named {name!r}"
            raise ControlRefused("may_not", why, f"who may: {known or 'nobody'}")
        return person


def _answered(flow: Flow) -> str:
    """Say who has answered already; "" when nobody has."""
    if flow.declined is not None:
        return f": declined{f' by {flow.declined.by}' if flow.declined.by else ', as nobody answered'}"
    return f": approved by {flow.approved.by}" if flow.approved is not None else ""


def _opens_in(place: Place, record: Record, outcome: Outcome) -> bool:
    decision, alert = record.decision, outcome.alert
    if alert is None or not any(leg.action.opens for leg in alert.legs):
        return False
    named = {
        Scope.ACCOUNT: (decision.account_of(outcome),),
        Scope.PLAYBOOK: (decision.playbook,),
        Scope.AUTHOR: (decision.author_id,),
        Scope.CHANNEL: (decision.channel_id, record.message.parent_channel_id),
    }
    return place.scope is Scope.ALL or place.of in named[place.scope]


def _orders(account: AccountDesk) -> list[dict[str, object]]:
    return [
        {
            "account": account.alias,
            "id": attempt.client_id,
            "what": short_legs(attempt.order.legs),
            "state": attempt.state.value,
            "opens": attempt.is_opening,
        }
        for slot in account.executor.slots.values()
        for attempt in slot.attempts
        if not attempt.is_settled
    ]


def _ids(slot: Slot) -> frozenset[str]:
    return frozenset({slot.id, *(each for attempt in slot.attempts for each in _ids_of(attempt))})


def _ids_of(attempt: OrderState) -> tuple[str, ...]:
    return attempt.client_id, *attempt.order_ids


def _named(account: str, slot: Slot) -> dict[str, str]:
    return {"account": account, "id": slot.id, "what": short_legs(slot.attempts[-1].order.legs)}


def _waiting(flow: Flow, of: tuple[Record, Outcome] | None) -> dict[str, object]:
    intent, asked = flow.intent, flow.asked
    decision = None if of is None else of[0].decision
    return {
        "id": intent.id,
        "playbook": intent.playbook,
        "author": intent.author_id if decision is None else decision.author_name,
        "alert": "" if decision is None else decision.text,
        "what": short_legs(intent.legs),
        "price": "" if intent.price is None else str(intent.price),
        "risk": str(intent.risk),
        "why": asked.why if asked else "",
        "by": list(asked.by) if asked else [],
        "until": asked.until.isoformat() if asked else "",
    }


def _restriction(restriction: Restriction) -> dict[str, str]:
    return {
        "state": restriction.state.value,
        "scope": restriction.scope.value,
        "of": restriction.of,
        "by": restriction.by,
        "why": restriction.why,
    }
