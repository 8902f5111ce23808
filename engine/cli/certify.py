"""`signalbook certify`: what the broker really does, against what the engine assumes it does."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from engine.adapters.clock import SystemClock
from engine.adapters.tastytrade.connection import Pace
from engine.app.certificates import COMMAND
from engine.app.certification import REPORT, Certified, Certifying, plan_of
from engine.app.certification import certify as run_certify
from engine.app.credentials import PAPER, Access, NoAccess, accesses
from engine.app.local_exchange import OPEN_HOURS, local_exchange
from engine.app.settings import Settings, settings
from engine.certify.certificate_json import to_json
from engine.certify.findings import Finding, Outcome
from engine.certify.probe import TradeProbe
from engine.certify.run import probes_of
from engine.cli.exit_code import ExitCode
from engine.cli.group import CommandFailed
from engine.cli.loading import did_you_mean, load_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.screen import err, out, print_json, visible
from engine.model.desk import AccountKind
from engine.paper.clock import PaperClock
from engine.paper.opening import Opening

_SPEED: Final = 10.0
_SEED: Final = 7
_PROBES: Final = probes_of(AccountKind.SANDBOX)
_COLOURS: Final = {Outcome.PASSED: "green", Outcome.DIFFERS: "red", Outcome.COULD_NOT_RUN: "yellow"}


class BrokerName(StrEnum):
    """Who is certified."""

    TASTYTRADE = "tastytrade"


@dataclass(frozen=True, slots=True)
class _Places:
    """Where to certify, and how. missing: what cannot be reached, and why."""

    accesses: tuple[Access, ...]
    missing: tuple[NoAccess, ...]
    certifying: Certifying


def certify(  # noqa: PLR0913 - one argument for each option
    broker: Annotated[BrokerName, typer.Argument(help="Whose service is probed.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    account: Annotated[str, typer.Option(metavar="ALIAS", help="One account of the desk; else one of each kind.")] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="PROBE", help="One probe; may be said again.")] = None,
    home: HomeOption = None,
    *,
    is_paper: Annotated[
        bool, typer.Option("--paper", help="Probe a local exchange opened for it: no network, no credentials.")
    ] = False,
    is_listing: Annotated[
        bool, typer.Option("--list", help="Show the probes and what each assumes; run none.")
    ] = False,
    is_agreed: Annotated[bool, typer.Option("--yes", help="Do not ask before orders are placed.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Probe the broker with the desk's own credentials: the sandbox in full, production read-only and by dry run.

    Orders are placed in a sandbox only: one share far from the market, cancelled afterwards whatever happens. Writes
    a dated certificate and redacted answers; orders of real money are refused without fresh ones.

    Example: signalbook certify tastytrade --paper
    """
    if is_listing:
        _list(is_json=as_json)
        return
    chosen = _chosen(only or ())
    here = settings(home=home)
    reached = _paper(here, chosen) if is_paper else _desk(here, chosen, playbooks)
    done, missing = asyncio.run(_certified(reached, account, is_agreed=is_agreed))
    _show(done, missing, is_json=as_json)
    status = _status(done)
    if status is not ExitCode.DONE:
        raise typer.Exit(status)


async def _certified(
    opening: AbstractAsyncContextManager[_Places], account: str, *, is_agreed: bool
) -> tuple[tuple[Certified, ...], tuple[NoAccess, ...]]:
    async with opening as places:
        chosen = _of_each_kind(places, account)
        for each in places.missing:
            err().print(f"left out: {each.message}", soft_wrap=True)
        _agree(chosen, places.certifying.only, is_agreed=is_agreed)
        done = []
        for access in chosen:
            err().print(f"\n{access.environment.value}, account {access.alias}")
            done.append(await run_certify(access, places.certifying, _Screen()))
        return tuple(done), places.missing


def _of_each_kind(places: _Places, account: str) -> tuple[Access, ...]:
    """Return the accounts to certify: the one that is named, or the first sandbox and the first production."""
    if account:
        missing = next((each for each in places.missing if each.alias == account), None)
        if missing is not None:
            raise missing.error()
        found = tuple(each for each in places.accesses if each.alias == account)
    else:
        first = {each.environment.kind: each for each in reversed(places.accesses)}
        found = tuple(first[kind] for kind in AccountKind if kind in first)
    if found:
        return found
    if account:
        known = [each.alias for each in places.accesses] + [each.alias for each in places.missing]
        message = f"the desk has no account {account!r}{did_you_mean(account, known)}"
        raise CommandFailed("unknown_account", message, "name one of the desk")
    why = "; ".join(each.message for each in places.missing) or "the desk has no accounts"
    raise CommandFailed("no_credentials", why, f"fill in the variables .env.example names, or try {COMMAND} --paper")


def _agree(chosen: Iterable[Access], only: frozenset[str], *, is_agreed: bool) -> None:
    for access in chosen:
        for sentence in plan_of(access, only):
            err().print(sentence, soft_wrap=True)
    if not is_agreed and not typer.confirm("Go on?", err=True):
        raise typer.Exit(ExitCode.STOPPED)


