"""What the stream of an account tells, in the order it tells it."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.account import Funds, Holding, Standing
from engine.model.order import PlacedOrder


@dataclass(frozen=True, slots=True)
class Connected:
    """The stream listens for the first time: from here on everything that happens is told."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The stream listens again: what happened since `Disconnected` was not told and must be looked up."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The stream was lost, or could not be opened. why: one sentence, for people."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as it stands: always the whole of it."""

    at: datetime
    order: PlacedOrder


@dataclass(frozen=True, slots=True)
class HoldingSeen:
    """A position as it stands."""

    at: datetime
    holding: Holding


@dataclass(frozen=True, slots=True)
class FundsSeen:
    """The money as it stands."""

    at: datetime
    funds: Funds


@dataclass(frozen=True, slots=True)
class StandingSeen:
    """What the account may do."""

    at: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A message that could not be read. kind: its type as sent, "" for none. what: why, for people."""

    at: datetime
    kind: str
    what: str


AccountEvent = Connected | Reconnected | Disconnected | OrderSeen | HoldingSeen | FundsSeen | StandingSeen | Anomaly
