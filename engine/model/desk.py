"""What all playbooks of a desk share: accounts, people, limits no playbook may exceed."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.limits import Counts
from engine.model.source import Span
from engine.model.stages import OnUnavailable


class AccountKind(StrEnum):
    """Whether an account holds real money."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class BrokerKind(StrEnum):
    """Where an account is: at tastytrade, or at the local exchange that comes with Signalbook."""

    TASTYTRADE = "tastytrade"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Account:
    """
    One account.

    name: its alias. number_from, secret_from, token_from: names of the environment variables that
    hold its number, client secret and refresh token, "" when not given; secrets are never in YAML.
    """

    name: str
    kind: AccountKind
    broker: BrokerKind
    number_from: str
    secret_from: str
    token_from: str
    span: Span


class Permission(StrEnum):
    """What a person may do."""

    ALERT = "alert"
    APPROVE = "approve"
    CONTROL = "control"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the desk. id: their Discord id; it alone carries the permissions."""

    name: str
    id: str
    may: frozenset[Permission]
    span: Span


@dataclass(frozen=True, slots=True)
class HouseCollar:
    """
    How far any opening's price may lie from the alert's and the mid, as shares; None: any distance.

    per_day: dollars all openings of a day may pay beyond the mid; None: no limit.
    """

    from_alert: Decimal | None
    from_mid: Decimal | None
    per_day: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class Repeats:
    """So many executions of one contract by one playbook within so long need a named person to go on."""

    times: int
    within: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class HouseLimits:
    """
    Limits over everything a desk trades; None: the desk sets no such limit.

    max_order_value, max_daily_loss: dollars. max_size: share of the account one opening may use.
    messages_per_minute: to the broker, for each account. max_spread: share of the mid.
    """

    span: Span
    max_order_value: Decimal | None
    max_contracts: int | None
    max_shares: int | None
    max_size: Decimal | None
    max_open_positions: int | None
    max_orders_per_day: int | None
    max_daily_loss: Decimal | None
    messages_per_minute: int
    per_symbol: Counts
    per_author: Counts
    price_collar: HouseCollar
    max_spread: Decimal | None
    duplicate_window: timedelta
    repeats: Repeats | None


@dataclass(frozen=True, slots=True)
class Desk:
    """
    The desk.

    time_zone: IANA name ("America/New_York"). control_channel: Discord id; "" when there is none.
    on_call: names of people. channels: Discord id → name for people.
    on_cannot_represent, on_outage: what sandbox verdicts mean that are neither pass nor refused.
    """

    name: str
    span: Span
    file: str
    about: str
    time_zone: str
    accounts: tuple[Account, ...]
    people: tuple[Person, ...]
    on_call: tuple[str, ...]
    control_channel: str
    channels: tuple[tuple[str, str], ...]
    on_cannot_represent: OnUnavailable
    on_outage: OnUnavailable
    limits: HouseLimits

    def account(self, name: str) -> Account | None:
        """Return the account of an alias, None when there is none."""
        return next((account for account in self.accounts if account.name == name), None)

    def person(self, name: str) -> Person | None:
        """Return the person of a name, None when there is none."""
        return next((person for person in self.people if person.name == name), None)
