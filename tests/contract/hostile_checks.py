"""What must hold at an exchange at its worst: after every step, and once everything has come to rest."""

from collections import Counter, defaultdict

from engine.lifecycle.order_state import OrderState
from engine.lifecycle.states import State
from engine.paper.clock import PaperClock
from engine.paper.opening import ACCOUNTS
from engine.paper.orders import Order as TheirOrder
from engine.paper.venue import Environment, Venue
from tests.contract.hostile_engine import Books, Broken, Engine, Tally

_NEVER_DONE = (401, 429)


class MustHold:
    """
    An episode, as far as it is held to anything.

    slots: the units of each, by its id. posts: how often each client id was sent.
    """

    clock: PaperClock
    venue: Venue
    environment: Environment
    engine: Engine
    tally: Tally
    slots: dict[str, int]
    posts: Counter[str]

    def _theirs(self) -> tuple[TheirOrder, ...]:
        return self.venue.exchange.orders(ACCOUNTS[self.environment], self.clock.now())

    def _check(self) -> None:
        theirs = self._theirs()
        self._check_requests()
        self._check_room(theirs)
        self._check_given_up(theirs)
        twice = [fill for fill, times in self.engine.books.fills.items() if times > 1]
        if twice:
            raise Broken(f"booked twice: {twice}")

    def _check_requests(self) -> None:
        for asked in self.venue.journey.asked:
            self.tally.requests += 1
            if asked.route == "place_order" and asked.status not in _NEVER_DONE:
                self.posts[asked.external_identifier] += 1
                if self.posts[asked.external_identifier] > 1:
                    raise Broken(f"{asked.external_identifier} was sent twice")
        self.venue.journey.asked.clear()

    def _check_room(self, theirs: tuple[TheirOrder, ...]) -> None:
        filled: Counter[str] = Counter()
        open_units: Counter[str] = Counter()
        for chain in _chains(theirs):
            slot_id = chain[0].external_identifier.rpartition("-")[0]
            filled[slot_id] += sum(_filled(order) for order in chain)
            open_units[slot_id] += max((order.remaining for order in chain if not order.status.is_final), default=0)
        for slot_id, units in self.slots.items():
            if filled[slot_id] + open_units[slot_id] > units:
                raise Broken(f"{slot_id}: {filled[slot_id]} filled and {open_units[slot_id]} open of {units}")

    def _check_given_up(self, theirs: tuple[TheirOrder, ...]) -> None:
        given_up = {
            order.client_id
            for slot in self.engine.executor.slots.values()
            for order in slot.attempts
            if order.state in (State.UNSENT, State.ABSENT)
        }
        there = given_up & {order.external_identifier for order in theirs}
        if there:
            raise Broken(f"given up, and there all the same: {sorted(there)}")

    def _is_at_rest(self) -> bool:
        executor = self.engine.executor
        is_settled = all(order.is_settled for slot in executor.slots.values() for order in slot.attempts)
        return is_settled and executor.health.may_open and not executor.health.blocked and not executor.busy

    def _compare_all(self) -> None:
        executor, books = self.engine.executor, self.engine.books
        theirs: dict[str, list[TheirOrder]] = defaultdict(list)
        for chain in _chains(self._theirs()):
            if chain[0].external_identifier:
                theirs[chain[0].external_identifier] += chain
        for slot in executor.slots.values():
            for order in slot.attempts:
                self._compare(order, theirs.pop(order.client_id, []), books)
        if theirs:
            raise Broken(f"the exchange has orders nobody knows: {sorted(theirs)}")
        if not executor.health.may_open or executor.health.blocked:
            raise Broken(f"not at rest: {executor.health}")

    def _compare(self, order: OrderState, theirs: list[TheirOrder], books: Books) -> None:
        self.tally.ends[order.state.value] += 1
        what = f"{order.client_id} is {order.state}, at the exchange {[each.status.value for each in theirs]}"
        if not order.state.is_over or not order.is_settled:
            raise Broken(f"{what}: not at its end")
        if order.state in (State.UNSENT, State.ABSENT) and theirs:
            raise Broken(what)
        if any(not each.status.is_final for each in theirs):
            raise Broken(what)
        fills = {(fill.id, leg.symbol): fill for each in theirs for leg in each.legs for fill in leg.fills}
        known = {(fill.id, fill.symbol): fill for fill in order.fills}
        if fills.keys() != known.keys():
            raise Broken(f"{what}; fills {sorted(known)}, there {sorted(fills)}")
        booked = {(fill, symbol) for client_id, fill, symbol in books.fills if client_id == order.client_id}
        if booked != fills.keys():
            raise Broken(f"{what}; booked {sorted(booked)}, there {sorted(fills)}")
        if (order.state is State.FILLED) != (sum(map(_filled, theirs)) >= order.units):
            raise Broken(f"{what}: {sum(map(_filled, theirs))} of {order.units} filled")
        self.tally.fills += len(fills)
        self.tally.placed += bool(theirs)


def _filled(order: TheirOrder) -> int:
    return min(leg.filled // order.ratio(leg) for leg in order.legs)


def _chains(orders: tuple[TheirOrder, ...]) -> list[list[TheirOrder]]:
    """Put orders together with their replacements; only one of each can fill what is left."""
    chains: dict[int, list[TheirOrder]] = {}
    for order in sorted(orders, key=lambda each: each.id):
        chain = chains.get(order.replaces) or []
        chain.append(order)
        chains[order.id] = chain
    return list({id(chain): chain for chain in chains.values()}.values())
