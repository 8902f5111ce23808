"""What must hold between a desk's journal, its database and the exchange, once everything has come to its end."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from engine.journal.projection import rebuild
from engine.journal.verify_log import verify
from engine.model.alert import Asset
from engine.model.instrument import Option
from engine.model.intent import Intent
from engine.model.position import Position
from engine.model.stages import Stage
from engine.plan.entries import Role
from engine.plan.flow import DropCode, Dropped, Ended
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_desk import OPENINGS
from tests.soak.kill_feed import different
from tests.soak.kill_messages import Chat
from tests.soak.kill_process import Place
from tests.soak.kill_truth import (
    ACCOUNTS,
    PRODUCTION,
    SANDBOX,
    Fills,
    Journaled,
    Ledger,
    counts,
    filled_of,
    fills_in_database,
    slot_of,
    units_of,
)

_GIVEN_UP = frozenset({DropCode.TAKEN_BACK, DropCode.CLOSED_FIRST})
LEGITIMATE = _GIVEN_UP | {
    "too_late",
    "unanswered",
    "trading_reduced",
    "other_version_sends",
    "opposite_position",
}
"""
Codes an opening may be dropped with here: what a kill can do to alerts that were good when they were posted.

trading_reduced: while it is not known what became of an order, its account takes no openings. other_version_sends: two
messages were decided for the last opening of a canary. opposite_position: spreads share strikes.
"""
AWKWARD = {"not_listed", "no_price", "sandbox_refused", "account_not_ready", "account_reducing", "position_mismatch"}
NOT_KNOWN = re.compile(r"quote_.*|.*_unknown|.*_unanswered")
"""And what an exchange can do to them that does not answer: what is not known opens nothing."""
OF_CLOSES = frozenset({"nothing_to_close"})
"""A close waits for whoever does not answer; only another close may have taken what it means."""
_NEVER_SENT = frozenset({"absent", "unsent"})
_OVER = _NEVER_SENT | {"filled"}
_THEIRS = {"filled": "Filled", "cancelled": "Cancelled", "expired": "Expired", "rejected": "Rejected"}
_FINAL = frozenset({"Filled", "Cancelled", "Expired", "Rejected", "Removed", "Partially Removed"})
_TAKES = timedelta(seconds=2)  # what is taken back may be on its way, but no longer than that


@dataclass(frozen=True)
class Case:
    """A home after a wave. rulebook: of the process that ended. is_calm: whether the exchange does all it should."""

    place: Place
    rulebook: Rulebook
    chat: Chat
    is_calm: bool


@dataclass
class Report:
    """What was found. broken: in words. held: ids of messages whose openings are held. counts: of everything."""

    broken: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Both:
    """Both sides of the story: the journal, and the exchange by the alias of its accounts."""

    case: Case
    journal: Journaled
    ledgers: dict[str, Ledger]


def check(case: Case, report: Path) -> None:
    """Look at everything, and write down what was found."""
    found = Report()
    try:
        journal = Journaled(case.place, case.rulebook)
        both = Both(case, journal, {alias: Ledger(case.place, alias) for alias in ACCOUNTS})
        found.broken += [f"journal: {problem.message}" for problem in verify(case.place.settings.journal).problems]
        for claim in CLAIMS:
            found.broken += [f"{claim.__name__[1:]}: {each}" for each in claim(both)]
        found.held = _held(journal)
        found.counts = counts(journal, both.ledgers)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was found
        found.broken.append(f"could not be checked: {type(error).__name__}: {error}")
    report.write_bytes(msgspec.json.encode(found))


# ---------------------------------------------------------------- decisions and intents


def _decided_once(both: Both) -> Iterator[str]:
    journal = both.journal
    for (message, event), times in journal.decisions.items():
        if times > 1:
            yield f"message {message}, event {event} was decided {times} times"
    for intent_id, times in journal.written.items():
        if times > 1 or intent_id not in journal.approved:
            yield f"intent {intent_id} was written {times} times, approved {intent_id in journal.approved}"


def _ended(both: Both) -> Iterator[str]:
    """Nothing is lost: every approved outcome has one end, a legitimate one, and the exchange says the same."""
    for intent_id in both.journal.approved:
        ends = both.journal.ends(intent_id)
        if len(ends) == 1:
            yield from _end(both, intent_id, ends[0])
        else:
            yield f"{intent_id} has the ends {ends}"


def _end(both: Both, intent_id: str, end: Ended | Dropped) -> Iterator[str]:
    theirs = [order for ledger in both.ledgers.values() for order in ledger.of_slot(intent_id)]
    if isinstance(end, Dropped):
        if not _is_legitimate(both, intent_id, end.code):
            yield f"{intent_id} was dropped: {end.code}, {end.why}"
        if theirs:
            yield f"{intent_id} was dropped ({end.code}), and its order is at the exchange"
        return
    if sum(map(filled_of, theirs)) != end.filled:
        yield f"{intent_id} ended with {end.filled} filled, {sum(map(filled_of, theirs))} are at the exchange"
    last = theirs[-1]["status"] if theirs else ""
    if last != _THEIRS.get(end.state, ""):
        yield f"{intent_id} ended {end.state}, and its order is {last or 'not'} at the exchange"
    if both.case.is_calm:
        yield from _calm_end(both, intent_id, end)


def _is_legitimate(both: Both, intent_id: str, code: str) -> bool:
    if intent_id in both.journal.closes:
        return code in OF_CLOSES
    return code in LEGITIMATE or (not both.case.is_calm and (code in AWKWARD or bool(NOT_KNOWN.fullmatch(code))))


def _calm_end(both: Both, intent_id: str, end: Ended) -> Iterator[str]:
    """Where the exchange does what it should an opening fills or is taken back, and a close fills."""
    is_opening = intent_id in both.journal.openings
    if end.state not in _OVER and not (is_opening and both.journal.asked_to_cancel(intent_id)):
        yield f"{intent_id} ended {end.state}"
    if end.state in _NEVER_SENT and not is_opening:
        yield f"the close {intent_id} ended {end.state}"


# ---------------------------------------------------------------- orders


def _sent_once(both: Both) -> Iterator[str]:
    known = {planned.order.client_id: planned for planned in both.journal.planned}
    if len(known) != len(both.journal.planned):
        yield "a client id was planned twice"
    for alias, ledger in both.ledgers.items():
        taken = Counter(order["external-identifier"] for order in ledger.orders)
        asked = Counter(each["external_identifier"] for each in ledger.asked if each["status"] not in _NEVER_DONE)
        for client_id, times in (asked | taken).items():
            if times > 1:
                yield f"{client_id}: {asked[client_id]} requests in {alias}, {taken[client_id]} orders"
            planned = known.get(client_id)
            if planned is None or planned.account != alias:
                yield f"{client_id} is at the exchange's {alias} and was not planned for it"


_NEVER_DONE = (401, 429)  # such an answer says by itself that nothing was done


def _traded_once(both: Both) -> Iterator[str]:
    """One order for an opening, one probe, and for a close no more than its attempts."""
    planned = Counter((each.intent_id, each.role) for each in both.journal.planned)
    for (intent_id, role), times in planned.items():
        if times > 1 and (role is Role.PROBE or (role is Role.TRADE and intent_id in both.journal.openings)):
            yield f"{times} orders of {intent_id} for {role.value}"
    for alias in both.ledgers:
        for slot in both.journal.slots(alias).values():
            if slot.filled > slot.units:
                yield f"slot {slot.id} of {slot.units} filled {slot.filled}"
            if any(not attempt.is_settled for attempt in slot.attempts):
                yield f"slot {slot.id} in {alias} is not at its end: {[each.state.value for each in slot.attempts]}"


def _within_slots(both: Both) -> Iterator[str]:
    """At the exchange too an order is never of more than its slot has left, and none is beside another."""
    for alias, ledger in both.ledgers.items():
        slots = both.journal.slots(alias)
        for slot_id in {slot_of(order) for order in ledger.orders} & slots.keys():
            filled, ended_at = 0, ""
            for order in ledger.of_slot(slot_id):
                if order["status"] not in _FINAL:
                    yield f"{order['external-identifier']} is {order['status']} at the exchange"
                if filled + units_of(order) > slots[slot_id].units:
                    yield f"{order['external-identifier']} is of more than slot {slot_id} had left"
                if order["received-at"] < ended_at:
                    yield f"{order['external-identifier']} came beside another order of its slot"
                filled, ended_at = filled + filled_of(order), order.get("terminal-at", "")


def _fills(both: Both) -> Iterator[str]:
    """Every fill is booked, once, in full: in the journal, and in the database."""
    booked = fills_in_database(both.case.place)
    for alias, ledger in both.ledgers.items():
        slots, theirs = both.journal.slots(alias), ledger.fills
        ours: Fills = Counter()
        for attempt in (each for slot in slots.values() for each in slot.attempts):
            ours.update({(attempt.client_id, fill.id, fill.symbol): fill.quantity for fill in attempt.fills})
        for key in sorted(ours.keys() | theirs.keys()):
            if not ours[key] == theirs[key] == booked[key]:
                where = f"{ours[key]} in the journal, {booked[key]} in the database"
                yield f"fill {key} in {alias}: {where}, {theirs[key]} at the exchange"
        for intent_id in both.journal.approved.keys() & slots.keys():
            said = [each.filled for each in both.journal.ends(intent_id) if isinstance(each, Ended)]
            if said and said != [slots[intent_id].filled]:
                yield f"{intent_id} ended with {said} filled, its slot has {slots[intent_id].filled}"
    known = {key for ledger in both.ledgers.values() for key in ledger.fills}
    yield from (f"fill {key} is in the database and nowhere else" for key in sorted(booked.keys() - known))


def _flat(both: Both) -> Iterator[str]:
    slots = both.journal.slots(SANDBOX)
    for slot_id, slot in slots.items():
        if slot_id[32:] == "p":
            unwound = slots.get(f"{slot_id[:32]}u")
            if slot.filled != (0 if unwound is None else unwound.filled):
                yield f"probe {slot_id} filled {slot.filled} and was not flattened"


# ---------------------------------------------------------------- positions


def _positions(both: Both) -> Iterator[str]:
    journal = both.journal
    held = journal.so_far.book.held()
    for alias, ledger in both.ledgers.items():
        ours = {symbol: quantity for symbol, quantity in journal.executors[alias].ours.items() if quantity}
        if ours != ledger.positions:
            yield f"{alias}: fills make {ours}, the exchange holds {ledger.positions}"
        booked = _summed(each for each in held if each.account == alias)
        traded = _traded(journal, alias)
        if booked != traded:
            yield f"{alias}: the book holds {booked}, orders of alerts filled {traded}"
    believed = msgspec.json.decode(both.case.place.held.read_bytes(), type=tuple[Position, ...])
    if _summed(believed) != _summed(held):
        yield f"the process that ended held {_summed(believed)}, its journal says {_summed(held)}"


def _traded(journal: Journaled, alias: str) -> dict[str, Decimal]:
    """Return what the orders of alerts in an account add up to, by symbol."""
    found: Counter[str] = Counter()
    trades = {each.slot_id for each in journal.planned if each.role is Role.TRADE and each.account == alias}
    for slot_id in trades:
        for attempt in journal.slots(alias)[slot_id].attempts:
            signs = {leg.symbol: 1 if leg.action.buys else -1 for leg in attempt.order.legs}
            for fill in attempt.fills:
                found[fill.symbol] += signs[fill.symbol] * fill.quantity
    return {symbol: Decimal(quantity) for symbol, quantity in found.items() if quantity}


def _summed(positions: Iterable[Position]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in positions:
        for leg in each.legs:
            symbol = leg.symbol or ""
            if leg.asset is Asset.OPTION and leg.expiry and leg.right and leg.strike is not None:
                symbol = Option(symbol, leg.expiry, leg.right, leg.strike).occ
            quantity = leg.ratio * (each.quantity or 0) * (1 if leg.action.buys else -1)
            found[symbol] = found.get(symbol, Decimal(0)) + quantity
    return {symbol: quantity for symbol, quantity in found.items() if quantity}


# ---------------------------------------------------------------- stages


def _promoted(both: Both) -> Iterator[str]:
    """Nothing opens in production but by a version that was promoted before, at the stage it was promoted to."""
    journal = both.journal
    for at, planned in journal.plans:
        intent = journal.intents[planned.intent_id]
        if planned.account != PRODUCTION or not intent.is_opening:
            continue
        stage = journal.in_stage(intent, at.seq)
        if planned.role is not Role.TRADE or not stage.is_real or stage is not intent.stage:
            yield f"{planned.order.client_id} went to production, and its version is in {stage.value}"
    opened = {slot_of(order) for order in both.ledgers[PRODUCTION].orders} & journal.openings
    by_canary = {key for key in opened if journal.intents[key].stage is Stage.CANARY}
    counted = [
        intent for _, intent in journal.intended if intent.stage is Stage.CANARY and _counts_as_sent(both, intent)
    ]
    if len(by_canary) > OPENINGS or len(counted) > OPENINGS:
        yield f"the canary may open {OPENINGS}, has sent {len(by_canary)}, and counts {len(counted)}"
    sent = Counter((journal.intents[key].playbook, journal.intents[key].message_id) for key in opened)
    yield from (f"{times} openings of {of} went to production" for of, times in sent.items() if times > 1)


def _counts_as_sent(both: Both, intent: Intent) -> bool:
    return not any(isinstance(each, Dropped) for each in both.journal.ends(intent.id))


# ---------------------------------------------------------------- what authors take back


def _obeyed(both: Both) -> Iterator[str]:
    """What was taken back before it was sent is never sent; what rests is cancelled; what is closed is not held."""
    journal = both.journal
    for at, key in journal.taken_back():
        sent, ended = journal.sent_at(key), journal.ended_at(key)
        if ended is not None and ended.seq < at.seq:
            continue
        if sent is not None and sent.seq > at.seq and sent.at - at.at > _TAKES:
            yield f"{key} was sent {sent.at - at.at} after it was taken back"
        if sent is not None and not journal.asked_to_cancel(key) and not _is_filled(both, key):
            yield f"{key} was taken back while its order worked, and nobody asked for a cancel"
    if both.case.is_calm:
        yield from _resting(both)
        yield from _out(both)


def _is_filled(both: Both, key: str) -> bool:
    return any(isinstance(end, Ended) and not end.unfilled for end in both.journal.ends(key))


def _resting(both: Both) -> Iterator[str]:
    """What cannot fill at its price has not, whatever took it back."""
    for _, intent in both.journal.intended:
        if intent.message_id in both.case.chat.resting and intent.event == 1 and intent.is_opening:
            filled = [end.filled for end in both.journal.ends(intent.id) if isinstance(end, Ended) and end.filled]
            if filled:
                yield f"{intent.id} rested at its price, and {filled} of it filled"


def _out(both: Both) -> Iterator[str]:
    """Nothing is held of what its author has closed altogether."""
    outs = {each.reply_to: each for each in both.case.chat.events if each.content == "all out"}
    heard = {record.message.id for _, record in both.journal.records}
    openings = {intent.message_id for _, intent in both.journal.intended if intent.is_opening}
    for position in both.journal.so_far.book.held():
        out = outs.get(position.opened_by)
        # What another message has added by now is not what was answered; a version that is tried closes nothing.
        is_lone = not openings & set(position.followed_by)
        is_lone = is_lone and (position.playbook != "trying" or position.account == PRODUCTION)
        if out is not None and out.id in heard and is_lone and position.quantity:
            yield f"message {out.id} closed {position.opened_by}, and {position.quantity} of it are held"


# ---------------------------------------------------------------- the database


def _database(both: Both) -> Iterator[str]:
    place = both.case.place
    anew = place.home / "anew.duckdb"
    anew.unlink(missing_ok=True)
    rebuild(place.settings.journal, anew)
    yield from different(anew, place.settings.live, {})


CLAIMS = (
    _decided_once,
    _ended,
    _sent_once,
    _traded_once,
    _within_slots,
    _fills,
    _flat,
    _positions,
    _promoted,
    _obeyed,
    _database,
)


# ---------------------------------------------------------------- figures


def _held(journal: Journaled) -> list[str]:
    return [each.opened_by for each in journal.so_far.book.held() if each.quantity]
