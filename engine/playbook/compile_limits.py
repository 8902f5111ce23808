"""`allow:`, `size:` and `risk:` of a playbook, compiled."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.limits import (
    AlertQuantity,
    Allow,
    AmountLimit,
    Cooldown,
    CountLimit,
    Counts,
    DuplicateRule,
    ExpiryRule,
    Hours,
    PriceCollar,
    Risk,
    SessionRule,
    SizeBase,
    SizeBasis,
    SizeRule,
    Strategy,
    SymbolRule,
    UndefinedRisk,
)
from engine.playbook.section import Section, value_as

DUPLICATE_WINDOW: Final = timedelta(minutes=10)
_NO_TIME: Final = timedelta(0)
_USUAL_KINDS: Final = frozenset({Strategy.LONG_OPTION, Strategy.STOCK})


def compile_allow(allow: Section) -> Allow:
    """Return what may be opened: long options and long stock when nothing is written."""
    kinds = frozenset(map(Strategy, allow.texts("kinds"))) or _USUAL_KINDS
    return Allow(kinds, allow.choice("undefined_risk", UndefinedRisk.NEVER), allow.span)


def compile_size(size: Section) -> SizeRule:
    """Return how much one opening may use: one contract when nothing is written."""
    most = size.section("at_most")
    return SizeRule(
        span=size.span,
        percent=size.amount_if_written("percent"),
        of=_base(size),
        basis=size.choice("basis", SizeBasis.MAX_LOSS),
        tags=_shares(size.section("tags")),
        by_symbol=_shares(size.section("by_symbol")),
        alert_quantity=size.choice("alert_quantity", AlertQuantity.AT_MOST),
        most_contracts=most.count_if_written("contracts") if size.is_written else 1,
        most_cost=most.amount_if_written("cost"),
    )


def _base(size: Section) -> SizeBase | Decimal:
    written = size.get("of")
    if written is None:
        return SizeBase.NET_LIQ
    return written.value if isinstance(written.value, Decimal) else SizeBase(value_as(written, str))


def _shares(section: Section) -> tuple[tuple[str, Decimal], ...]:
    return tuple((name, value_as(bound, Decimal)) for name, bound in section.by_key())


def compile_risk(risk: Section) -> Risk:
    """Return the limits of a playbook."""
    return Risk(
        span=risk.span,
        symbols=_symbols(risk.section("symbols")),
        session=_session(risk.section("session")),
        expiry=_expiry(risk.section("expiry")),
        max_open_positions=_count_limit(risk, "max_open_positions"),
        max_orders_per_day=_count_limit(risk, "max_orders_per_day"),
        max_daily_loss=_amount_limit(risk, "max_daily_loss"),
        per_symbol=compile_counts(risk.section("per_symbol")),
        per_author=compile_counts(risk.section("per_author")),
        price_collar=_collar(risk.section("price_collar")),
        max_spread=_amount_limit(risk, "max_spread"),
        duplicates=DuplicateRule(risk.duration("duplicate_window", DUPLICATE_WINDOW), risk.span_of("duplicate_window")),
        cooldown=_cooldown(risk.section("cooldown")),
    )


def compile_counts(counts: Section) -> Counts:
    """Return the limits of one symbol or one author."""
    return Counts(
        max_open_positions=counts.count_if_written("max_open_positions"),
        max_orders_per_day=counts.count_if_written("max_orders_per_day"),
        max_daily_loss=counts.amount_if_written("max_daily_loss"),
        span=counts.span,
    )


def _symbols(symbols: Section) -> SymbolRule:
    allow = frozenset(symbols.texts("allow")) if "allow" in symbols else None
    return SymbolRule(allow, frozenset(symbols.texts("deny")), symbols.span)


def _session(session: Section) -> SessionRule:
    return SessionRule(
        hours=session.choice("hours", Hours.REGULAR),
        starts=session.time_if_written("from"),
        ends=session.time_if_written("to"),
        not_before_open=session.duration("not_before_open", _NO_TIME),
        stop_before_close=session.duration("stop_before_close", _NO_TIME),
        span=session.span,
    )


def _expiry(expiry: Section) -> ExpiryRule:
    return ExpiryRule(expiry.count("min_days", 0), expiry.count_if_written("max_days"), expiry.span)


def _count_limit(risk: Section, key: str) -> CountLimit | None:
    most = risk.count_if_written(key)
    return None if most is None else CountLimit(most, risk.span_of(key))


def _amount_limit(risk: Section, key: str) -> AmountLimit | None:
    most = risk.amount_if_written(key)
    return None if most is None else AmountLimit(most, risk.span_of(key))


def _collar(collar: Section) -> PriceCollar | None:
    if not collar.is_written:
        return None
    return PriceCollar(collar.amount_if_written("from_alert"), collar.amount_if_written("from_mid"), collar.span)


def _cooldown(cooldown: Section) -> Cooldown | None:
    if not cooldown.is_written:
        return None
    return Cooldown(cooldown.count("after_losses", 1), cooldown.duration("for", _NO_TIME), cooldown.span)
