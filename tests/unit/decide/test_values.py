"""The names of conditions have values."""

from datetime import UTC, date, datetime
from decimal import Decimal

from engine.decide.values import values_of
from engine.model.alert import Action, Alert, Asset, Leg, Level
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.rule import RULE_NAMES

MESSAGE = Message("900", "100", Author("301", "anyone"), datetime(2026, 1, 6, 3, 0, tzinfo=UTC), "BTO SPY 500C")
LEG = Leg(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, Decimal(500), Right.CALL, date(2026, 1, 9))


def test_every_name_the_language_knows_has_a_value():
    alert = Alert(
        Action.BUY_TO_OPEN,
        "SPY",
        Asset.OPTION,
        (LEG,),
        price=Decimal("1.25"),
        quantity=2,
        stop=Level(price=Decimal(1)),
        targets=(Level(price=Decimal(2)), Level(price=Decimal(3))),
        size_tags=("lotto",),
        pattern="entry",
    )

    assert values_of(alert, MESSAGE, "alice", "momentum") == {
        "action": "buy_to_open",
        "asset": "option",
        "symbol": "SPY",
        "structure": "",
        "legs": 1,
        "strike": Decimal(500),
        "right": "call",
        "expiry": date(2026, 1, 9),
        "dte": 4,  # the message is of January 5 in New York
        "price": Decimal("1.25"),
        "quantity": 2,
        "fraction": None,
        "is_market": False,
        "tags": ("lotto",),
        "stop": Decimal(1),
        "target": Decimal(2),
        "pattern": "entry",
        "author": "alice",
        "channel": "momentum",
        "text": "BTO SPY 500C",
    }


def test_names_and_values_are_level_also_for_an_alert_that_says_little():
    values = values_of(Alert(Action.SELL_TO_CLOSE, None, None), MESSAGE, "", "")

    assert set(values) == {name.name for name in RULE_NAMES}
    assert values["strike"] is values["price"] is values["stop"] is None
