"""What the journal holds of trading as rows: the same rows, whenever and in whatever batches they are taken in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from engine.journal.buffers import Buffers
from engine.journal.order_rows import Ask, Head, OrderRows
from engine.journal.rows import Row, amount, moment, whole_number
from engine.journal.stored_json import as_json
from engine.journal.trade_log import flow_event_name, trade_body
from engine.model.check import Check
from engine.model.entry import Entry
from engine.model.intent import Intent
from engine.model.stages import Stage
from engine.parse.calendar import market_date
from engine.plan.entries import (
    AccountHappened,
    Controlled,
    DeskChanged,
    FlowHappened,
    Intended,
    LooseningAsked,
    OrderHappened,
    Planned,
    Role,
    StageChanged,
    TradeBody,
)
from engine.plan.evidence import contract_of
from engine.plan.flow import (
    ApprovalAsked,
    Checked,
    Dropped,
    Ended,
    FilledLate,
    FlowEvent,
    Probed,
    ProbeVerdict,
)

_KNOWN_INTENT: Final = """
    select playbook, content_hash, stage, contract, account, is_opening, epoch_us(written_at)
    from intents where intent_id = ? order by seq limit 1
"""
_ACCOUNT_OF_SLOT: Final = "select account from orders where slot_id = ? order by seq limit 1"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a test result repeats of its intent. at: when that was written."""

    playbook: str
    content_hash: str
    stage: str
    contract: str
    account: str
    is_opening: bool
    at: datetime


class TradeRows:
    """
    Takes entries in, in their order.

    ask, is_anew: see OrderRows.
    """

    def __init__(self, buffers: Buffers, ask: Ask, *, is_anew: bool) -> None:
        self._buffers = buffers
        self._ask = ask
        self._is_anew = is_anew
        self._orders = OrderRows(buffers, ask, is_anew=is_anew)
        self._intents: dict[str, _Asked] = {}
        self._accounts: dict[str, str] = {}  # of the slots of probes
        self._take: Mapping[type[TradeBody], Callable[[Head, Entry, Any], None]] = {
            Intended: self._intend,
            FlowHappened: self._step,
            Planned: self._plan,
            OrderHappened: self._orders.happen,
            StageChanged: self._stage,
            Controlled: self._control,
            DeskChanged: self._desk,
            LooseningAsked: self._loosening,
            AccountHappened: self._account,
        }

    def take(self, entry: Entry, run_id: int) -> None:
        """Gather the rows of one entry about trading. Raises: JournalError, StoreError."""
        body = trade_body(entry)
        self._take[type(body)](Head(run_id, entry.seq, entry.at), entry, body)

    def _intend(self, head: Head, entry: Entry, body: Intended) -> None:
        intent = body.intent
        self._intents.setdefault(intent.id, _asked(intent, head.at))
        self._buffers.add("intents", (*head, *_intent_cells(intent)))

    def _plan(self, head: Head, entry: Entry, body: Planned) -> None:
        if body.role is Role.PROBE:
            self._accounts[body.slot_id] = body.account
        self._orders.plan(head, entry, body)

    def _step(self, head: Head, entry: Entry, body: FlowHappened) -> None:
        event = body.event
        cells = (flow_event_name(event), *_flow_cells(event), as_json(event))
        self._buffers.add("flow_events", (*head, body.intent_id, *cells))
        if isinstance(event, Checked):
            for index, check in enumerate(event.checks):
                self._buffers.add("checks", (*head, body.intent_id, index, *_check_cells(check)))
        elif isinstance(event, Probed) and event.verdict is not ProbeVerdict.SKIPPED:
            told = (event.verdict.value, as_json(event.codes), event.why)
            self._test(head, body.intent_id, Role.PROBE, event.slot_id, told)
        elif isinstance(event, Ended):
            self._ended_in_sandbox(head, body.intent_id, event)

    def _ended_in_sandbox(self, head: Head, intent_id: str, event: Ended) -> None:
        asked = self._intent(intent_id)
        if asked is not None and asked.is_opening and asked.stage == Stage.SANDBOX:
            why = f"the sandbox's order was {event.state}"
            self._test(head, intent_id, Role.TRADE, intent_id, (event.verdict.value, as_json(()), why))

    def _test(self, head: Head, intent_id: str, role: Role, slot_id: str, told: Row) -> None:
        asked = self._intent(intent_id)
        if asked is None:
            return  # a journal whose steps belong to no intent is for `journal verify` to tell
        account = self._account_of(slot_id) if role is Role.PROBE else asked.account
        begun = self._orders.begun_at(account, slot_id) if slot_id else None
        took = (head.at - (begun or asked.at)) // _MILLISECOND
        known = (asked.playbook, asked.content_hash, asked.stage, asked.contract)
        row = (*head, intent_id, role.value, slot_id, *known, *told, took, market_date(head.at))
        self._buffers.add("test_results", row)

    def _stage(self, head: Head, entry: Entry, body: StageChanged) -> None:
        change = (body.playbook, body.content_hash, body.stage.value, body.by, body.why, body.engine)
        row = (*head, *change, whole_number(body.openings), as_json(dict(body.evidence)))
        self._buffers.add("stage_changes", row)

    def _control(self, head: Head, entry: Entry, body: Controlled) -> None:
        self._buffers.add("control_actions", (*head, entry.kind.value, body.what, body.by, body.why, entry.body))

    def _desk(self, head: Head, entry: Entry, body: DeskChanged) -> None:
        what = f"desk {body.desk.name}" + (f", asked for by {body.asked_by}" if body.asked_by else "")
        why = "; ".join(body.loosened)
        self._buffers.add("control_actions", (*head, entry.kind.value, what, body.by, why, entry.body))

    def _loosening(self, head: Head, entry: Entry, body: LooseningAsked) -> None:
        row = (*head, entry.kind.value, f"loosening {body.mark} asked for", body.by, "; ".join(body.loosened))
        self._buffers.add("control_actions", (*row, entry.body))

    def _account(self, head: Head, entry: Entry, body: AccountHappened) -> None:
        holding = None if body.holding is None else as_json(body.holding)
        booking = None if body.booking is None else as_json(body.booking)
        row = (*head, body.account, body.fact.value, body.symbol, body.detail, holding, booking)
        self._buffers.add("account_events", row)

    def _intent(self, intent_id: str) -> _Asked | None:
        if intent_id not in self._intents and not self._is_anew:
            for row in self._ask(_KNOWN_INTENT, intent_id):
                *cells, is_opening, written_at = row
                playbook, content_hash, stage, contract, account = cells
                at = moment(written_at)
                self._intents[intent_id] = _Asked(playbook, content_hash, stage, contract, account, is_opening, at)
        return self._intents.get(intent_id)

    def _account_of(self, slot_id: str) -> str:
        if slot_id and slot_id not in self._accounts and not self._is_anew:
            for (account,) in self._ask(_ACCOUNT_OF_SLOT, slot_id):
                self._accounts[slot_id] = account
        return self._accounts.get(slot_id, "")


