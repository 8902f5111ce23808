"""What positions tie up: a plain model of Reg T for shares and options, and of initial margin for futures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from engine.model.instrument import Right
from engine.paper.instruments import Equity, Future, FutureOption, Instrument, OptionInstrument

ZERO: Final = Decimal(0)
_HALF: Final = Decimal("0.5")
_CHEAP: Final = Decimal(5)  # dollars per share below which stocks are paid in full
_NAKED_RATE: Final = Decimal("0.20")
_NAKED_FLOOR: Final = Decimal("0.10")
_NAKED_FUTURE_RATE: Final = Decimal("0.05")

Spot = Callable[[str], Decimal | None]


@dataclass(frozen=True, slots=True)
class Stake:
    """So much of one instrument, opened at a price. quantity: signed. price: dollars per share."""

    instrument: Instrument
    quantity: int
    price: Decimal

    @property
    def cost(self) -> Decimal:
        """Dollars paid for it; negative when it brought money in."""
        return self.quantity * self.price * self.instrument.multiplier


@dataclass(frozen=True, slots=True)
class Tied:
    """
    Buying power is cash, plus what counts as collateral, minus the requirement; all dollars.

    futures: the part of the requirement that is for futures.
    """

    requirement: Decimal = ZERO
    collateral: Decimal = ZERO
    futures: Decimal = ZERO

    def __add__(self, other: "Tied") -> "Tied":
        """Add two."""
        return Tied(
            self.requirement + other.requirement, self.collateral + other.collateral, self.futures + other.futures
        )

    @property
    def net(self) -> Decimal:
        """Dollars of cash that cannot be spent; negative when shares lend some."""
        return self.requirement - self.collateral


@dataclass(frozen=True, slots=True)
class Shift:
    """What a trade makes of a stake. gain: dollars realised by what it closed. cash: dollars it brings in."""

    after: Stake
    gain: Decimal
    cash: Decimal


def shifted(stake: Stake, change: int, price: Decimal) -> Shift:
    """
    Return what buying or selling at a price makes of a stake; what is held and what is traded net.

    change: signed. Nothing is paid for a future but what closing it gains or loses.
    """
    held = stake.quantity
    closed = 0 if held * change >= 0 else (1 if held > 0 else -1) * min(abs(held), abs(change))
    gain = closed * (price - stake.price) * stake.instrument.multiplier
    left = held + change
    if left == 0:
        average = ZERO
    elif closed == 0:
        average = (held * stake.price + change * price) / left
    else:
        average = stake.price if (left > 0) == (held > 0) else price
    is_future = isinstance(stake.instrument, Future)
    cash = gain if is_future else -change * price * stake.instrument.multiplier
    return Shift(Stake(stake.instrument, left, average), gain, cash)


def tied_up(stakes: Iterable[Stake], spot: Spot, *, is_margin: bool) -> Tied:
    """
    Return what stakes tie up together.

    Spreads take their worst payoff; a short option nothing covers takes a fifth of the underlying less what it
    is out of the money, at least a tenth of its strike. A long option that lives longer covers a shorter one.
    spot: the price of an underlying; None lets the strike stand for it.
    """
    total = Tied()
    options: dict[str, list[Stake]] = defaultdict(list)
    shares: dict[str, int] = {}
    for stake in stakes:
        match stake.instrument:
            case Equity(symbol=symbol):
                shares[symbol] = stake.quantity
                total += _of_shares(stake, is_margin=is_margin)
            case Future(margin=margin):
                total += Tied(requirement=abs(stake.quantity) * margin, futures=abs(stake.quantity) * margin)
            case _:
                options[stake.instrument.underlying].append(stake)
    for underlying, group in options.items():
        total += _of_options(group, max(0, shares.get(underlying, 0)), spot(underlying))
    return total


def _of_shares(stake: Stake, *, is_margin: bool) -> Tied:
    in_full = stake.quantity > 0 and (not is_margin or stake.price < _CHEAP)
    rate = Decimal(1) if in_full else _HALF
    return Tied(requirement=rate * abs(stake.cost), collateral=stake.cost)


def _of_options(stakes: Sequence[Stake], shares: int, spot: Decimal | None) -> Tied:
    total = Tied()
    covers = shares // 100
    for group in _by_cover(stakes):
        rest, naked, covers = _split(group, covers)
        worst = _worst(rest)
        paid = max(ZERO, sum((stake.cost for stake in rest), ZERO))
        total += Tied(requirement=-worst) if worst < 0 else Tied(requirement=paid, collateral=paid)
        total += _of_naked(naked, spot)
    return total


def _by_cover(stakes: Sequence[Stake]) -> Iterable[list[Stake]]:
    """Group options by the expiry of the short ones; a long one joins the last of them it outlives."""
    shorts = sorted({_expiry(stake) for stake in stakes if stake.quantity < 0}, reverse=True)
    groups: dict[date, list[Stake]] = defaultdict(list)
    for stake in stakes:
        expiry = _expiry(stake)
        groups[next((short for short in shorts if short <= expiry), expiry)].append(stake)
    return groups.values()


def _split(group: Sequence[Stake], covers: int) -> tuple[list[Stake], list[Stake], int]:
    """Take out the short options no long one stands against: covered calls for good, the rest as naked."""
    rest: list[Stake] = []
    naked: list[Stake] = []
    for right in Right:
        side = sorted((stake for stake in group if _option(stake).right is right), key=_distance)
        alone = max(0, -sum(stake.quantity for stake in side))
        covered = min(covers, alone) if right is Right.CALL else 0
        covers -= covered
        kept, taken = _take(side, alone)
        rest += kept
        naked += _take(taken, covered)[0]
    return rest, naked, covers


def _take(stakes: Sequence[Stake], count: int) -> tuple[list[Stake], list[Stake]]:
    """Part so many short options, the first ones, from the rest."""
    kept: list[Stake] = []
    taken: list[Stake] = []
    for stake in stakes:
        part = min(count, -stake.quantity) if stake.quantity < 0 else 0
        count -= part
        if part:
            taken.append(Stake(stake.instrument, -part, stake.price))
        if stake.quantity + part:
            kept.append(Stake(stake.instrument, stake.quantity + part, stake.price))
    return kept, taken


def _worst(stakes: Sequence[Stake]) -> Decimal:
    """Return what options are worth at expiry at the worst price of the underlying, in dollars."""
    prices = {ZERO, *(_option(stake).strike for stake in stakes)}
    return min(sum((_worth(stake, price) for stake in stakes), ZERO) for price in prices)


def _worth(stake: Stake, price: Decimal) -> Decimal:
    option = _option(stake)
    return stake.quantity * option.multiplier * intrinsic(option, price)


def intrinsic(option: OptionInstrument, price: Decimal) -> Decimal:
    """Return what an option is worth when exercised at a price of its underlying, per share."""
    gain = price - option.strike if option.right is Right.CALL else option.strike - price
    return max(ZERO, gain)


def _of_naked(stakes: Sequence[Stake], spot: Decimal | None) -> Tied:
    total = ZERO
    for stake in stakes:
        option = _option(stake)
        price = option.strike if spot is None else spot
        rate = _NAKED_FUTURE_RATE if isinstance(option, FutureOption) else _NAKED_RATE
        gain = price - option.strike if option.right is Right.CALL else option.strike - price
        base = max(rate * price + min(ZERO, gain), _NAKED_FLOOR * rate / _NAKED_RATE * option.strike)
        total += -stake.quantity * option.multiplier * (base + stake.price)
    return Tied(requirement=total)


def _option(stake: Stake) -> OptionInstrument:
    if isinstance(stake.instrument, Equity | Future):
        raise TypeError(f"{stake.instrument.symbol} is no option")
    return stake.instrument


def _expiry(stake: Stake) -> date:
    return _option(stake).expiry


def _distance(stake: Stake) -> Decimal:
    """Order options so that those farthest out of the money come first."""
    option = _option(stake)
    return -option.strike if option.right is Right.CALL else option.strike
