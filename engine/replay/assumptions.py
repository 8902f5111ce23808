"""What a replay assumes because an archive cannot say it: the account, quotes, fills."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.interpret.interpreter import Sources
from engine.model.activity import Restriction
from engine.model.alert import Alert, Asset
from engine.model.market import AccountState, Market
from engine.model.message import Message
from engine.model.nearest import nearest
from engine.playbook.scalars import NotRead, read_money
from engine.replay.event_time import happened_at

NOTHING: Final = "nothing"
_NONE: Final = "none"
# What each switch is set to when it is on, and what that means.
_SWITCHES: Final = {
    "quotes": ("alert", "bid and ask are the alert's own price"),
    "contract": ("unchosen", "a signal that names no contract stands without one, and without a size"),
    "state": ("active", "nothing is halted or reduced"),
    "fills": ("alert", "every approved opening and close is filled at the alert's price"),
    "expiry": ("worthless", "an option that expires is worth nothing"),
}
_AMOUNTS: Final = {
    "net_liq": "the account is worth {}",
    "buying_power": "the account can buy for {}",
    "margin": "one contract of a future takes {} of margin",
}
_NET_LIQ: Final = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """
    What is assumed.

    amounts: dollars by name. switches: names of those that are on.
    """

    amounts: tuple[tuple[str, Decimal], ...] = (("net_liq", _NET_LIQ), ("buying_power", _NET_LIQ))
    switches: frozenset[str] = frozenset(_SWITCHES)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in force; that of the time, which is always assumed, comes first."""
        return ("now", *(name for name, _ in self.amounts), *(name for name in _SWITCHES if name in self.switches))

    def amount(self, name: str) -> Decimal | None:
        """Return dollars by name; None when they are not assumed."""
        return dict(self.amounts).get(name)

    def sentences(self, latency: timedelta) -> tuple[tuple[str, str], ...]:
        """Return each name in force with what is assumed. latency: from an event to its judgement."""
        return (
            ("now", f"the time of the event and {latency.total_seconds():g} s"),
            *((name, _AMOUNTS[name].format(f"${amount:,.2f}".removesuffix(".00"))) for name, amount in self.amounts),
            *((name, sentence) for name, (_, sentence) in _SWITCHES.items() if name in self.switches),
        )

    def sources(self, latency: timedelta, own_author_ids: frozenset[str]) -> Sources:
        """Return where the facts of decisions come from in a replay."""
        known = _Assumed(self)
        return Sources(ArchiveClock(latency), known, known, known, own_author_ids, self.names)


def assumptions_of(written: Iterable[str]) -> Assumptions:
    """
    Return the usual assumptions, changed as `NAME=VALUE` says; `nothing` drops all but what follows it.

    Raises: ValueError, with a sentence for people.

    >>> assumptions_of(["nothing", "net_liq=$25,000"]).names
    ('now', 'net_liq')
    """
    amounts, switches, says_buying_power = dict(Assumptions().amounts), set(_SWITCHES), False
    for text in written:
        name, is_set, value = text.partition("=")
        if text == NOTHING:
            amounts, switches, says_buying_power = {}, set(), True
        elif name in _AMOUNTS and is_set:
            says_buying_power |= name == "buying_power"
            _set_amount(amounts, name, value)
        elif name in _SWITCHES and is_set:
            _set_switch(switches, name, value)
        else:
            raise ValueError(_unknown(text, name))
    if not says_buying_power:
        _follow(amounts)
    ordered = tuple((name, amounts[name]) for name in _AMOUNTS if name in amounts)
    return replace(Assumptions(), amounts=ordered, switches=frozenset(switches))


class ArchiveClock:
    """Judges an event a stated time after it happened."""

    def __init__(self, latency: timedelta) -> None:
        self._latency = latency

    def judged_at(self, message: Message) -> datetime:
        """Return the time of the event and the latency."""
        return happened_at(message) + self._latency


class _Assumed:
    """What is assumed of account, market and trading states; what is not assumed is not known."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._net_liq, self._buying_power = assumptions.amount("net_liq"), assumptions.amount("buying_power")
        self._margin = assumptions.amount("margin")
        self._restrictions = () if "state" in assumptions.switches else None

    def state(self, account: str, at: datetime) -> AccountState | None:
        if self._net_liq is None and self._buying_power is None:
            return None
        return AccountState(account, self._net_liq, self._buying_power)

    def market(self, alert: Alert, at: datetime) -> Market | None:
        if self._margin is None or alert.symbol is None or alert.asset is not Asset.FUTURE:
            return None
        return Market(alert.symbol, margin=self._margin)

    def in_force(self, at: datetime) -> tuple[Restriction, ...] | None:
        return self._restrictions


def _set_amount(amounts: dict[str, Decimal], name: str, value: str) -> None:
    if value == _NONE:
        amounts.pop(name, None)
        return
    try:
        amounts[name] = read_money(value if value.startswith("$") else f"${value}")
    except NotRead as error:
        sentence = f"{name} is an amount of dollars such as {name}=25000, or {name}=none; was {value!r}"
        raise ValueError(sentence) from error


def _set_switch(switches: set[str], name: str, value: str) -> None:
    on, _ = _SWITCHES[name]
    if value not in (on, _NONE):
        raise ValueError(f"{name} is {on} or none; was {value!r}")
    (switches.add if value == on else switches.discard)(name)


def _follow(amounts: dict[str, Decimal]) -> None:
    """What an account can buy for is what it is worth, unless something else is said."""
    amounts.pop("buying_power", None)
    if "net_liq" in amounts:
        amounts["buying_power"] = amounts["net_liq"]


def _unknown(text: str, name: str) -> str:
    known = (*_AMOUNTS, *_SWITCHES)
    if name in known:
        example = f"{name}={_SWITCHES[name][0]}" if name in _SWITCHES else f"{name}=25000"
        return f"{name} needs a value: {example}, or {name}=none"
    found = nearest(name, (*known, NOTHING))
    meant = f"; did you mean {found}?" if found else ""
    return f"{text!r} cannot be assumed{meant}; what can: {', '.join(known)}, {NOTHING}"
