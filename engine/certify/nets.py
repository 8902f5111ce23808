"""At which prices a net of several legs is accepted."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from engine.certify.bench import ReadBench
from engine.certify.findings import CouldNotRun, Said
from engine.certify.probe import ReadProbe
from engine.certify.read_probes import ACCEPTED, checked
from engine.model.alert import Action
from engine.model.contract import Contract, tick_at
from engine.model.instrument import Right
from engine.model.order import Order, OrderLeg, OrderType, PriceEffect

_PRICES: Final = {
    "SPY": tuple(map(Decimal, ("0.005", "0.01", "0.03", "0.05"))),  # everything steps by a cent
    "AAPL": tuple(map(Decimal, ("0.01", "0.05", "3.01", "3.05"))),  # from $3 on each leg steps by five cents
}
_AHEAD: Final = timedelta(days=14)
_WIDTH: Final = Decimal(5)


async def net_ticks(bench: ReadBench) -> Said:
    """Have verticals checked at nets of finer and coarser steps."""
    rows = []
    refused = []
    for underlying, prices in _PRICES.items():
        legs = await _vertical(bench, underlying)
        for price in prices:
            came = await checked(bench, _spread(bench, legs, price))
            is_on_tick = price % _step(legs, price) == 0
            rows.append((f"{underlying} at ${price}, {'on' if is_on_tick else 'between'} ticks", came))
            if is_on_tick and came != ACCEPTED:
                refused.append(f"{underlying} at ${price}: {came}")
    taken = [tried for tried, came in rows if came == ACCEPTED]
    return Said(not refused, "; ".join(refused) or f"taken: {'; '.join(taken)}", tuple(rows))


def _step(legs: tuple[Contract, Contract], price: Decimal) -> Decimal:
    """Return the step the legs have at a price of their own; of two that differ the coarser one."""
    steps = [step for leg in legs if (step := tick_at(price, leg.ticks)) is not None]
    if len(steps) < len(legs):
        raise CouldNotRun(f"the chain of {legs[0].underlying} says no ticks")
    return max(steps)


async def _vertical(bench: ReadBench, underlying: str) -> tuple[Contract, Contract]:
    """Return two calls of one expiry."""
    chain = await bench.patiently(lambda: bench.reader.chain(underlying))
    calls = [each for each in chain.contracts if each.right is Right.CALL and each.is_standard] if chain else []
    first = bench.setting.clock.now().date() + _AHEAD
    expiries = sorted({each.expiry for each in calls if each.expiry is not None and each.expiry >= first})
    if not expiries:
        raise CouldNotRun(f"{underlying} lists no calls of two weeks and more")
    return _apart(calls, expiries[0])


def _apart(calls: list[Contract], expiry: date) -> tuple[Contract, Contract]:
    strikes = sorted(
        ((each.strike, each) for each in calls if each.expiry == expiry and each.strike is not None),
        key=lambda pair: pair[0],
    )
    low_strike, low = strikes[len(strikes) // 2]
    high = next((contract for strike, contract in strikes if strike >= low_strike + _WIDTH), None)
    if high is None:
        raise CouldNotRun(f"{low.underlying} lists no two calls {_WIDTH} dollars apart")
    return low, high


def _spread(bench: ReadBench, legs: tuple[Contract, Contract], price: Decimal) -> Order:
    low, high = legs
    return Order(
        f"{bench.stem}-net",
        bench.reader.account,
        (
            OrderLeg(low.symbol, low.kind, Action.BUY_TO_OPEN, 1),
            OrderLeg(high.symbol, high.kind, Action.SELL_TO_OPEN, 1),
        ),
        OrderType.LIMIT,
        price=price,
        effect=PriceEffect.DEBIT,
    )


NETS: Final = ReadProbe("net-ticks", "a net is taken at every price at which its legs could be priced", net_ticks)
