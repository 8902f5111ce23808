"""
Which account of the desk leads where, and what signs in there.

Whatever is missing, odd or contradictory leaves an account without access; nothing unreadable ever leads to
production at the broker, which needs SIGNALBOOK_PRODUCTION to be exactly "yes" besides.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from engine.adapters.tastytrade.destination import Credentials, Destination, production, sandbox
from engine.app.settings import Settings, SettingsError
from engine.model.desk import Account, AccountKind, BrokerKind, Desk
from engine.model.environment import Environment, environment_of
from engine.paper import venue
from engine.paper.opening import ACCOUNTS, grants

BROKER: Final = "SIGNALBOOK_BROKER"
PAPER: Final = "SIGNALBOOK_PAPER"
PRODUCTION: Final = "SIGNALBOOK_PRODUCTION"
_DEFAULT_PAPER: Final = "http://127.0.0.1:8700"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LAST_PORT: Final = 65534
_NUMBER: Final = re.compile(r"[0-9A-Z]{5,16}")
_SECRET: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,8192}")
_FILL_IN: Final = "fill it in as .env.example says"


@dataclass(frozen=True, slots=True)
class Access:
    """
    One account of the desk and all it takes to reach it; what signs in, and the number, are never shown.

    alias: its name in the desk.
    """

    alias: str
    environment: Environment
    destination: Destination
    number: str = field(repr=False)
    credentials: Credentials = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAccess:
    """An account of the desk that cannot be reached, and why. code: of SettingsError."""

    alias: str
    kind: AccountKind
    code: str
    message: str
    remedy: str

    def error(self) -> SettingsError:
        """Return it as an error."""
        return SettingsError(self.code, self.message, self.remedy)


def accesses(desk: Desk, settings: Settings) -> tuple[Access | NoAccess, ...]:
    """
    Return where each account of a desk leads, in the order of the desk.

    Raises: SettingsError, when it cannot be told which broker is meant, or where the local exchange is.
    """
    brokers = {account.name: _broker_of(account, desk, settings) for account in desk.accounts}
    if len(set(brokers.values())) > 1:
        message = "some accounts are at tastytrade and some at the local exchange: prices of one are none of the other"
        raise SettingsError("mixed_brokers", message, f"set {BROKER}=paper, or take `broker: paper` out of the desk")
    if BrokerKind.PAPER in brokers.values():
        return tuple(_paper_accesses(desk.accounts, settings))
    return _apart(tuple(_access(account, settings) for account in desk.accounts))


def paper_number(kind: AccountKind, place: int = 0) -> str:
    """
    Return the number of the local exchange's account for the desk's first, second … account of a kind.

    >>> paper_number(AccountKind.SANDBOX), paper_number(AccountKind.PRODUCTION, 1)
    ('5WX00001', '5WT00002')
    """
    first = ACCOUNTS[_venue(kind)]
    return f"{first[:3]}{int(first[3:]) + place:05}"


# ---------------------------------------------------------------- which broker


def _broker_of(account: Account, desk: Desk, settings: Settings) -> BrokerKind:
    return BrokerKind.PAPER if account.broker is BrokerKind.PAPER else _wanted_broker(desk, settings)


def _wanted_broker(desk: Desk, settings: Settings) -> BrokerKind:
    said = settings.variables.get(BROKER, "")
    if said:
        try:
            return BrokerKind(said)
        except ValueError:
            message = f"{BROKER} was {said!r}, which is neither paper nor tastytrade"
            raise SettingsError("bad_setting", message, "correct or unset it") from None
    names = {name for account in desk.accounts for name in (account.secret_from, account.token_from) if name}
    is_named = any(settings.variables.get(name) for name in names)
    return BrokerKind.TASTYTRADE if is_named and not settings.variables.get(PAPER) else BrokerKind.PAPER


# ---------------------------------------------------------------- the local exchange


def _paper_accesses(accounts: Iterable[Account], settings: Settings) -> Iterator[Access]:
    places: Counter[AccountKind] = Counter()
    for account in accounts:
        number = paper_number(account.kind, places[account.kind])
        places[account.kind] += 1
        yield paper_access(account.name, account.kind, settings, number)


def paper_access(alias: str, kind: AccountKind, settings: Settings, number: str = "") -> Access:
    """
    Return the way to the local exchange; its keys are no secrets.

    number: of the account; the first one when left out.
    Raises: SettingsError, when SIGNALBOOK_PAPER names no place on this machine.
    """
    grant = grants(_venue(kind))[0]
    return Access(
        alias,
        environment_of(kind, is_paper=True),
        _paper_destination(kind, settings.variables.get(PAPER) or _DEFAULT_PAPER),
        number or paper_number(kind),
        Credentials(grant.client_secret, grant.refresh_token),
    )


def _paper_destination(kind: AccountKind, address: str) -> Destination:
    """address: of the sandbox; production is at the next port."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme != "http" or host not in _LOOPBACK or port is None or not 0 < port <= _LAST_PORT or not is_bare:
        message = f"{PAPER} names no exchange on this machine"
        raise SettingsError("bad_setting", message, f"write it as {_DEFAULT_PAPER}, or unset it")
    place = f"{f'[{host}]' if ':' in host else host}:{port + (kind is AccountKind.PRODUCTION)}"
    return Destination(kind is AccountKind.SANDBOX, f"http://{place}", f"ws://{place}")


