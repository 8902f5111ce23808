"""Probes, one after another, and what each of them found."""

from collections.abc import Awaitable
from typing import Final, Protocol

import anyio

from engine.certify.bench import ReadBench, TradeBench
from engine.certify.clearing import clear
from engine.certify.findings import CouldNotRun, Finding, Outcome, Said
from engine.certify.nets import NETS
from engine.certify.probe import ReadProbe, TradeProbe
from engine.certify.read_probes import FIRST_PROBES, LAST_PROBES
from engine.certify.refusals import REFUSALS
from engine.certify.trade_probes import TRADE_PROBES
from engine.model.desk import AccountKind
from engine.model.errors import BrokerError, CredentialsRefused


class Audience(Protocol):
    """Who follows a run."""

    def began(self, probe: str) -> None:
        """A probe begins."""
        ...

    def found(self, finding: Finding) -> None:
        """It has ended."""
        ...

    def cleared(self, left: tuple[str, ...]) -> None:
        """The orders placed were taken back but for these; told also when the run was broken off."""
        ...


_READ: Final = (*FIRST_PROBES, NETS, REFUSALS)


def probes_of(kind: AccountKind) -> tuple[ReadProbe | TradeProbe, ...]:
    """Return the probes of an environment, in their order; those of production place nothing."""
    trading = TRADE_PROBES if kind is AccountKind.SANDBOX else ()
    return (*_READ, *trading, *LAST_PROBES)


def vital(kind: AccountKind) -> frozenset[str]:
    """Return the probes of an environment without whose passing orders of real money are refused."""
    return frozenset(probe.name for probe in probes_of(kind) if probe.is_vital)


async def run_reading(bench: ReadBench, only: frozenset[str], audience: Audience) -> tuple[Finding, ...]:
    """
    Run the probes of production.

    only: names of probes; all when empty.
    Raises: CredentialsRefused, after which nothing more is asked.
    """
    probes = [probe for probe in probes_of(AccountKind.PRODUCTION) if isinstance(probe, ReadProbe)]
    return tuple([await _found(each, each.ask(bench), bench, audience) for each in probes if _is_wanted(each, only)])


async def run_trading(
    bench: TradeBench, only: frozenset[str], audience: Audience
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """
    Run the probes of a sandbox; return what they found, and what is left of the orders they placed.

    Orders are taken back whatever happens, also when the task is cancelled: that is waited for.
    Raises: CredentialsRefused, after which nothing more is asked.
    """
    left: tuple[str, ...] = ()
    probes = [probe for probe in probes_of(AccountKind.SANDBOX) if _is_wanted(probe, only)]
    try:
        found = [await _found(each, each.ask(bench), bench, audience) for each in probes]
    finally:
        with anyio.CancelScope(shield=True):
            bench.setting.record.probe = "clearing"
            left = await clear(bench)
            audience.cleared(left)
    return tuple(found), left


async def _found(
    probe: ReadProbe | TradeProbe, asking: Awaitable[Said], bench: ReadBench, audience: Audience
) -> Finding:
    audience.began(probe.name)
    bench.setting.record.probe = probe.name
    started = anyio.current_time()
    try:
        said = await asking
        outcome = Outcome.PASSED if said.holds else Outcome.DIFFERS
    except CredentialsRefused:
        raise
    except CouldNotRun as error:
        said, outcome = Said(holds=False, came=str(error)), Outcome.COULD_NOT_RUN
    except BrokerError as error:
        said, outcome = Said(holds=False, came=f"{error.code}: {error}"), Outcome.COULD_NOT_RUN
    seconds = round(anyio.current_time() - started, 3)
    finding = Finding(probe.name, outcome, probe.is_vital, probe.assumes, said.came, seconds, said.rows)
    audience.found(finding)
    return finding


def _is_wanted(probe: ReadProbe | TradeProbe, only: frozenset[str]) -> bool:
    return not only or probe.name in only
