"""What lets orders of real money through, and what does not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from engine.adapters.tastytrade.destination import Credentials, Destination, production, sandbox
from engine.app.certificates import (
    certificate_for,
    certificate_text,
    host_of,
    read_certificates,
    versions_now,
    why_not_certified,
)
from engine.app.credentials import Access
from engine.certify.certificate import LIFETIME, Certificate
from engine.certify.findings import Finding, Outcome
from engine.certify.run import vital
from engine.model.environment import Environment

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HOSTS = {
    Environment.SANDBOX: "api.cert.tastyworks.com",
    Environment.PRODUCTION: "api.tastyworks.com",
    Environment.PAPER_SANDBOX: "127.0.0.1",
    Environment.PAPER_PRODUCTION: "127.0.0.1",
}


def access(environment: Environment = Environment.PRODUCTION, destination: Destination | None = None) -> Access:
    return Access("main", environment, destination or production(), "5WT12345", Credentials("secret-0", "refresh-0"))


def certificate(environment: Environment, host: str = "") -> Certificate:
    findings = tuple(
        Finding(name, Outcome.PASSED, True, "this", "that", 0.5) for name in sorted(vital(environment.kind))
    )
    return Certificate(NOW - timedelta(days=1), environment, host or HOSTS[environment], versions_now(), findings)


def kept(folder: Path, *certificates: Certificate) -> Path:
    for number, each in enumerate(certificates):
        place = folder / f"{number}-{each.environment.value}"
        place.mkdir()
        (place / "certificate.json").write_text(certificate_text(each), encoding="utf-8")
    return folder


BOTH = (certificate(Environment.SANDBOX), certificate(Environment.PRODUCTION))


def test_both_fresh_certificates_of_the_broker_let_orders_through(tmp_path: Path):
    assert why_not_certified(access(), kept(tmp_path, *BOTH), NOW) is None


@pytest.mark.parametrize("environment", [each for each in Environment if not each.is_real_money])
def test_only_real_money_asks_for_certificates(tmp_path: Path, environment: Environment):
    assert why_not_certified(access(environment, sandbox()), tmp_path, NOW) is None


@pytest.mark.parametrize(
    ("certificates", "why"),
    [
        pytest.param((), "sandbox at api.cert.tastyworks.com is not certified: there is no certificate", id="none"),
        pytest.param(BOTH[:1], "production at api.tastyworks.com is not certified: there is no", id="sandbox only"),
        pytest.param(
            BOTH[1:], "sandbox at api.cert.tastyworks.com is not certified: there is no", id="production only"
        ),
        pytest.param(
            (certificate(Environment.PAPER_SANDBOX), certificate(Environment.PAPER_PRODUCTION)),
            "there is no certificate",
            id="of a local exchange",
        ),
        pytest.param(
            (certificate(Environment.SANDBOX, "127.0.0.1"), certificate(Environment.PRODUCTION, "127.0.0.1")),
            "there is no certificate",
            id="of a local exchange that calls itself the broker's",
        ),
        pytest.param(
            (certificate(Environment.SANDBOX, "in-process"), certificate(Environment.PRODUCTION, "in-process")),
            "there is no certificate",
            id="of an exchange of the process itself",
        ),
        pytest.param(
            (replace(BOTH[0], at=NOW - LIFETIME), BOTH[1]), "it is of 2026-10-25, and counts for 30 days", id="too old"
        ),
        pytest.param(
            (BOTH[0], replace(BOTH[1], at=NOW + timedelta(hours=1))), "it is of 2026-11-24", id="of the future"
        ),
        pytest.param(
            (replace(BOTH[0], versions=replace(versions_now(), sdk="13.2.2")), BOTH[1]),
            f"the SDK was 13.2.2 then and is {versions_now().sdk} now",
            id="another SDK",
        ),
        pytest.param(
            (BOTH[0], replace(BOTH[1], versions=replace(versions_now(), adapter="0" * 64))),
            "the adapter's source was 000000000000 then",
            id="another adapter",
        ),
        pytest.param(
            (replace(BOTH[0], findings=BOTH[0].findings[1:]), BOTH[1]), "cancelling did not pass", id="a part of a run"
        ),
    ],
)
def test_anything_less_does_not(tmp_path: Path, certificates: tuple[Certificate, ...], why: str):
    said = why_not_certified(access(), kept(tmp_path, *certificates), NOW)

    assert said is not None
    assert why in said
    assert said.endswith("run signalbook certify tastytrade")


def test_production_that_is_reached_elsewhere_is_never_certified(tmp_path: Path):
    folder = kept(tmp_path, *BOTH)
    local = Destination(is_sandbox=False, rest_url="http://127.0.0.1:1", stream_url="ws://127.0.0.1:1")

    for destination in (local, production(httpx2.ASGITransport(lambda: None))):  # type: ignore[arg-type]
        assert why_not_certified(access(destination=destination), folder, NOW) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"certificate": 2}', "[" * 100_000, "\0"])
def test_a_certificate_that_cannot_be_read_is_not_there(tmp_path: Path, text: str):
    folder = kept(tmp_path, *BOTH)
    (folder / "0-sandbox" / "certificate.json").write_text(text, encoding="utf-8")

    assert list(read_certificates(folder)) == [BOTH[1]]
    assert why_not_certified(access(), folder, NOW) is not None


def test_a_folder_that_is_not_there_holds_none(tmp_path: Path):
    assert why_not_certified(access(), tmp_path / "nowhere", NOW) is not None


def test_the_latest_of_several_counts(tmp_path: Path):
    newer = replace(BOTH[0], at=NOW)
    failed = replace(newer, findings=())
    folder = kept(tmp_path, BOTH[0], newer, failed)

    assert certificate_for(Environment.SANDBOX, HOSTS[Environment.SANDBOX], folder, NOW) == newer


def test_a_host_tells_the_broker_from_this_machine():
    local = Destination(is_sandbox=True, rest_url="http://[::1]:8700", stream_url="ws://[::1]:8700")

    assert [host_of(each) for each in (sandbox(), production(), local)] == [
        "api.cert.tastyworks.com",
        "api.tastyworks.com",
        "::1",
    ]
    assert host_of(sandbox(httpx2.ASGITransport(lambda: None))) == "in-process"  # type: ignore[arg-type]


def test_what_is_written_is_what_is_read(tmp_path: Path):
    assert json.loads(certificate_text(BOTH[0]))["host"] == "api.cert.tastyworks.com"
    assert list(read_certificates(kept(tmp_path, *BOTH))) == list(BOTH)
