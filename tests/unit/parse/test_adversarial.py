"""Messages made to be misread are read right or refused with a code that fits."""

from functools import cache

import pytest

from engine.model.alert import Alert, Reading
from engine.parse.reader import Reader
from tests.corpus.promises import broken_promises
from tests.corpus.rows import AdversarialRow, adversarial_rows
from tests.corpus.score import difference
from tests.corpus.shipped import shipped_reader

ROWS = adversarial_rows()


@cache
def _reader() -> Reader:
    return shipped_reader()


def _misfit(row: AdversarialRow, reading: Reading) -> str:
    """What is wrong with a reading of this message; "" when it fits."""
    alerts = [alert for alert in reading.alerts if alert.action.opens or alert.action.closes]
    if not alerts:
        code = reading.refusal.code if reading.refusal else "quiet"
        return "" if code in row.may else f"refused as {code}"
    if _is_accepted(row.accept, alerts):
        return ""
    if len(alerts) != len(row.reads):
        return f"{len(alerts)} alert(s) where {len(row.reads)} would be right"
    return next((why for label, alert in zip(row.reads, alerts, strict=True) if (why := difference(label, alert))), "")


def _is_accepted(accept: str, alerts: list[Alert]) -> bool:
    if accept == "only_closes":
        return all(alert.action.closes for alert in alerts)
    if accept == "no_naked_leg":
        return all(len(alert.legs) > 1 for alert in alerts if alert.action.opens)
    if accept == "with_problems":
        return all(alert.problems for alert in alerts)
    return accept == "anything"


def test_there_are_enough_of_them():
    """S-208: the field's own adversarial table, and two hundred more."""
    assert len(ROWS) >= 260


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.why)
def test_it_is_read_right_or_refused_with_a_fitting_code(row: AdversarialRow):
    reading = _reader().read(row.message)

    assert _misfit(row, reading) == ""
    assert broken_promises(row.message, reading) == ()
