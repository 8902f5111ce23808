"""Fills: what they make of an order, and when positions and cash show them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.paper.conduct import Quirk
from engine.paper.desk import Desk
from engine.paper.matching import Match
from engine.paper.orders import Fill, Leg, Order
from engine.paper.settling import Settling
from engine.paper.tickets import Ticket
from engine.paper.words import Status


class Filling:
    """Fills orders, and books the fills a while later."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._settling = Settling(desk)
        self._fills = 0

    def fill(self, ticket: Ticket, found: Match, at: datetime) -> None:
        """Fill units of an order at prices of its legs, say so, and have it booked later."""
        order = ticket.order
        self._fills += 1
        legs = tuple(self._filled(order, place, found.units, price, at) for place, price in enumerate(found.prices))
        is_filled = legs[0].remaining == 0
        if is_filled and len(legs) > 1 and Quirk.SHORT_REPORT in ticket.quirks:
            self._say_short(order, legs, at)
        changes: dict[str, object] = {"legs": legs}
        if is_filled:
            changes["status"] = Status.FILLED
        elif order.status is Status.IN_FLIGHT:
            changes |= {"status": Status.LIVE, "live_at": at}
        self._desk.change(ticket, at, **changes)
        news = tuple(leg.fills[-1] for leg in legs)
        wait = self._desk.draws.wait(self._desk.setup.conduct.booking, f"booking/{news[0].id}")
        self._desk.agenda.add(at + wait, lambda now: self._book(ticket, news, now))

    def _filled(self, order: Order, place: int, units: int, price: Decimal, at: datetime) -> Leg:
        leg = order.legs[place]
        quantity = units * order.ratio(leg)
        number = f"{order.id}.{self._fills}"
        fill = Fill(
            id=f"{number}.{place}",
            quantity=quantity,
            price=price,
            at=at,
            venue=self._desk.setup.conduct.venue,
            exec_id=str(self._fills),
            group_id=number,
        )
        return replace(leg, remaining=leg.remaining - quantity, fills=(*leg.fills, fill))

    def _say_short(self, order: Order, legs: tuple[Leg, ...], at: datetime) -> None:
        """Say an order is filled with the fills of its first leg alone."""
        later = tuple(replace(leg, fills=leg.fills[:-1]) for leg in legs[1:])
        said = replace(order, legs=(legs[0], *later), status=Status.FILLED, updated_at=at, terminal_at=at)
        self._desk.book.say(at, order.account, said)

    def _book(self, ticket: Ticket, fills: tuple[Fill, ...], at: datetime) -> None:
        order = ticket.order
        if ticket.is_forgotten:
            return
        ledger = self._desk.ledgers[order.account]
        ticket.booked += fills[0].quantity
        for leg, fill, instrument in zip(order.legs, fills, ticket.instruments, strict=True):
            position = ledger.book(order, leg, fill, instrument, at)
            self._desk.book.say(at, order.account, self._desk.marked(position, at))
            self._settling.expect(order.account, instrument)
        self._desk.say_balance(order.account, at)
