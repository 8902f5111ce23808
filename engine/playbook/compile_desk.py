"""`desk.yaml`, compiled."""

from datetime import timedelta
from typing import Final

from engine.model.desk import (
    Account,
    AccountKind,
    BrokerKind,
    Desk,
    HouseCollar,
    HouseLimits,
    Permission,
    Person,
    Repeats,
)
from engine.model.stages import OnUnavailable
from engine.playbook.bound import Bound
from engine.playbook.compile_limits import DUPLICATE_WINDOW, compile_counts
from engine.playbook.section import Section, value_as

MESSAGES_PER_MINUTE: Final = 60


def compile_desk(bound: Bound) -> Desk:
    """Return the desk of a checked file."""
    desk = Section(bound, bound.span)
    sandbox = desk.section("sandbox")
    channels = desk.section("channels")
    return Desk(
        name=desk.text("desk"),
        span=desk.span_of("desk"),
        file=bound.span.file,
        about=desk.text("about"),
        time_zone=desk.text("time_zone", "America/New_York"),
        accounts=_accounts(desk.section("accounts")),
        people=_people(desk.section("people")),
        on_call=desk.texts("on_call"),
        control_channel=desk.text("control_channel"),
        channels=tuple((channel, value_as(name, str)) for channel, name in channels.entries()),
        on_cannot_represent=sandbox.choice("on_cannot_represent", OnUnavailable.BLOCK),
        on_outage=sandbox.choice("on_outage", OnUnavailable.BLOCK),
        limits=_limits(desk.section("limits")),
    )


def _accounts(accounts: Section) -> tuple[Account, ...]:
    compiled = []
    for name, bound in accounts.entries():
        account = Section(bound, accounts.span)
        secrets = account.section("secrets")
        compiled.append(
            Account(
                name=name,
                kind=account.choice("kind", AccountKind.SANDBOX),
                broker=account.choice("broker", BrokerKind.TASTYTRADE),
                number_from=account.text("number"),
                secret_from=secrets.text("client_secret"),
                token_from=secrets.text("refresh_token"),
                span=accounts.key_span(name),
            )
        )
    return tuple(compiled)


def _people(people: Section) -> tuple[Person, ...]:
    compiled = []
    for name, bound in people.entries():
        person = Section(bound, people.span)
        may = frozenset(map(Permission, person.texts("permissions")))
        compiled.append(Person(name, person.text("discord"), may, people.key_span(name)))
    return tuple(compiled)


def _limits(limits: Section) -> HouseLimits:
    return HouseLimits(
        span=limits.span,
        max_order_value=limits.amount_if_written("max_order_value"),
        max_contracts=limits.count_if_written("max_contracts"),
        max_shares=limits.count_if_written("max_shares"),
        max_size=limits.amount_if_written("max_size"),
        max_open_positions=limits.count_if_written("max_open_positions"),
        max_orders_per_day=limits.count_if_written("max_orders_per_day"),
        max_daily_loss=limits.amount_if_written("max_daily_loss"),
        messages_per_minute=limits.count("messages_per_minute", MESSAGES_PER_MINUTE),
        per_symbol=compile_counts(limits.section("per_symbol")),
        per_author=compile_counts(limits.section("per_author")),
        price_collar=_collar(limits.section("price_collar")),
        max_spread=limits.amount_if_written("max_spread"),
        duplicate_window=limits.duration("duplicate_window", DUPLICATE_WINDOW),
        repeats=_repeats(limits.section("repeats")),
    )


def _collar(collar: Section) -> HouseCollar:
    return HouseCollar(
        from_alert=collar.amount_if_written("from_alert"),
        from_mid=collar.amount_if_written("from_mid"),
        per_day=collar.amount_if_written("per_day"),
        span=collar.span,
    )


def _repeats(repeats: Section) -> Repeats | None:
    if not repeats.is_written:
        return None
    return Repeats(repeats.count("times", 1), repeats.duration("within", timedelta(0)), repeats.span)
