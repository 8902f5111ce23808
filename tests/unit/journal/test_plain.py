"""Values as JSON and back."""

from datetime import date
from decimal import Decimal

import pytest

from engine.journal.plain import as_text, from_text, tuple_from_text
from engine.model.alert import Action, Alert, Asset, Leg, Level
from engine.model.decision import GateResult, GateStatus, Reason
from engine.model.instrument import Right
from engine.model.source import Place, Span

CALL = Leg(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, Decimal("602.50"), Right.CALL, date(2024, 1, 5))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(
            CALL,
            '{"action":"buy_to_open","symbol":"SPY","strike":"602.50","right":"call","expiry":"2024-01-05"}',
            id="decimals and dates are texts, defaults are left out",
        ),
        pytest.param(
            Alert(Action.UPDATE, None, None),
            '{"action":"update","symbol":null,"asset":null}',
            id="what is required is kept",
        ),
        pytest.param(Level(price=Decimal("1E+3")), '{"price":"1E+3"}', id="decimals keep their form"),
        pytest.param(
            GateResult(
                "author",
                GateStatus.FAILED,
                Reason.UNKNOWN_AUTHOR,
                "“bob”",
                Span("a.yaml", 1, 2, 3, 4),
                Place("content", 0, 3),
            ),
            '{"gate":"author","status":"failed","code":"unknown_author","detail":"“bob”",'
            '"span":{"file":"a.yaml","line":1,"column":2,"end_line":3,"end_column":4},'
            '"place":{"part":"content","start":0,"end":3}}',
            id="values within values",
        ),
    ],
)
def test_a_value_is_written_and_read_back(value: object, text: str):
    assert as_text(value) == text
    assert from_text(type(value), text) == value


def test_tuples_are_lists():
    assert as_text((CALL, CALL)) == f"[{as_text(CALL)},{as_text(CALL)}]"
    assert tuple_from_text(Leg, as_text((CALL, CALL))) == (CALL, CALL)
    assert tuple_from_text(str, '["a"]') == ("a",)
