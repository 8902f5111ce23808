"""What a probe is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.certify.bench import ReadBench, TradeBench
from engine.certify.findings import Said


@dataclass(frozen=True, slots=True)
class ReadProbe:
    """
    One question that changes nothing, asked in both environments.

    assumes: what the engine takes for granted, one sentence. is_vital: without its passing orders of real money are
    refused. ask: may raise CouldNotRun and errors of the broker.
    """

    name: str
    assumes: str
    ask: Callable[[ReadBench], Awaitable[Said]]
    is_vital: bool = False


@dataclass(frozen=True, slots=True)
class TradeProbe:
    """One question that takes an order in a sandbox; see ReadProbe."""

    name: str
    assumes: str
    ask: Callable[[TradeBench], Awaitable[Said]]
    is_vital: bool = False
