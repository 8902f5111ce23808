"""Taking back whatever probes placed."""

from collections.abc import Awaitable
from typing import Final

from engine.certify.bench import TradeBench
from engine.model.errors import BrokerError, OrderRefused
from engine.model.order import PlacedOrder

_LOOKS: Final = 12
_LATE: Final = 4  # an order nobody answered for may show up only now
_PAUSE: Final = 2.0


async def clear(bench: TradeBench) -> tuple[str, ...]:
    """
    Cancel every order of a run that still works, and return what is left of them, a sentence each.

    Orders are found by their identifier, so one whose placing was never answered is found as well.
    """
    try:
        for complex_id in bench.complex_ids:
            await _asked(bench.cancel_complex(complex_id))
        working = await _working(bench)
        for look in range(_LOOKS):
            if not working and (look >= _LATE or not bench.has_unanswered):
                break
            for order in working:
                await _asked(bench.cancel(order.id))
            await bench.setting.wait(_PAUSE)
            working = await _working(bench)
        return tuple(map(_sentence, (*working, *await _filled(bench))))
    except BrokerError as error:
        return (f"it is not known whether orders named {bench.stem}-… still work: {error.code}: {error}",)


async def _asked(asking: Awaitable[object]) -> None:
    try:
        await asking
    except OrderRefused:
        return  # it is final already, or about to be: the next look tells


async def _working(bench: TradeBench) -> tuple[PlacedOrder, ...]:
    return tuple(order for order in await bench.mine() if not order.status.is_final)


async def _filled(bench: TradeBench) -> tuple[PlacedOrder, ...]:
    return tuple(order for order in await bench.mine() if order.fills)


def _sentence(order: PlacedOrder) -> str:
    what = "was filled: a share is held" if order.fills else f"is {order.status.value}: cancel it by hand"
    return f"order {order.id} ({order.client_id}) {what}"
