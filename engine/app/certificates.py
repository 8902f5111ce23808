"""Certificates on disk, and whether they let orders of real money through."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from engine.adapters.tastytrade.destination import Destination, production, sandbox
from engine.app.credentials import Access
from engine.app.manifest import engine_version
from engine.certify.certificate import Certificate, Versions
from engine.certify.certificate_json import UnreadableCertificate, from_json, to_json
from engine.certify.run import vital
from engine.model.environment import Environment

CERTIFICATE: Final = "certificate.json"
COMMAND: Final = "signalbook certify tastytrade"
_ADAPTERS: Final = Path(__file__).resolve().parent.parent / "adapters"
_IN_PROCESS: Final = "in-process"


@cache
def versions_now() -> Versions:
    """Return what a certificate made now is bound to."""
    whole = sha256()
    for file in sorted(_ADAPTERS.rglob("*.py")):
        whole.update(file.relative_to(_ADAPTERS).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return Versions(version("tastytrade"), engine_version(), whole.hexdigest())


def host_of(destination: Destination) -> str:
    """Return the host requests really go to: the broker's, this machine's, or that it is this very process."""
    return _IN_PROCESS if destination.transport is not None else urlsplit(destination.rest_url).hostname or ""


def why_not_certified(access: Access, folder: Path, now: datetime) -> str | None:
    """
    Return why no order may go to an account, one sentence; None when certification does not forbid it.

    Only real money asks for certificates: fresh ones of the broker's own sandbox, where everything was tried, and of
    its production. Those of a local exchange are of no use here, and whatever cannot be read counts as not there.
    """
    if not access.environment.is_real_money:
        return None
    places = ((Environment.SANDBOX, host_of(sandbox())), (Environment.PRODUCTION, host_of(production())))
    if host_of(access.destination) != places[1][1]:
        return f"orders of real money go to {places[1][1]} and nowhere else"
    for environment, host in places:
        why = _why_none(environment, host, folder, now)
        if why is not None:
            return f"{environment.value} at {host} is not certified: {why}; run {COMMAND}"
    return None


def certificate_for(environment: Environment, host: str, folder: Path, now: datetime) -> Certificate | None:
    """Return the latest certificate of an environment that is fresh and whole; None when there is none."""
    found = [each for each in _of(environment, host, folder) if _flaw(each, now) is None]
    return max(found, key=lambda each: each.at, default=None)


def read_certificates(folder: Path) -> Iterator[Certificate]:
    """Yield every certificate in a folder that can be read."""
    for file in sorted(folder.glob(f"*/{CERTIFICATE}")):
        try:
            yield from_json(json.loads(file.read_bytes()))
        except (OSError, ValueError, RecursionError, UnreadableCertificate):
            continue


def certificate_text(certificate: Certificate) -> str:
    """Return a certificate as it stands in its file."""
    return json.dumps(to_json(certificate), indent=2, ensure_ascii=False) + "\n"


def _why_none(environment: Environment, host: str, folder: Path, now: datetime) -> str | None:
    if certificate_for(environment, host, folder, now) is not None:
        return None
    latest = max(_of(environment, host, folder), key=lambda each: each.at, default=None)
    return "there is no certificate" if latest is None else _flaw(latest, now)


def _of(environment: Environment, host: str, folder: Path) -> list[Certificate]:
    return [each for each in read_certificates(folder) if (each.environment, each.host) == (environment, host)]


def _flaw(certificate: Certificate, now: datetime) -> str | None:
    stale = certificate.why_stale(now, versions_now())
    return stale or certificate.why_not_passed(vital(certificate.environment.kind))
