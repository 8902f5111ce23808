"""What must hold between a desk's journal, its database and the exchange, once everything has come to its end."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from engine.adapters.clock import SystemClock
from engine.app.connections import connections
from engine.app.credentials import paper_number
from engine.app.trading_so_far import RUN, TradingSoFar, approved
from engine.execute.executor import Executor
from engine.journal.entry_bodies import decided
from engine.journal.log import JournalLog, read_entries
from engine.journal.projection import rebuild
from engine.journal.trade_log import JournalTradeLog, trade_entries
from engine.journal.verify_log import verify
from engine.lifecycle.slot import Purpose, Slot
from engine.model.alert import Asset
from engine.model.desk import AccountKind
from engine.model.entry import EntryKind
from engine.model.instrument import Option
from engine.model.position import Position
from engine.paper.opening import grants
from engine.paper.venue import Environment
from engine.plan.entries import FlowHappened, Intended, Planned, Role
from engine.plan.flow import Dropped, Ended
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_feed import different
from tests.soak.kill_process import Place

_KINDS = {
    "cert": (AccountKind.SANDBOX, Environment.SANDBOX, 0),
    "main": (AccountKind.PRODUCTION, Environment.PRODUCTION, 1),
}
LEGITIMATE = frozenset({"too_late", "unanswered", "nothing_to_close", "trading_reduced"})
"""
Codes an intent may be dropped with here: what a kill can do to alerts that were good when they were posted.