def _asked(intent: Intent, at: datetime) -> _Asked:
    contract, stage = contract_of(intent), intent.stage.value
    return _Asked(intent.playbook, intent.content_hash, stage, contract, intent.account, intent.is_opening, at)


def _intent_cells(intent: Intent) -> Row:
    return (
        *(intent.id, intent.intent_key, intent.decision_id, intent.alert_index, intent.playbook, intent.content_hash),
        *(intent.stage.value, intent.message_id, intent.event, intent.channel_id, intent.author_id, intent.account),
        *(intent.is_opening, contract_of(intent), as_json(intent.legs), whole_number(intent.units)),
        *(amount(intent.price), intent.effect, amount(intent.alert_price), amount(intent.risk)),
        *(intent.at, intent.good_until),
    )


def _check_cells(check: Check) -> Row:
    return check.name, check.status.value, check.blocks, check.code, check.detail


def _flow_cells(event: FlowEvent) -> tuple[str, str, str]:
    """The code, the people and the sentence of a step."""
    by = ", ".join(event.by) if isinstance(event, ApprovalAsked) else getattr(event, "by", "")
    return _code(event), by, _sentence(event)


def _code(event: FlowEvent) -> str:
    match event:
        case Probed():
            return event.verdict.value
        case Checked():
            return "sound" if event.is_sound else "unsound"
        case Dropped():
            return event.code
        case Ended():
            return event.state
    return ""


def _sentence(event: FlowEvent) -> str:
    if isinstance(event, Checked):
        return _blocking(event.checks)
    if isinstance(event, Ended):
        return f"{event.filled} filled, {event.unfilled} not"
    if isinstance(event, FilledLate):
        return f"{event.units} filled, {event.why}"
    return getattr(event, "why", "")


def _blocking(checks: tuple[Check, ...]) -> str:
    return "; ".join(f"{check.name}: {check.detail or check.code}" for check in checks if check.blocks)
