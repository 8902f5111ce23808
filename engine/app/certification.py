"""Certification of one account: the broker's adapter handed to the probes, their answers redacted and kept."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.probing import TastytradeComplexOrders, TastytradeProbing
from engine.adapters.tastytrade.quotes import TastytradeQuotes
from engine.adapters.tastytrade.reader import TastytradeReader
from engine.app.certificates import CERTIFICATE, certificate_text, host_of, versions_now
from engine.app.credentials import Access
from engine.app.settings import SettingsError
from engine.certify.bench import FAR, SHARE, ReadBench, Record, Setting, TradeBench, Wait
from engine.certify.certificate import Certificate
from engine.certify.findings import Finding
from engine.certify.probe import TradeProbe
from engine.certify.redaction import Redaction
from engine.certify.run import Audience, probes_of, run_reading, run_trading
from engine.model.desk import AccountKind
from engine.ports import Clock

REPORT: Final = "report.txt"
ANSWERS: Final = "answers"


@dataclass(frozen=True, slots=True)
class Certifying:
    """
    How certification is run.

    only: names of probes, all when empty. folder: of certificates. clock: the exchange's. stamped_at: the date on the
    certificate. wait: lets so many seconds pass at the exchange.
    """

    folder: Path
    clock: Clock
    stamped_at: datetime
    only: frozenset[str] = frozenset()
    pace: Pace = field(default_factory=Pace)
    wait: Wait = anyio.sleep


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate and the folder it was written to."""

    certificate: Certificate
    folder: Path


def plan_of(access: Access, only: frozenset[str]) -> tuple[str, ...]:
    """Return what certification of an account will do, a sentence each."""
    probes = [probe for probe in probes_of(access.environment.kind) if not only or probe.name in only]
    head = f"{access.environment.value} at {host_of(access.destination)}, account {access.alias}"
    if access.environment.kind is AccountKind.PRODUCTION:
        return (f"{head}: {len(probes)} probes that read and have orders checked; nothing is placed",)
    placing = sum(isinstance(probe, TradeProbe) for probe in probes)
    return (
        f"{head}: {len(probes)} probes, of which {placing} place orders: one share of {SHARE} each, bid for at "
        f"${FAR} to ${FAR + 2}, far below its price, and cancelled afterwards whatever happens",
    )


async def certify(access: Access, certifying: Certifying, audience: Audience) -> Certified:
    """
    Run the probes of one account and write what they found.

    Raises: CredentialsRefused, InvariantBroken, SettingsError when nothing can be written.
    """
    record = Record()
    folder = _new_folder(certifying.folder, access, certifying.stamped_at)
    left: tuple[str, ...] = ()
    try:
        if access.environment.kind is AccountKind.PRODUCTION:
            findings = await _certify_production(access, certifying, record, audience)
        else:
            findings, left = await _certify_sandbox(access, certifying, record, audience)
    finally:
        _write_answers(folder, access, record)
    certificate = Certificate(
        certifying.stamped_at,
        access.environment,
        host_of(access.destination),
        versions_now(),
        tuple(_without_secrets(access, findings)),
        tuple(map(_redaction(access).text, left)),
    )
    (folder / CERTIFICATE).write_text(certificate_text(certificate), encoding="utf-8")
    (folder / REPORT).write_text(report_text(certificate), encoding="utf-8")
    return Certified(certificate, folder)


def report_text(certificate: Certificate) -> str:
    """Return a certificate as text for people."""
    versions = certificate.versions
    lines = [
        f"{certificate.environment.value} at {certificate.host}, {certificate.at:%Y-%m-%d %H:%M} UTC",
        f"SDK {versions.sdk}, engine {versions.engine}, adapter {versions.adapter[:12]}",
        "",
    ]
    for finding in certificate.findings:
        mark = ", vital" if finding.is_vital else ""
        lines.append(f"{finding.probe}: {finding.outcome.value} ({finding.seconds:.1f} s{mark})")
        lines.append(f"  assumed: {finding.assumed}")
        lines.append(f"  came:    {finding.came}")
        lines += [f"    {tried}: {came}" for tried, came in finding.rows]
    lines += ["", *(certificate.left or ("no order is left",))]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- the two environments


async def _certify_production(
    access: Access, certifying: Certifying, record: Record, audience: Audience
) -> tuple[Finding, ...]:
    """Production: over a connection that sends nothing but questions, on a bench that has no way to an order."""
    reading = replace(access, destination=replace(access.destination, is_read_only=True))
    async with _connected(reading, certifying, record) as connection:
        return await run_reading(bench_of(reading, connection, certifying, record), certifying.only, audience)


async def _certify_sandbox(
    access: Access, certifying: Certifying, record: Record, audience: Audience
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    async with _connected(access, certifying, record) as connection:
        orders = TastytradeBroker(connection, access.number, certifying.clock)
        complex_orders = TastytradeComplexOrders(connection, access.number)
        bench = TradeBench(bench_of(access, connection, certifying, record), orders, complex_orders)
        return await run_trading(bench, certifying.only, audience)


@asynccontextmanager
async def _connected(access: Access, certifying: Certifying, record: Record) -> AsyncIterator[Connection]:
    connection = Connection(access.destination, access.credentials, certifying.pace)
    connection.watch = record.take
    async with connection.opened():
        yield connection


def bench_of(access: Access, connection: Connection, certifying: Certifying, record: Record) -> ReadBench:
    """Return the bench of an account on which nothing can be changed."""
    return ReadBench(
        Setting(access.environment, certifying.clock, record, certifying.wait),
        TastytradeReader(connection, access.number, certifying.clock),
        TastytradeProbing(connection, access.number, certifying.clock),
        TastytradeQuotes(connection, certifying.clock),
    )


# ---------------------------------------------------------------- files


def _redaction(access: Access) -> Redaction:
    return Redaction((access.number, access.credentials.client_secret, access.credentials.refresh_token))


def _without_secrets(access: Access, findings: Iterable[Finding]) -> Iterator[Finding]:
    hide: Callable[[str], str] = _redaction(access).text
    for finding in findings:
        rows = tuple((hide(tried), hide(came)) for tried, came in finding.rows)
        yield replace(finding, came=hide(finding.came), rows=rows)


def _new_folder(folder: Path, access: Access, at: datetime) -> Path:
    stem = f"{at:%Y-%m-%d}-{access.environment.value}"
    taken = {each.name for each in folder.glob(f"{stem}*")} if folder.is_dir() else set()
    name = next(
        name for number in range(1, 10_000) if (name := stem + (f"-{number}" if number > 1 else "")) not in taken
    )
    try:
        (folder / name / ANSWERS).mkdir(parents=True)
    except OSError as error:
        raise SettingsError("cannot_write", f"{folder / name}: {error.strerror}", "check the folder") from error
    return folder / name


def _write_answers(folder: Path, access: Access, record: Record) -> None:
    redaction = _redaction(access)
    for number, (probe, answer) in enumerate(record.answers, 1):
        text = json.dumps(redaction.answer(answer), indent=1, ensure_ascii=False) + "\n"
        (folder / ANSWERS / f"{number:03}-{probe}.json").write_text(text, encoding="utf-8")
