"""What the parts of the stager share."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.execute.flows import Flows
from engine.execute.rules import AccountDesk, Rules, StagerListener
from engine.execute.waiting import WaitingClock


@dataclass(frozen=True, slots=True)
class Setting:
    """The accounts by their aliases, the flows, the clock, the rules and who is told."""

    desks: Mapping[str, AccountDesk]
    flows: Flows
    clock: WaitingClock
    rules: Rules
    listener: StagerListener