# ---------------------------------------------------------------- where


@asynccontextmanager
async def _paper(here: Settings, only: frozenset[str]) -> AsyncIterator[_Places]:
    clock = PaperClock(SystemClock(), OPEN_HOURS, speed=_SPEED)
    pace = Pace(per_minute=round(60 * _SPEED))
    certifying = Certifying(here.certification, clock, SystemClock().now(), only, pace, clock.sleep)
    async with local_exchange(Opening(seed=_SEED), clock, here) as found:
        yield _Places(found, (), certifying)


@asynccontextmanager
async def _desk(here: Settings, only: frozenset[str], playbooks: Path) -> AsyncIterator[_Places]:
    desk = load_whole(playbooks).desk
    if desk is None:
        raise CommandFailed("unknown_account", f"there is no desk in {playbooks}", "name its folder with --playbooks")
    found = accesses(desk, here)
    reached = tuple(each for each in found if isinstance(each, Access))
    if any(each.environment.is_paper for each in reached) and not here.variables.get(PAPER):
        message = "the desk's accounts have no credentials, and no exchange on this machine is named"
        remedy = f"fill in the variables .env.example names, or try {COMMAND} --paper"
        raise CommandFailed("no_credentials", message, remedy)
    clock = SystemClock()
    pace = Pace(per_minute=desk.limits.messages_per_minute)
    missing = tuple(each for each in found if isinstance(each, NoAccess))
    yield _Places(reached, missing, Certifying(here.certification, clock, clock.now(), only, pace))


def _chosen(only: Iterable[str]) -> frozenset[str]:
    known = [probe.name for probe in _PROBES]
    for name in only:
        if name not in known:
            raise typer.BadParameter(f"there is no probe {name!r}{did_you_mean(name, known)}; --list shows them")
    return frozenset(only)


# ---------------------------------------------------------------- what is shown


class _Screen:
    """Who follows a run on a terminal (see run.Audience)."""

    def began(self, probe: str) -> None:
        err().print(f"  {probe} …", end="", soft_wrap=True)

    def found(self, finding: Finding) -> None:
        err().print(f" {finding.outcome.value} ({finding.seconds:.1f} s)", style=_COLOURS[finding.outcome])

    def cleared(self, left: tuple[str, ...]) -> None:
        for sentence in left or ("no order of this run is left",):
            err().print(f"  {sentence}", style="bold red" if left else "", soft_wrap=True)


def _list(*, is_json: bool) -> None:
    rows = [
        (
            probe.name,
            "sandbox" if isinstance(probe, TradeProbe) else "both",
            probe.is_vital,
            probe.assumes,
        )
        for probe in _PROBES
    ]
    if is_json:
        print_json([dict(zip(("probe", "where", "is_vital", "assumes"), row, strict=True)) for row in rows])
        return
    table = Table("probe", "where", "vital", "assumes", show_edge=False, pad_edge=False)
    for name, where, is_vital, assumes in rows:
        table.add_row(name, where, "yes" if is_vital else "", assumes)
    out().print(table)


def _show(done: Iterable[Certified], missing: Iterable[NoAccess], *, is_json: bool) -> None:
    if is_json:
        certificates = [{**to_json(each.certificate), "folder": str(each.folder)} for each in done]
        left_out = [{"account": each.alias, "code": each.code, "why": each.message} for each in missing]
        print_json({"certificates": certificates, "left_out": left_out})
        return
    for each in done:
        _show_one(each)


def _show_one(done: Certified) -> None:
    certificate, screen = done.certificate, out()
    versions = certificate.versions
    screen.print(
        f"\n{certificate.environment.value} at {certificate.host}, {certificate.at:%Y-%m-%d %H:%M} UTC, "
        f"SDK {versions.sdk}, engine {versions.engine}, adapter {versions.adapter[:12]}",
        soft_wrap=True,
    )
    table = Table("probe", "result", "what came", show_edge=False, pad_edge=False)
    for finding in certificate.findings:
        came = finding.came if finding.outcome is not Outcome.DIFFERS else f"{finding.came}\nassumed: {finding.assumed}"
        name = f"{finding.probe}{' (vital)' if finding.is_vital else ''}"
        table.add_row(name, finding.outcome.value, visible(came))
    screen.print(table)
    for sentence in certificate.left:
        screen.print(visible(sentence), style="bold red", soft_wrap=True)
    screen.print(f"report: {done.folder / REPORT}", soft_wrap=True)


def _status(done: Iterable[Certified]) -> ExitCode:
    certificates = [each.certificate for each in done]
    found = [finding for certificate in certificates for finding in certificate.findings]
    if all(finding.outcome is Outcome.COULD_NOT_RUN for finding in found):
        return ExitCode.BROKER
    has_left = any(certificate.left for certificate in certificates)
    is_bad = any(
        finding.outcome is Outcome.DIFFERS or (finding.is_vital and finding.outcome is not Outcome.PASSED)
        for finding in found
    )
    return ExitCode.FINDINGS if is_bad or has_left else ExitCode.DONE
