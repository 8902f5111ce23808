"""An exchange with a market that is told its prices, for tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.paper.answers import Happened, Placed
from engine.paper.conduct import AccountSetup, Conduct, Setup
from engine.paper.exchange import Exchange
from engine.paper.listing import Listing
from engine.paper.orders import LegRequest, Order, OrderRequest, Terms
from engine.paper.quotes import Quote
from engine.paper.tape import Tape
from engine.paper.words import Action, Effect, InstrumentType, OrderType, TimeInForce

ACCOUNT = "5WX00001"
OPEN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # a Monday, half an hour after the open
CLOSE = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NEXT_OPEN = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
CALL = "SPY   261218C00670000"
HIGHER = "SPY   261218C00675000"
TODAY = "SPY   261123C00670000"
FUTURE = "/ESZ6"
IMMEDIATE = Conduct(pace=0)
LISTING = Listing()


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def quote(bid: str | None, ask: str | None, at: datetime = OPEN, size: int = 100) -> Quote:
    sides = [None if side is None else Decimal(side) for side in (bid, ask)]
    return Quote(at, sides[0], sides[1], size, size)


def tape(**prices: tuple[str, str]) -> Tape:
    """Return a market of CALL at 1.00 to 1.05, HIGHER at 0.40 to 0.45, SPY and the future."""
    made = Tape()
    start = OPEN - timedelta(days=1)
    for symbol, sides in {
        CALL: ("1.00", "1.05"),
        HIGHER: ("0.40", "0.45"),
        TODAY: ("0.50", "0.55"),
        "SPY": ("669.99", "670.01"),
        FUTURE: ("6720.00", "6720.25"),
        **prices,
    }.items():
        made.add(symbol, quote(*sides, at=start))
    return made


def exchange(
    conduct: Conduct = IMMEDIATE, market: Tape | None = None, at: datetime = OPEN, **account: object
) -> Exchange:
    setup = Setup((AccountSetup(ACCOUNT, **account),), conduct=conduct)
    return Exchange(setup, LISTING, market or tape(), at)


def kind_of(symbol: str) -> InstrumentType:
    if symbol.startswith("./"):
        return InstrumentType.FUTURE_OPTION
    if symbol.startswith("/"):
        return InstrumentType.FUTURE
    return InstrumentType.EQUITY_OPTION if len(symbol) == 21 else InstrumentType.EQUITY


def leg(symbol: str = CALL, action: Action = Action.BUY_TO_OPEN, quantity: object = 1) -> LegRequest:
    return LegRequest(kind_of(symbol), symbol, action, None if quantity is None else Decimal(str(quantity)))


def limit(price: str, effect: Effect = Effect.DEBIT, force: TimeInForce = TimeInForce.DAY) -> Terms:
    return Terms(OrderType.LIMIT, force, Decimal(price), effect)


def request(*legs: LegRequest, terms: Terms | None = None, **rest: object) -> OrderRequest:
    return OrderRequest(legs or (leg(),), terms or limit("1.05"), **rest)


def selling(quantity: int = 1, price: str = "1.00", symbol: str = CALL, **rest: object) -> OrderRequest:
    return request(leg(symbol, Action.SELL_TO_CLOSE, quantity), terms=limit(price, Effect.CREDIT), **rest)


def placed(made: Exchange, asked: OrderRequest, now: datetime = OPEN) -> Order:
    answer = made.place(ACCOUNT, asked, now)
    assert isinstance(answer, Placed), answer
    return answer.order


def statuses(events: tuple[Happened, ...], order_id: int) -> list[str]:
    """Return what was said of an order's status, each change once."""
    said: list[str] = []
    for event in events:
        subject = event.subject
        if isinstance(subject, Order) and subject.id == order_id and said[-1:] != [subject.status.value]:
            said.append(subject.status.value)
    return said
