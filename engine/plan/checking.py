"""What a check of an order is: its name, what it applies to, what its answers mean, and the facts it rests on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from engine.decide.question import AppliesTo
from engine.model.account import Funds, Holding, Standing
from engine.model.activity import Restriction
from engine.model.check import Check, CheckStatus
from engine.model.contract import Contract
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.model.order import Order, OrderLeg, Preflight


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the broker said to an order it was only asked about. codes: its reasons for a no, () when it takes it."""

    order: Order
    preflight: Preflight | None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendFacts:
    """
    All that checks rest on; None where it could not be had.

    contracts, quotes, holdings: by the symbol orders write; a contract that is not there is not known, a symbol not
    among the holdings is not held. ours: units our books hold of what the intent closes. reserved: contracts (by
    symbol) that working closes of the account take already; reserved_of_ours: those of them that are of the same
    playbook and author, and so take from `ours`. restrictions: that concern the intent, its account's own among them.
    blocked: symbols in which nothing may open. is_ready: the account was compared with the broker's. is_cash: a cash
    account, where only settled money counts. has_quotes: whether there is any source of quotes; without one the sandbox
    still trades at the alert's prices.
    """

    now: datetime
    contracts: Mapping[str, Contract]
    quotes: Mapping[str, LiveQuote] = field(default_factory=dict)
    ours: int | None = None
    holdings: Mapping[str, Holding] | None = None
    reserved: Mapping[str, int] = field(default_factory=dict)
    reserved_of_ours: Mapping[str, int] = field(default_factory=dict)
    funds: Funds | None = None
    standing: Standing | None = None
    restrictions: tuple[Restriction, ...] | None = None
    blocked: frozenset[str] = frozenset()
    is_ready: bool = False
    is_cash: bool | None = None
    has_quotes: bool = True
    dry_run: DryRun | None = None


class Answer(NamedTuple):
    """What a check says, before it carries its name."""

    status: CheckStatus
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One order to be checked."""

    intent: Intent
    order: Order
    facts: SendFacts

    @property
    def opening(self) -> tuple[OrderLeg, ...]:
        """The legs that add to a position."""
        return tuple(leg for leg in self.order.legs if leg.action.opens)

    @property
    def closing(self) -> tuple[OrderLeg, ...]:
        """The legs that take from one."""
        return tuple(leg for leg in self.order.legs if leg.action.closes)

    def opened(self) -> Iterator[tuple[OrderLeg, Contract]]:
        """Yield the legs that open with their contracts, as far as these are known."""
        for leg in self.opening:
            contract = self.facts.contracts.get(leg.symbol)
            if contract is not None:
                yield leg, contract


@dataclass(frozen=True, slots=True)
class CheckRule:
    """
    One check.

    about: what it makes sure of, one sentence. codes: every code it can give → what that means, one sentence.
    test: pure, asked only about what it applies to: openings, closes, or both.
    """

    name: str
    applies_to: AppliesTo
    about: str
    codes: Mapping[str, str]
    test: Callable[[Case], Answer] = field(repr=False)

    def of(self, case: Case) -> Check:
        """Return its answer about an order."""
        opens = case.intent.is_opening or bool(case.opening)
        applies = {AppliesTo.BOTH: True, AppliesTo.OPENS: opens, AppliesTo.CLOSES: bool(case.closing)}[self.applies_to]
        if not applies:
            return Check(self.name, CheckStatus.NOT_APPLICABLE, detail=f"applies to {self.applies_to.value} only")
        answer = self.test(case)
        is_missing = answer.status is CheckStatus.NOT_RUN
        blocks = answer.status is CheckStatus.FAILED or (is_missing and opens)
        return Check(self.name, answer.status, blocks, answer.code, answer.detail)


PASSED: Final = Answer(CheckStatus.PASSED)


def passed(detail: str) -> Answer:
    """Nothing against it."""
    return Answer(CheckStatus.PASSED, "", detail)


def failed(code: str, detail: str) -> Answer:
    """This forbids the order, an opening and a close alike."""
    return Answer(CheckStatus.FAILED, code, detail)


def not_run(code: str, detail: str) -> Answer:
    """A fact is missing: forbids an opening only."""
    return Answer(CheckStatus.NOT_RUN, code, detail)


def not_applicable(detail: str) -> Answer:
    """The question does not arise."""
    return Answer(CheckStatus.NOT_APPLICABLE, "", detail)
