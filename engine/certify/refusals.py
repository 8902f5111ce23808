"""Provoked refusals, and the codes they bring."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.certify.bench import SHARE, ReadBench
from engine.certify.findings import Said
from engine.certify.probe import ReadProbe
from engine.certify.read_probes import ACCEPTED, checked
from engine.model.alert import Action
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect, TimeInForce
from engine.model.wire_answer import WireAnswer

_NO_ACCOUNT: Final = "5WZ99999"
_TOO_MANY: Final = 9_000_000


def _provocations(bench: ReadBench) -> Iterator[tuple[str, Order, str]]:
    """Yield what is wrong, the order, and the code it should bring; "" where nobody has seen one."""
    share = bench.share("refused")
    leg = share.legs[0]
    market = replace(share, order_type=OrderType.MARKET, price=None, effect=None, time_in_force=TimeInForce.GTC)
    unlisted = OrderLeg(f"{SHARE:6}301231C99999000", InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 1)
    yield "a purchase for a credit", replace(share, effect=PriceEffect.CREDIT), "cant_buy_for_credit"
    yield (
        "more than there is money for",
        replace(share, legs=(replace(leg, quantity=_TOO_MANY),)),
        "margin_check_failed",
    )
    yield "a market order until cancelled", market, "gtc_market_orders_not_supported"
    yield "an option nobody lists", replace(share, legs=(unlisted,)), "instrument_validation_failed"
    yield "a price between two ticks", replace(share, price=Decimal("5.00137")), ""
    close = replace(leg, action=Action.SELL_TO_CLOSE)
    yield "a close of what is not held", replace(share, legs=(close,), effect=PriceEffect.CREDIT), ""


async def refusals(bench: ReadBench) -> Said:
    """Have orders checked that must be refused, and look for what is not there."""
    rows = []
    unlike = []
    for what, order, code in _provocations(bench):
        came = await checked(bench, order)
        rows.append((what, came))
        if came == ACCEPTED or code not in came:
            unlike.append(what)
    for what, ask, status in _strangers(bench):
        answer = await bench.patiently(ask)
        rows.append((what, f"status {answer.status}"))
        if answer.status != status:
            unlike.append(what)
    came = f"not as known: {', '.join(unlike)}" if unlike else f"all {len(rows)} refused as known"
    return Said(not unlike, came, tuple(rows))


def _strangers(bench: ReadBench) -> Iterator[tuple[str, Callable[[], Awaitable[WireAnswer]], int]]:
    probing = bench.probing
    yield "an order there is not", lambda: probing.get("orders/1", {}), 404
    yield "an account of somebody else", lambda: probing.get(f"/accounts/{_NO_ACCOUNT}/positions", {}), 403
    yield "a path there is not", lambda: probing.get("no-such-thing", {}), 404


REFUSALS: Final = ReadProbe("refusals", "every provoked refusal brings the code it brought before", refusals)