trading_reduced: while it is not known what became of an order, its account takes no openings.
"""
_NEVER_SENT = frozenset({"absent", "unsent"})
_OVER = _NEVER_SENT | {"filled"}


@dataclass
class Report:
    """What was found. broken: in words. filled: ids of messages whose openings are held. counts: of everything."""

    broken: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


# ---------------------------------------------------------------- the exchange's own words


class Ledger:
    """One account as the exchange has it: orders, positions, and every request about orders."""

    def __init__(self, place: Place, alias: str) -> None:
        kind, environment, offset = _KINDS[alias]
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

    @property
    def fills(self) -> Counter[tuple[str, str]]:
        """How many contracts each fill was of, by client id and fill id."""
        found: Counter[tuple[str, str]] = Counter()
        for order in self.orders:
            for leg in order["legs"]:
                for fill in leg.get("fills") or ():
                    found[order["external-identifier"], fill["fill-id"]] += int(fill["quantity"])
        return found


def _signed(position: dict[str, Any]) -> Decimal:
    quantity = Decimal(str(position["quantity"]))
    return -quantity if position["quantity-direction"] == "Short" else quantity


# ---------------------------------------------------------------- the journal


@dataclass
class Journaled:
    """The journal, folded as a process that starts would."""

    place: Place
    rulebook: Rulebook

    def __post_init__(self) -> None:
        assert self.rulebook.desk is not None
        clock = SystemClock()
        joined = connections(self.rulebook.desk, self.place.settings, clock)
        with JournalLog.open(self.place.home / "no-journal", clock.now) as nowhere:
            log = JournalTradeLog(nowhere, RUN)
            self.executors = {
                alias: Executor(alias, kind, joined.broker(alias), log, clock, None)  # type: ignore[arg-type]
                for alias, (kind, _, _) in _KINDS.items()
            }
        self.so_far = TradingSoFar(self.rulebook, self.executors, tuple(self.executors.values()))
        self.so_far.fold(read_entries(self.place.settings.journal))
        self.approved: dict[str, str] = {}
        self.decisions: Counter[tuple[str, int]] = Counter()
        for entry in read_entries(self.place.settings.journal):
            if entry.kind is EntryKind.DECIDED:
                records = decided(entry.body).records
                self.decisions[records[0].message.id, records[0].message.event] += 1
                for record in records:
                    self.approved |= {key: record.message.id for key, _ in approved(record)}
        bodies = [each.body for each in trade_entries(read_entries(self.place.settings.journal))]
        self.intents = Counter(body.intent.id for body in bodies if isinstance(body, Intended))
        self.openings = {body.intent.id for body in bodies if isinstance(body, Intended) and body.intent.is_opening}
        self.planned = [body for body in bodies if isinstance(body, Planned)]
        self.steps: dict[str, list[object]] = {}
        for body in bodies:
            if isinstance(body, FlowHappened):
                self.steps.setdefault(body.intent_id, []).append(body.event)

    def slots(self, alias: str) -> dict[str, Slot]:
        return dict(self.executors[alias].slots)

    def ends(self, intent_id: str) -> list[Ended | Dropped]:
        return [each for each in self.steps.get(intent_id, ()) if isinstance(each, Ended | Dropped)]


# ---------------------------------------------------------------- what must hold


def check(place: Place, rulebook: Rulebook, report: Path) -> None:
    """Look at everything, and write down what was found."""
    found = Report()
    try:
        journaled = Journaled(place, rulebook)
        ledgers = {alias: Ledger(place, alias) for alias in _KINDS}
        found.broken += [f"journal: {problem.message}" for problem in verify(place.settings.journal).problems]
        for claim in (_decided_once, _ended, _sent_once, _traded_once, _fills, _positions, _flat, _database):
            found.broken += [f"{claim.__name__[1:]}: {each}" for each in claim(place, journaled, ledgers)]
        found.filled = _held(journaled)
        found.counts = _counts(journaled, ledgers)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was found
        found.broken.append(f"could not be checked: {type(error).__name__}: {error}")
    report.write_bytes(msgspec.json.encode(found))


Ledgers = dict[str, Ledger]


def _decided_once(_: Place, journaled: Journaled, __: Ledgers) -> Iterator[str]:
    for (message, event), times in journaled.decisions.items():
        if times > 1:
            yield f"message {message}, event {event} was decided {times} times"
    for intent_id, times in journaled.intents.items():
        if times > 1 or intent_id not in journaled.approved:
            yield f"intent {intent_id} was written {times} times, approved {intent_id in journaled.approved}"


def _ended(_: Place, journaled: Journaled, ledgers: Ledgers) -> Iterator[str]:
    """Nothing is lost: every approved outcome has one end, and a legitimate one."""
    taken = {order["external-identifier"] for ledger in ledgers.values() for order in ledger.orders}
    for intent_id in journaled.approved:
        ends = journaled.ends(intent_id)
        if len(ends) == 1:
            yield from _end(intent_id, ends[0], is_taken=f"{intent_id}-1" in taken, journaled=journaled)
        else:
            yield f"{intent_id} has the ends {ends}"


def _end(intent_id: str, end: Ended | Dropped, *, is_taken: bool, journaled: Journaled) -> Iterator[str]:
    if isinstance(end, Dropped):
        if end.code not in LEGITIMATE:
            yield f"{intent_id} was dropped: {end.code}, {end.why}"
        if is_taken:
            yield f"{intent_id} was dropped ({end.code}), and its order is at the exchange"
        return
    if end.state not in _OVER:
        yield f"{intent_id} ended {end.state}"
    if end.state in _NEVER_SENT and is_taken:
        yield f"{intent_id} ended {end.state}, and its order is at the exchange"
    if end.state in _NEVER_SENT and intent_id not in journaled.openings:
        yield f"the close {intent_id} ended {end.state}"


def _sent_once(_: Place, journaled: Journaled, ledgers: Ledgers) -> Iterator[str]:
    known = {planned.order.client_id: planned for planned in journaled.planned}
    if len(known) != len(journaled.planned):
        yield "a client id was planned twice"
    for alias, ledger in ledgers.items():
        asked = Counter(each["external_identifier"] for each in ledger.asked)
        taken = Counter(order["external-identifier"] for order in ledger.orders)
        for client_id, times in (asked | taken).items():
            if times > 1:
                yield f"{client_id}: {asked[client_id]} requests in {alias}, {taken[client_id]} orders"
            planned = known.get(client_id)
            if planned is None or planned.account != alias:
                yield f"{client_id} is at the exchange's {alias} and was not planned for it"


def _traded_once(_: Place, journaled: Journaled, ledgers: Ledgers) -> Iterator[str]:
    """One order for an opening, one probe, and for a close no more than its attempts."""
    planned = Counter((each.intent_id, each.role) for each in journaled.planned)
    for (intent_id, role), times in planned.items():
        if times > 1 and (role is Role.PROBE or (role is Role.TRADE and intent_id in journaled.openings)):
            yield f"{times} orders of {intent_id} for {role.value}"
    for alias in ledgers:
        for slot in journaled.slots(alias).values():
            if slot.filled > slot.units:
                yield f"slot {slot.id} of {slot.units} filled {slot.filled}"
            if any(not attempt.is_settled for attempt in slot.attempts):
                yield f"slot {slot.id} in {alias} is not at its end: {[each.state.value for each in slot.attempts]}"


def _fills(_: Place, journaled: Journaled, ledgers: Ledgers) -> Iterator[str]:
    """Every fill is booked, once, in full."""
    for alias, ledger in ledgers.items():
        slots, theirs = journaled.slots(alias), ledger.fills
        ours: Counter[tuple[str, str]] = Counter()
        for attempt in (each for slot in slots.values() for each in slot.attempts):
            ours.update({(attempt.client_id, fill.id): fill.quantity for fill in attempt.fills})
        for key in sorted(ours.keys() | theirs.keys()):
            if ours[key] != theirs[key]:
                yield f"fill {key} in {alias}: {ours[key]} in the journal, {theirs[key]} at the exchange"
        for intent_id in journaled.approved.keys() & slots.keys():
            said = [each.filled for each in journaled.ends(intent_id) if isinstance(each, Ended)]
            if said and said != [slots[intent_id].filled]:
                yield f"{intent_id} ended with {said} filled, its slot has {slots[intent_id].filled}"


def _positions(place: Place, journaled: Journaled, ledgers: Ledgers) -> Iterator[str]:
    held = journaled.so_far.book.held()
    for alias, ledger in ledgers.items():
        ours = {symbol: quantity for symbol, quantity in journaled.executors[alias].ours.items() if quantity}
        if ours != ledger.positions:
            yield f"{alias}: fills make {ours}, the exchange holds {ledger.positions}"
        booked = _summed(each for each in held if each.account == alias)
        traded = _traded(journaled, alias)
        if booked != traded:
            yield f"{alias}: the book holds {booked}, orders of alerts filled {traded}"
    believed = msgspec.json.decode(place.held.read_bytes(), type=tuple[Position, ...])
    if _summed(believed) != _summed(held):
        yield f"the process that ended held {_summed(believed)}, its journal says {_summed(held)}"


def _traded(journaled: Journaled, alias: str) -> dict[str, Decimal]:
    """Return what the orders of alerts in an account add up to, by symbol."""
    found: Counter[str] = Counter()
    trades = {each.slot_id for each in journaled.planned if each.role is Role.TRADE and each.account == alias}
    for slot_id in trades:
        slot = journaled.slots(alias)[slot_id]
        sign = 1 if slot.purpose is Purpose.ENTRY else -1
        for attempt in slot.attempts:
            for fill in attempt.fills:
                found[fill.symbol] += sign * fill.quantity
    return {symbol: Decimal(quantity) for symbol, quantity in found.items() if quantity}


def _summed(positions: Iterable[Position]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in positions:
        for leg in each.legs:
            symbol = leg.symbol or ""
            if leg.asset is Asset.OPTION and leg.expiry and leg.right and leg.strike is not None:
                symbol = Option(symbol, leg.expiry, leg.right, leg.strike).occ
            found[symbol] = found.get(symbol, Decimal(0)) + leg.ratio * (each.quantity or 0)
    return {symbol: quantity for symbol, quantity in found.items() if quantity}


def _flat(_: Place, journaled: Journaled, __: Ledgers) -> Iterator[str]:
    slots = journaled.slots("cert")
    for slot_id, slot in slots.items():
        if slot_id[32:] == "p":
            unwound = slots.get(f"{slot_id[:32]}u")
            if slot.filled != (0 if unwound is None else unwound.filled):
                yield f"probe {slot_id} filled {slot.filled} and was not flattened"


def _database(place: Place, _: Journaled, __: Ledgers) -> Iterator[str]:
    anew = place.home / "anew.duckdb"
    anew.unlink(missing_ok=True)
    rebuild(place.settings.journal, anew)
    yield from different(anew, place.settings.live, {})


def _held(journaled: Journaled) -> list[str]:
    return [each.opened_by for each in journaled.so_far.book.held() if each.quantity and each.quantity > 1]


def _counts(journaled: Journaled, ledgers: Ledgers) -> dict[str, int]:
    found: Counter[str] = Counter()
    for role, number in Counter(each.role.value for each in journaled.planned).items():
        found[f"orders planned: {role}"] = number
    for alias, ledger in ledgers.items():
        found[f"orders at {alias}"] = len(ledger.orders)
        found[f"fills at {alias}"] = len(ledger.fills)
    for intent_id in journaled.approved:
        for end in journaled.ends(intent_id):
            what = f"ended {end.state}" if isinstance(end, Ended) else f"dropped {end.code}"
            found[f"{'opening' if intent_id in journaled.openings else 'close'} {what}"] += 1
    found["messages decided"] = len(journaled.decisions)
    found["outcomes approved"] = len(journaled.approved)
    return dict(found)
