"""Which listed contract a leg means."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest

from engine.execute.contracts import Contracts, NotListed
from engine.model.alert import Action, Asset, Leg
from engine.model.contract import Chain, Contract
from engine.model.errors import NothingSent
from engine.model.instrument import Right
from engine.model.order import InstrumentKind
from engine.model.symbols import kind_of, option_of
from engine.ports import BrokerReader
from tests.contract.adapting import broker_of
from tests.contract.reach import CALM, OPEN_HOURS, Way, World, tell

TODAY = date(2026, 11, 24)
DAY = date(2026, 12, 18)
BTO, STC = Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE
CALL = Right.CALL


def share(symbol: str) -> Contract:
    return Contract(symbol, InstrumentKind.EQUITY, symbol)


def option(symbol: str, underlying: str) -> Contract:
    of = option_of(symbol)
    return Contract(
        symbol, InstrumentKind.EQUITY_OPTION, underlying, expiry=of.expiry, strike=of.strike, right=of.right
    )


def future(symbol: str, *, is_active: bool = False) -> Contract:
    return Contract(symbol, InstrumentKind.FUTURE, symbol, is_active_month=is_active)


def future_option(symbol: str, underlying: str, strike: str) -> Contract:
    kind = InstrumentKind.FUTURE_OPTION
    return Contract(symbol, kind, underlying, expiry=DAY, strike=Decimal(strike), right=CALL)


LISTED = (
    share("SPY"),
    share("SPX"),
    share("BRK/B"),
    option("SPY   261218C00700000", "SPY"),
    option("SPY   261218C00705000", "SPY"),
    option("SPY   261224C00700000", "SPY"),
    option("BRKB  261218C00500000", "BRK/B"),
    option("SPX   261218C06500000", "SPX"),
    option("SPXW  261218C06500000", "SPX"),
    option("SPXW  261221C06500000", "SPX"),
    future("/ESZ6", is_active=True),
    future("/ESH7"),
    future_option("./ESZ6 ESZ6  261218C6300", "/ESZ6", "6300"),
    future_option("./ESZ6 EW3Z6 261218C6400", "/ESZ6", "6400"),
    future_option("./ESH7 EW3Z6 261218C6400", "/ESH7", "6400"),
)


@dataclass
class Lister:
    """A broker that lists what it is given, and counts what it is asked."""

    listed: tuple[Contract, ...] = LISTED
    asked: list[str] = field(default_factory=list)
    fails: bool = False

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fails:
            raise NothingSent("broker_unanswered", "no answer")

    async def contract(self, symbol: str) -> Contract | None:
        self._ask(symbol)
        return next((each for each in self.listed if each.symbol == symbol), None)

    async def futures(self, root: str) -> tuple[Contract, ...]:
        self._ask(f"futures {root}")
        kinds = InstrumentKind.FUTURE
        return tuple(each for each in self.listed if each.kind is kinds and each.symbol[1:].startswith(root))

    async def chain(self, underlying: str) -> Chain | None:
        self._ask(f"chain {underlying}")
        found = [each for each in self.listed if each.strike and each.underlying.startswith(underlying)]
        return Chain(underlying, tuple(found)) if found else None


def called(symbol: str, strike: str = "700", expiry: date = DAY, action: Action = BTO) -> Leg:
    return Leg(action, symbol, Asset.OPTION, Decimal(strike), CALL, expiry)


def found(*legs: Leg, held: Sequence[str] = (), lister: Lister | None = None) -> list[str] | str:
    """The symbols of legs, or why there are none."""
    contracts = Contracts(lister or Lister())  # type: ignore[arg-type]
    result = asyncio.run(contracts.of(legs, TODAY, held))
    return result.why if isinstance(result, NotListed) else [result[leg].symbol for leg in legs]


@pytest.mark.parametrize(
    ("leg", "symbol"),
    [
        (Leg(BTO, "SPY", Asset.STOCK), "SPY"),
        (Leg(BTO, "BRK/B", Asset.STOCK), "BRK/B"),
        (called("SPY"), "SPY   261218C00700000"),
        (called("BRK/B", "500"), "BRKB  261218C00500000"),
        (called("SPXW", "6500"), "SPXW  261218C06500000"),
        (called("SPX", "6500", date(2026, 12, 21)), "SPXW  261221C06500000"),
        (Leg(BTO, "/ES", Asset.FUTURE), "/ESZ6"),
        (Leg(BTO, "/ESH7", Asset.FUTURE), "/ESH7"),
        (Leg(BTO, "/ESH27", Asset.FUTURE), "/ESH7"),
        (called("/ES", "6300"), "./ESZ6 ESZ6  261218C6300"),
        (called("/ESZ6", "6400"), "./ESZ6 EW3Z6 261218C6400"),
    ],
)
def test_a_leg_means_one_contract(leg: Leg, symbol: str):
    assert found(leg) == [symbol]


@pytest.mark.parametrize(
    ("leg", "why"),
    [
        (Leg(BTO, "XYZ", Asset.STOCK), "the broker lists no XYZ"),
        (Leg(BTO, None, Asset.STOCK), "the alert names no symbol"),
        (called("XYZ"), "the broker lists no options on XYZ"),
        (called("SPY", "703"), "SPY 703C 2026-12-18 is not listed: the nearest strike of that day is 705"),
        (
            called("SPY", "700", date(2026, 12, 23)),
            "SPY 700C 2026-12-23 is not listed: the nearest expiry of SPY is 2026-12-24",
        ),
        (Leg(BTO, "SPY"), "SPY names no contract"),
        (
            called("SPX", "6500"),
            "SPX 6500C 2026-12-18 could be SPX   261218C06500000 or SPXW  261218C06500000",
        ),
        (
            called("/ES", "6400"),
            "/ES 6400C 2026-12-18 could be ./ESZ6 EW3Z6 261218C6400 or ./ESH7 EW3Z6 261218C6400",
        ),
        (Leg(BTO, "/ESU7", Asset.FUTURE), "the broker lists no /ESU7, but /ESZ6, /ESH7"),
        (Leg(BTO, "/XX", Asset.FUTURE), "the broker lists no /XX"),
    ],
)
def test_what_is_not_one_contract_says_what_is_near(leg: Leg, why: str):
    assert found(leg) == why


def test_a_close_means_what_is_held():
    """Also after the active month has rolled on."""
    closing = Leg(STC, "/ES", Asset.FUTURE)

    assert found(closing, held=["/ESH7", "SPY"]) == ["/ESH7"]
    assert found(replace(closing, action=BTO), held=["/ESH7"]) == ["/ESZ6"]
    assert found(closing) == ["/ESZ6"]
    assert found(closing, held=["/ESH7", "/ESZ6"]) == "/ESH7, /ESZ6 are all held: which is meant?"
    assert found(called("SPX", "6500", action=STC), held=["SPXW  261218C06500000"]) == ["SPXW  261218C06500000"]


def test_an_adjusted_option_stands_back_behind_the_standard_one():
    adjusted = replace(option("SPY   261218C00700000", "SPY"), symbol="SPY1  261218C00700000", is_standard=False)
    lister = Lister((*LISTED[3:4], adjusted))

    assert found(called("SPY"), lister=lister) == ["SPY   261218C00700000"]


def test_several_legs_are_all_found_or_the_first_that_is_not_is_named():
    assert found(called("SPY"), called("SPY", "705")) == ["SPY   261218C00700000", "SPY   261218C00705000"]
    assert "703C" in str(found(called("SPY"), called("SPY", "703")))


def test_each_thing_is_looked_up_once_a_day():
    lister = Lister()
    contracts = Contracts(lister)  # type: ignore[arg-type]
    legs = (called("SPY"), called("SPXW", "6500"), Leg(BTO, "/ES", Asset.FUTURE))

    async def story() -> None:
        for _ in range(3):
            await contracts.of(legs, TODAY)
        once = list(lister.asked)
        assert len(once) == len(set(once))
        await contracts.of(legs, date(2026, 11, 25))
        assert sorted(lister.asked) == sorted(2 * once)
        contracts.forget("SPY   261218C00700000")
        await contracts.by_symbol("SPY   261218C00700000")
        await contracts.by_symbol("SPXW  261218C06500000")
        assert len(lister.asked) == 2 * len(once) + 1
        contracts.forget()
        await contracts.future("/ES")
        assert len(lister.asked) == 2 * len(once) + 2

    asyncio.run(story())


def test_what_was_not_found_or_not_answered_is_asked_for_again():
    lister = Lister(())
    contracts = Contracts(lister)  # type: ignore[arg-type]

    async def story() -> None:
        assert isinstance(await contracts.of((called("SPY"),), TODAY), NotListed)
        lister.fails = True
        with pytest.raises(NothingSent):
            await contracts.of((called("SPY"),), TODAY)
        lister.fails, lister.listed = False, LISTED
        assert await contracts.of((called("SPY"),), TODAY) == {called("SPY"): LISTED[3]}

    asyncio.run(story())


def exchange(check: Callable[[BrokerReader], Awaitable[None]]) -> None:
    """Run a check against the real adapter and the local exchange."""

    async def story(world: World) -> None:
        async with broker_of(world) as broker:
            await check(broker)

    tell(story, Way.IN_PROCESS, CALM, OPEN_HOURS)


def test_the_exchange_lists_what_alerts_name():
    async def check(broker: BrokerReader) -> None:
        contracts = Contracts(broker)
        chains = [await contracts.chain(name, TODAY) for name in ("SPY", "SPXW", "/ES")]
        legs = [Leg(BTO, "AAPL", Asset.STOCK), Leg(BTO, "/ES", Asset.FUTURE)]
        for name, chain in zip(("SPY", "SPXW", "/ES"), chains, strict=True):
            assert chain is not None
            roots = [each for each in chain.contracts if name in ("SPY", "/ES") or each.symbol.startswith(name)]
            chosen = roots[len(roots) // 2]
            legs.append(Leg(BTO, name, Asset.OPTION, chosen.strike, chosen.right, chosen.expiry))
        listed = await contracts.of(legs, TODAY)
        assert not isinstance(listed, NotListed), listed
        kinds = [listed[leg].kind for leg in legs]
        assert kinds == [kind_of(listed[leg].symbol) for leg in legs]
        assert len(set(kinds)) == len(InstrumentKind) - 1
        for leg in legs[:4]:
            assert (listed[leg].is_active, listed[leg].is_closing_only) == (True, False)
            assert listed[leg].ticks

    exchange(check)
