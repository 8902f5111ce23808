"""When the session ends that a day order works in."""

from datetime import datetime, timedelta
from typing import Final

from engine.model.alert import Asset
from engine.model.limits import Hours
from engine.model.order import InstrumentKind, Order, TimeInForce
from engine.parse.sessions import next_session_of, session_at

_ASSETS: Final = {
    InstrumentKind.EQUITY: Asset.STOCK,
    InstrumentKind.EQUITY_OPTION: Asset.OPTION,
    InstrumentKind.FUTURE: Asset.FUTURE,
    InstrumentKind.FUTURE_OPTION: Asset.FUTURE,
}
_HOURS: Final = {TimeInForce.DAY: Hours.REGULAR, TimeInForce.EXT: Hours.EXTENDED}
_AFTERWARDS: Final = timedelta(minutes=1)


def day_ends_at(order: Order, moment: datetime) -> datetime | None:
    """
    Return when a day order sent at a moment should have expired, a minute given; None for one good for longer.

    moment: aware UTC. An order sent while its market is closed works in the next session.
    """
    leg = order.legs[0]
    asset, hours = _ASSETS.get(leg.kind), _HOURS.get(order.time_in_force)
    if asset is None or hours is None:
        return None
    underlying = leg.symbol.removeprefix(".").split()[0]
    session = session_at(asset, underlying, moment, hours) or next_session_of(asset, underlying, moment, hours)
    return session.close + _AFTERWARDS
