"""What the account stream tells its listeners, and what goes wrong with it."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.paper.account_views import status_json
from engine.paper.answers import Happened, Subject
from engine.paper.faults import QUOTES, Faults, Slip
from engine.paper.holding_views import balance_json, position_json
from engine.paper.holdings import Balance, Position, TradingStatus
from engine.paper.order_views import complex_json, streamed_order
from engine.paper.orders import Order
from engine.paper.wire import Json, millis

ODD_STATUS: Final = "Dead"


class Kind(StrEnum):
    """What a message is about."""

    ORDER = "Order"
    COMPLEX_ORDER = "ComplexOrder"
    POSITION = "CurrentPosition"
    BALANCE = "AccountBalance"
    TRADING_STATUS = "TradingStatus"


MESSAGES: Final = frozenset({QUOTES, *(kind.value for kind in Kind)})


class Listener:
    """One connection. messages: what it has to be told; None stands for hanging up."""

    def __init__(self) -> None:
        self.accounts: set[str] = set()
        self.messages: asyncio.Queue[Json | None] = asyncio.Queue()
        self.is_frozen = False

    def give(self, message: Json | None) -> None:
        """Have it told a message."""
        if not self.is_frozen:
            self.messages.put_nowait(message)


class AccountHub:
    """Every connection to the account stream of one environment."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._listeners: list[Listener] = []
        self._held: list[tuple[str, Json]] = []

    def join(self) -> Listener:
        """Add a connection; it hears of no account yet."""
        listener = Listener()
        self._listeners.append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Remove a connection."""
        self._listeners.remove(listener)

    def tell(self, happened: Happened) -> None:
        """Tell everyone who listens to the account, unless something goes wrong with it."""
        message = message_json(happened)
        slip = self._faults.slip(str(message["type"]))
        match slip:
            case Slip.LOSE:
                return
            case Slip.SWAP:
                self._held.append((happened.account, message))
                return
            case Slip.CLOSE | Slip.FREEZE:
                self._break(happened.account, is_frozen=slip is Slip.FREEZE)
                return
            case Slip.ODD_STATUS | Slip.ODD_USER:
                message = _odd(message, slip)
        for _ in range(2 if slip is Slip.DOUBLE else 1):
            self._give(happened.account, message)
        late = [held for held in self._held if held[1]["type"] == message["type"]]
        self._held = [held for held in self._held if held[1]["type"] != message["type"]]
        for account, held in late:
            self._give(account, held)

    def _give(self, account: str, message: Json) -> None:
        for listener in self._listeners:
            if account in listener.accounts:
                listener.give(message)

    def _break(self, account: str, *, is_frozen: bool) -> None:
        for listener in self._listeners:
            if account in listener.accounts:
                listener.is_frozen = is_frozen
                listener.give(None)


def message_json(happened: Happened) -> Json:
    """Write one message of the account stream."""
    kind, data = _data(happened.subject)
    return {"type": kind.value, "data": data, "timestamp": millis(happened.at)}


def _data(subject: Subject) -> tuple[Kind, Json]:
    match subject:
        case Order():
            return Kind.ORDER, streamed_order(subject)
        case Position():
            return Kind.POSITION, position_json(subject)
        case Balance():
            return Kind.BALANCE, balance_json(subject)
        case TradingStatus():
            return Kind.TRADING_STATUS, status_json(subject)
        case _:
            return Kind.COMPLEX_ORDER, complex_json(subject)


def _odd(message: Json, slip: Slip) -> Json:
    data = message["data"]
    if not isinstance(data, Mapping):
        return message
    odd: Json = {"status": ODD_STATUS} if slip is Slip.ODD_STATUS else {"user-id": 99}
    return message | {"data": {**data, **odd}}
