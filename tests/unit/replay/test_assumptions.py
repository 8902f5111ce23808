"""What `--assume` may say, and what it comes to."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.alert import Action, Alert, Asset
from engine.model.market import AccountState, Market
from engine.model.message import Author, EventKind, Message
from engine.replay.assumptions import assumptions_of

AT = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
FUTURE = Alert(Action.BUY_TO_OPEN, "/ES", Asset.FUTURE)
OPTION = Alert(Action.BUY_TO_OPEN, "SPY", Asset.OPTION)
ALL = ("now", "net_liq", "buying_power", "quotes", "contract", "state", "fills", "expiry")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        pytest.param([], ALL, id="the usual"),
        pytest.param(["nothing"], ("now",), id="nothing but the time"),
        pytest.param(["nothing", "fills=alert"], ("now", "fills"), id="nothing but fills"),
        pytest.param(["fills=alert", "nothing"], ("now",), id="nothing takes back what stands before it"),
        pytest.param(["quotes=none"], tuple(name for name in ALL if name != "quotes"), id="one less"),
        pytest.param(
            ["net_liq=none"], tuple(name for name in ALL if name not in ("net_liq", "buying_power")), id="no account"
        ),
        pytest.param(["margin=$500"], (*ALL[:3], "margin", *ALL[3:]), id="one more"),
    ],
)
def test_names_in_force(written: list[str], names: tuple[str, ...]):
    assumed = assumptions_of(written)

    assert assumed.names == names
    assert tuple(name for name, _ in assumed.sentences(timedelta(0))) == names


@pytest.mark.parametrize(
    ("written", "net_liq", "buying_power"),
    [
        pytest.param([], "100000", "100000", id="the usual"),
        pytest.param(["net_liq=$25,000"], "25000", "25000", id="it can buy for what it is worth"),
        pytest.param(["net_liq=25000", "buying_power=$5,000"], "25000", "5000", id="unless it is said"),
        pytest.param(["buying_power=$5,000", "net_liq=25000"], "25000", "5000", id="in any order"),
    ],
)
def test_the_account(written: list[str], net_liq: str, buying_power: str):
    sources = assumptions_of(written).sources(timedelta(0), frozenset())

    assert sources.accounts.state("main", AT) == AccountState("main", Decimal(net_liq), Decimal(buying_power))


def test_what_is_not_assumed_is_not_known():
    sources = assumptions_of(["nothing"]).sources(timedelta(0), frozenset())

    assert sources.accounts.state("main", AT) is None
    assert sources.restrictions.in_force(AT) is None
    assert sources.markets.market(FUTURE, AT) is None


def test_a_margin_is_for_futures():
    markets = assumptions_of(["margin=$500"]).sources(timedelta(0), frozenset()).markets

    assert markets.market(FUTURE, AT) == Market("/ES", margin=Decimal(500))
    assert markets.market(OPTION, AT) is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param("net_lick=5", "did you mean net_liq?", id="a slip"),
        pytest.param("colour=red", "what can: net_liq, buying_power, margin, quotes", id="nothing like it"),
        pytest.param("quotes", "quotes needs a value: quotes=alert", id="a switch without value"),
        pytest.param("margin", "margin needs a value: margin=25000", id="an amount without value"),
        pytest.param("quotes=mid", "quotes is alert or none; was 'mid'", id="a value it does not have"),
        pytest.param("net_liq=much", "was 'much'", id="no amount"),
    ],
)
def test_what_cannot_be_assumed_is_told(written: str, says: str):
    with pytest.raises(ValueError, match=re.escape(says)):
        assumptions_of([written])


def test_events_are_judged_a_stated_time_after_they_happened():
    clock = assumptions_of([]).sources(timedelta(seconds=2), frozenset()).clock
    message = Message("1", "100", Author("301", "ann"), AT, edited_at=AT + timedelta(hours=1))
    edit = Message("1", "100", message.author, AT, edited_at=message.edited_at, kind=EventKind.EDITED, event=2)

    assert clock.judged_at(message) == AT + timedelta(seconds=2)
    assert clock.judged_at(edit) == AT + timedelta(hours=1, seconds=2)
