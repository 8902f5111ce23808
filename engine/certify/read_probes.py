"""Probes that only look and have orders checked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, Final

import anyio

from engine.certify.bench import FAR, SHARE, ReadBench
from engine.certify.findings import CouldNotRun, Said
from engine.certify.probe import ReadProbe
from engine.model.alert import Action
from engine.model.complex_order import ComplexOrder
from engine.model.contract import Contract, Tick
from engine.model.desk import AccountKind
from engine.model.errors import OrderRefused
from engine.model.live_quote import LiveQuote, QuoteFlaw
from engine.model.order import Order, OrderType
from engine.model.wire_answer import WireAnswer

LENGTHS: Final = (32, 64, 128, 255, 512)
NEEDED_LENGTH: Final = 64
"""No identifier the engine makes is longer."""

_WEEK: Final = timedelta(days=7)
_VERSIONS: Final = ("20251101", "20000101")
_STATUSES: Final = {AccountKind.SANDBOX: (200, 404, 404), AccountKind.PRODUCTION: (200, 200, 406)}
_LONGEST: Final = 15.0
_NOT_HELD: Final = "closing_with_no_position"  # an OCO only closes, and most accounts hold no such share
_QUOTES_IN: Final = 15.0
_LOOK: Final = 1.0


async def reading(bench: ReadBench) -> Said:
    """Read everything of an account the engine reads."""
    since = bench.setting.clock.now().date() - _WEEK
    reader = bench.reader
    funds, standing = await bench.patiently(reader.funds), await bench.patiently(reader.standing)
    rows = [("net liquidating value is said", _yes(funds.net_liq is not None))]
    rows.append(("options level is said", _yes(bool(standing.options_level))))
    for what, ask in (
        ("positions", reader.holdings),
        ("live orders", reader.live_orders),
        ("orders of a week", lambda: reader.orders_since(since)),
        ("bookings of a week", lambda: reader.bookings_since(since)),
    ):
        rows.append((what, str(len(await bench.patiently(ask)))))
    share = await bench.patiently(lambda: reader.contract(SHARE))
    rows.append((f"ticks of {SHARE}", "none" if share is None else _ticks(share.ticks)))
    holds = share is not None and bool(share.ticks) and "no" not in {came for _, came in rows[:2]}
    return Said(holds, "everything was read" if holds else "something the engine needs is not said", tuple(rows))


async def version_header(bench: ReadBench) -> Said:
    """Ask for the live orders with the version header as sent, and with others."""
    wanted = _STATUSES[bench.setting.environment.kind]
    tries: list[tuple[str, dict[str, str]]] = [("as the client sends it", {})]
    tries += [(version, {"Accept-Version": version}) for version in _VERSIONS]
    rows = []
    for (what, headers), status in zip(tries, wanted, strict=True):
        answer = await bench.patiently(partial(bench.probing.get, "orders/live", headers))
        rows.append((what, f"{answer.status}, {status} was expected"))
    holds = all(came.startswith(came.split()[1]) for _, came in rows)
    return Said(holds, "; ".join(f"{what}: {came.split(',')[0]}" for what, came in rows), tuple(rows))


async def identifier_length(bench: ReadBench) -> Said:
    """Have orders checked whose identifiers are longer and longer."""
    rows = []
    longest = 0
    for length in LENGTHS:
        identifier = f"{bench.stem}-".ljust(length, "x")
        came = await checked(bench, replace(bench.share("length"), client_id=identifier))
        echo = _echo(bench.setting.record.last)
        kept = "taken and not said back" if not echo else "said back whole" if echo == identifier else "cut off"
        rows.append((f"{length} characters", kept if came == ACCEPTED else came))
        if came == ACCEPTED and (not echo or echo == identifier):
            longest = length
    return Said(longest >= NEEDED_LENGTH, f"up to {longest} characters were taken", tuple(rows))


async def complex_check(bench: ReadBench) -> Said:
    """Have an OCO and an OTOCO checked."""
    rows = []
    for what, trigger in (("OCO", None), ("OTOCO", bench.share("trigger"))):
        try:
            warnings = await bench.patiently(partial(bench.probing.dry_run_complex, bracket(bench, trigger)))
            rows.append((what, ", ".join((ACCEPTED, *warnings))))
        except OrderRefused as refused:
            rows.append((what, ", ".join(refused.codes)))
    came = dict(rows)
    holds = came["OTOCO"].startswith(ACCEPTED) and (came["OCO"].startswith(ACCEPTED) or _NOT_HELD in came["OCO"])
    return Said(holds, "; ".join(map(": ".join, rows)), tuple(rows))


async def heartbeat(bench: ReadBench) -> Said:
    """Have a heartbeat of the account stream answered."""
    beat = await bench.patiently(bench.probing.heartbeat)
    rows = (("connected", f"{beat.connected_in:.2f} s"), ("answered", f"{beat.answered_in:.2f} s"))
    return Said(beat.answered_in < _LONGEST, f"answered after {beat.answered_in:.2f} s", rows)


async def quote_lag(bench: ReadBench) -> Said:
    """Listen to the quotes of a share until their lag is known."""
    share = await bench.patiently(lambda: bench.reader.contract(SHARE))
    if share is None:
        raise CouldNotRun(f"{SHARE} is not listed")
    async with anyio.create_task_group() as group:
        group.start_soon(bench.quotes.run)
        quote = await _settled(bench, share)
        group.cancel_scope.cancel()
    is_sandbox = bench.setting.environment.kind is AccountKind.SANDBOX
    if quote is None:
        return Said(is_sandbox, f"there was no stream within {_QUOTES_IN:g} s")
    lag = "not measured" if quote.lag is None else f"{quote.lag.total_seconds():.1f} s"
    flaws = ", ".join(flaw.value for flaw in quote.flaws) or "none"
    if not is_sandbox and QuoteFlaw.UNMEASURED in quote.flaws:
        raise CouldNotRun("nothing traded meanwhile, so nothing shows the lag: is the market open?")
    holds = bool(quote.flaws) is is_sandbox
    return Said(holds, f"lag {lag}, flaws: {flaws}", (("lag", lag), ("flaws", flaws)))


async def _settled(bench: ReadBench, share: Contract) -> LiveQuote | None:
    """Return a quote as soon as its lag is known, or what there is after a while; None when there is no stream."""
    quote = None
    for _ in range(int(_QUOTES_IN / _LOOK)):
        await bench.setting.wait(_LOOK)
        if bench.quotes.is_connected:
            quote = (await bench.quotes.quotes([share]))[share.symbol]
            if not {QuoteFlaw.UNMEASURED, QuoteFlaw.MISSING} & set(quote.flaws):
                break
    return quote


async def times(bench: ReadBench) -> Said:
    """Say how long the answers took that came so far."""
    found = [(_route(answer), answer.seconds) for _, answer in bench.setting.record.answers]
    rows = []
    for route in sorted({route for route, _ in found}):
        took = [seconds for each, seconds in found if each == route]
        rows.append((route, f"{len(took)} times, median {median(took):.2f} s, longest {max(took):.2f} s"))
    if not rows:
        raise CouldNotRun("nothing was asked before")
    longest = max(seconds for _, seconds in found)
    return Said(longest < _LONGEST, f"the longest answer took {longest:.2f} s", tuple(rows))


ACCEPTED: Final = "accepted"


async def checked(bench: ReadBench, order: Order) -> str:
    """Have an order checked, and return that it is accepted, or the codes of its refusal."""
    try:
        await bench.patiently(lambda: bench.reader.dry_run(order))
    except OrderRefused as refused:
        return ", ".join(refused.codes)
    return ACCEPTED


def bracket(bench: ReadBench, trigger: Order | None) -> ComplexOrder:
    """Return what would end a position of one share, far above and far below what it was bid for."""
    profit = bench.share("profit", Action.SELL_TO_CLOSE, 2 * FAR)
    stop = bench.share("stop", Action.SELL_TO_CLOSE)
    stop = replace(stop, order_type=OrderType.STOP, price=None, effect=None, stop_trigger=FAR / 2)
    return ComplexOrder(trigger, profit, stop)


def _echo(answer: WireAnswer) -> str:
    try:
        said: Any = json.loads(answer.body)
        return str(said["data"]["order"].get("external-identifier") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _route(answer: WireAnswer) -> str:
    return " ".join((answer.method, *_named(answer.path)))


def _named(path: str) -> Iterator[str]:
    parts = path.split("/")
    yield "/".join("…" if any(map(str.isdigit, part)) else part for part in parts)


def _ticks(ticks: tuple[Tick, ...]) -> str:
    return ", ".join(f"{tick.step}" + (f" below {tick.below}" if tick.below is not None else "") for tick in ticks)


def _yes(is_so: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "yes" if is_so else "no"


FIRST_PROBES: Final = (
    ReadProbe("reading", "every answer the engine reads of an account can be read", reading, is_vital=True),
    ReadProbe(
        "version-header",
        "production takes the client's version and says 406 to old ones; the sandbox takes none at all",
        version_header,
    ),
    ReadProbe(
        "identifier-length",
        f"identifiers of {NEEDED_LENGTH} characters are taken and never cut off",
        identifier_length,
        is_vital=True,
    ),
    ReadProbe(
        "complex-check", "an OTOCO passes the check, and so does an OCO but for a position to close", complex_check
    ),
    ReadProbe("heartbeat", "the account stream answers heartbeats", heartbeat, is_vital=True),
    ReadProbe("quote-lag", "quotes of production are live; those of the sandbox are known to be of no use", quote_lag),
)
LAST_PROBES: Final = (ReadProbe("times", f"every answer comes within {_LONGEST:g} s", times),)