def _venue(kind: AccountKind) -> venue.Environment:
    return venue.Environment.SANDBOX if kind is AccountKind.SANDBOX else venue.Environment.PRODUCTION


# ---------------------------------------------------------------- the broker


def _access(account: Account, settings: Settings) -> Access | NoAccess:
    switch = settings.variables.get(PRODUCTION, "")
    if account.kind is AccountKind.PRODUCTION and switch != "yes":
        said = f"it was {switch!r}" if switch else "it is not set"
        message = f"{account.name!r} is a production account, and {PRODUCTION} is not yes: {said}"
        return NoAccess(account.name, account.kind, "production_off", message, f"set {PRODUCTION}=yes for real money")
    fault = _fault(account, settings)
    if fault is not None:
        return NoAccess(account.name, account.kind, "no_credentials", fault, _FILL_IN)
    values = settings.variables
    return Access(
        account.name,
        environment_of(account.kind, is_paper=False),
        sandbox() if account.kind is AccountKind.SANDBOX else production(),
        values[account.number_from],
        Credentials(values[account.secret_from], values[account.token_from]),
    )


def _fault(account: Account, settings: Settings) -> str | None:
    """Return what is wrong with the variables of an account, without what they hold."""
    wanted = (
        ("number", account.number_from, _NUMBER),
        ("client_secret", account.secret_from, _SECRET),
        ("refresh_token", account.token_from, _SECRET),
    )
    for key, name, shape in wanted:
        if not name:
            return f"{account.name!r} names no variable for its {key}"
        value = settings.variables.get(name, "")
        if not value:
            return f"{name}, the {key} of {account.name!r}, is not set"
        if shape.fullmatch(value) is None:
            return f"{name} cannot be the {key} of {account.name!r}: it has a length or characters none has"
    return None


def _apart(found: tuple[Access | NoAccess, ...]) -> tuple[Access | NoAccess, ...]:
    """Take away the access of accounts that share what no two accounts share."""
    reached = [each for each in found if isinstance(each, Access)]
    return tuple(each if isinstance(each, NoAccess) else _alone(each, reached) for each in found)


def _alone(access: Access, reached: Iterable[Access]) -> Access | NoAccess:
    for other in reached:
        if other.alias != access.alias and _is_shared(access, other):
            message = f"{access.alias!r} and {other.alias!r} have a number or secrets in common"
            remedy = "give each account its own number, and sandbox and production secrets of their own"
            return NoAccess(access.alias, access.environment.kind, "shared_credentials", message, remedy)
    return access


def _is_shared(one: Access, other: Access) -> bool:
    if one.number == other.number:
        return True
    ours = {one.credentials.client_secret, one.credentials.refresh_token}
    theirs = {other.credentials.client_secret, other.credentials.refresh_token}
    return one.environment is not other.environment and bool(ours & theirs)
