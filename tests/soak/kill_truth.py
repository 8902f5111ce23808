"""What the exchange, the journal and the database each say of what a desk has traded."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import gcd
from typing import Any

from engine.adapters.clock import SystemClock
from engine.app.connections import connections
from engine.app.credentials import paper_number
from engine.app.trading_so_far import RUN, TradingSoFar, approved
from engine.decide.ids import key_of_late
from engine.decide.record import Record
from engine.execute.executor import Executor
from engine.journal.database import open_database
from engine.journal.entry_bodies import decided
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import TRADE_KINDS, JournalTradeLog, trade_body
from engine.lifecycle import events
from engine.lifecycle.slot import Slot
from engine.model.desk import AccountKind
from engine.model.entry import EntryKind
from engine.model.intent import Intent
from engine.model.stages import Stage
from engine.paper.opening import grants
from engine.paper.venue import Environment
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, StageChanged, TradeBody
from engine.plan.flow import Approved, Dropped, Ended, FilledLate
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_process import Place

SANDBOX, PRODUCTION = "cert", "main"
ACCOUNTS = {
    SANDBOX: (AccountKind.SANDBOX, Environment.SANDBOX, 0),
    PRODUCTION: (AccountKind.PRODUCTION, Environment.PRODUCTION, 1),
}
Fills = Counter[tuple[str, str, str]]
"""How many contracts each fill was of, by client id, fill id and symbol."""


class Ledger:
    """One account as the exchange has it: orders, positions, and every request about orders."""

    def __init__(self, place: Place, alias: str) -> None:
        kind, environment, offset = ACCOUNTS[alias]
        port = int(place.address.rpartition(":")[2]) + offset
        self._url = f"http://127.0.0.1:{port}"
        self._headers = {"User-Agent": "soak/1", "Content-Type": "application/json"}
        grant = grants(environment)[0]
        secrets = {"client_secret": grant.client_secret, "refresh_token": grant.refresh_token}
        token = self._ask("/oauth/token", {"grant_type": "refresh_token", **secrets})["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"
        number = paper_number(kind)
        self.orders: list[dict[str, Any]] = self._ask(f"/accounts/{number}/orders/live")["data"]["items"]
        positions = self._ask(f"/accounts/{number}/positions")["data"]["items"]
        self.positions = {each["symbol"]: _signed(each) for each in positions if Decimal(str(each["quantity"]))}
        asked = self._ask("/_paper/requests")["data"]["items"]
        self.asked = [each for each in asked if each["route"] == "place_order"]

    def _ask(self, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._url + path, data, self._headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)  # type: ignore[no-any-return]

    def of_slot(self, slot_id: str) -> list[dict[str, Any]]:
        """Return the orders of a slot, as they came in."""
        found = (each for each in self.orders if slot_of(each) == slot_id)
        return sorted(found, key=lambda each: (each["received-at"], each["id"]))

    @property
    def fills(self) -> Fills:
        """Every fill."""
        found: Fills = Counter()
        for order in self.orders:
            for leg in order["legs"]:
                for fill in leg.get("fills") or ():
                    found[order["external-identifier"], fill["fill-id"], leg["symbol"]] += int(fill["quantity"])
        return found


def slot_of(order: dict[str, Any]) -> str:
    """Return the slot an order at the exchange is of, by its client id."""
    return str(order["external-identifier"]).rpartition("-")[0]


def units_of(order: dict[str, Any]) -> int:
    """Return the size of an order at the exchange, in units of all its legs."""
    return gcd(*(int(leg["quantity"]) for leg in order["legs"]))


def filled_of(order: dict[str, Any]) -> int:
    """Return how many units of an order at the exchange have filled in all their legs."""
    units = units_of(order)
    return min(_filled(leg) // (int(leg["quantity"]) // units) for leg in order["legs"])


def _filled(leg: dict[str, Any]) -> int:
    return sum(int(fill["quantity"]) for fill in leg.get("fills") or ())


def _signed(position: dict[str, Any]) -> Decimal:
    quantity = Decimal(str(position["quantity"]))
    return -quantity if position["quantity-direction"] == "Short" else quantity


@dataclass(frozen=True)
class At:
    """Where something stands in the journal."""

    seq: int
    at: datetime


@dataclass(frozen=True)
class Step:
    """One event of an order, or one step of an intent, and where it stands."""

    at: At
    event: object


class Journaled:
    """The journal, folded as a process that starts would, and what is written in it one by one."""

    def __init__(self, place: Place, rulebook: Rulebook) -> None:
        assert rulebook.desk is not None
        self.place = place
        clock = SystemClock()
        joined = connections(rulebook.desk, place.settings, clock)
        with JournalLog.open(place.home / "no-journal", clock.now) as nowhere:
            log = JournalTradeLog(nowhere, RUN)
            self.executors = {
                alias: Executor(alias, kind, joined.broker(alias), log, clock, None)  # type: ignore[arg-type]
                for alias, (kind, _, _) in ACCOUNTS.items()
            }
        self.so_far = TradingSoFar(rulebook, self.executors, tuple(self.executors.values()))
        self.so_far.fold(read_entries(place.settings.journal))
        self.approved: dict[str, str] = {}
        self.closes: set[str] = set()
        self.decisions: Counter[tuple[str, int]] = Counter()
        self.records: list[tuple[At, Record]] = []
        self.written: Counter[str] = Counter()
        self.intents: dict[str, Intent] = {}
        self.intended: list[tuple[At, Intent]] = []
        self.plans: list[tuple[At, Planned]] = []
        self.promoted: list[tuple[At, StageChanged]] = []
        self.steps: dict[str, list[Step]] = {}
        self.happened: dict[str, list[Step]] = {}
        self._read()

    def _read(self) -> None:
        for entry in read_entries(self.place.settings.journal):
            at = At(entry.seq, entry.at)
            if entry.kind is EntryKind.DECIDED:
                self._decided(at, decided(entry.body).records)
            elif entry.kind in TRADE_KINDS:
                self._traded(at, trade_body(entry))

    def _decided(self, at: At, records: tuple[Record, ...]) -> None:
        self.decisions[records[0].message.id, records[0].message.event] += 1
        for record in records:
            self.records.append((at, record))
            for key, outcome in approved(record):
                self.approved[key] = record.message.id
                if outcome.alert is not None and not any(leg.action.opens for leg in outcome.alert.legs):
                    self.closes.add(key)

    def _traded(self, at: At, body: TradeBody) -> None:
        match body:
            case Intended(intent):
                self.written[intent.id] += 1
                self.intents[intent.id] = intent
                self.intended.append((at, intent))
            case Planned():
                self.plans.append((at, body))
            case StageChanged():
                self.promoted.append((at, body))
            case FlowHappened(intent_id, event):
                self.steps.setdefault(intent_id, []).append(Step(at, event))
                if isinstance(event, FilledLate):
                    self.approved[key_of_late(intent_id)] = self.approved[intent_id]
                    self.closes.add(key_of_late(intent_id))
            case OrderHappened(_, slot_id, _, event):
                self.happened.setdefault(slot_id, []).append(Step(at, event))
            case _:
                pass

    @property
    def openings(self) -> frozenset[str]:
        """The ids of all intents that open."""
        return frozenset(key for key, intent in self.intents.items() if intent.is_opening)

    @property
    def planned(self) -> list[Planned]:
        """Every order as it was planned."""
        return [body for _, body in self.plans]

    def slots(self, alias: str) -> dict[str, Slot]:
        """Return every slot of an account."""
        return dict(self.executors[alias].slots)

    def ends(self, intent_id: str) -> list[Ended | Dropped]:
        """Return the ends of an intent, of which there is to be one."""
        return [end for _, end in self._ends(intent_id)]

    def ended_at(self, intent_id: str) -> At | None:
        """Return where the end of an intent stands; None while it has none."""
        return next((at for at, _ in self._ends(intent_id)), None)

    def _ends(self, intent_id: str) -> list[tuple[At, Ended | Dropped]]:
        steps = self.steps.get(intent_id, ())
        found = [(each.at, each.event) for each in steps if isinstance(each.event, Ended | Dropped)]
        # What is dropped before it is written as an intent is dropped once more by the same words when it is.
        written = next((at.seq for at, intent in self.intended if intent.id == intent_id), 0)
        is_again = len(found) > 1 and found[0][0].seq < written and found[0][1] == found[1][1]
        return found[1:] if is_again else found

    def sent_at(self, slot_id: str) -> At | None:
        """Return where it stands that the first order of a slot is about to be sent; None where none was."""
        found = (each.at for each in self.happened.get(slot_id, ()) if isinstance(each.event, events.SendStarted))
        return next(found, None)

    def asked_to_cancel(self, slot_id: str) -> bool:
        """Return whether a cancel was wanted of any order of a slot."""
        return any(isinstance(each.event, events.CancelAsked) for each in self.happened.get(slot_id, ()))

    def taken_back(self) -> Iterator[tuple[At, str]]:
        """Yield the openings that an edit or a deletion takes back, and where it does."""
        for at, record in self.records:
            for key in record.decision.cancels:
                yield at, key

    def in_stage(self, intent: Intent, seq: int) -> Stage:
        """Return the stage that a person, or the engine, has last put the version of an intent in before an entry."""
        changes = (
            change.stage
            for at, change in reversed(self.promoted)
            if at.seq < seq and (change.playbook, change.content_hash) == (intent.playbook, intent.content_hash)
        )
        return next(changes, Stage.SANDBOX)


def fills_in_database(place: Place) -> Fills:
    """Return every fill the live database has booked."""
    connection = open_database(place.settings.live)
    try:
        rows = connection.execute("select client_id, fill_id, symbol, quantity from fills").fetchall()
    finally:
        connection.close()
    found: Fills = Counter()
    for client_id, fill_id, symbol, quantity in rows:
        found[client_id, fill_id, symbol] += quantity
    return found


def counts(journal: Journaled, ledgers: dict[str, Ledger]) -> dict[str, int]:
    """Return figures of what happened."""
    found: Counter[str] = Counter()
    for role, number in Counter(each.role.value for each in journal.planned).items():
        found[f"orders planned: {role}"] = number
    for alias, ledger in ledgers.items():
        found[f"orders at {alias}"] = len(ledger.orders)
        found[f"fills at {alias}"] = len(ledger.fills)
    for intent_id in journal.approved:
        for end in journal.ends(intent_id):
            what = f"ended {end.state}" if isinstance(end, Ended) else f"dropped {end.code}"
            found[f"{'close' if intent_id in journal.closes else 'opening'} {what}"] += 1
    for _, intent in journal.intended:
        legs = len(intent.legs)
        found[f"{'openings' if intent.is_opening else 'closes'} of {legs} leg{'s' if legs > 1 else ''}"] += 1
    found["openings of the canary"] = sum(intent.stage is Stage.CANARY for _, intent in journal.intended)
    found["taken back by an edit or a deletion"] = sum(1 for _ in journal.taken_back())
    found["approvals"] = sum(isinstance(each.event, Approved) for steps in journal.steps.values() for each in steps)
    found["messages decided"] = len(journal.decisions)
    found["outcomes approved"] = len(journal.approved)
    return dict(found)
