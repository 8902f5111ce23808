"""Symbols are read as they are written, and written as they were read."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.instrument import Option, Right
from engine.model.order import InstrumentKind
from engine.model.symbols import (
    FutureMonth,
    future_of,
    future_option_of,
    kind_of,
    option_of,
    option_of_streamed,
    streamed_option,
)

TODAY = date(2026, 11, 22)
roots = st.from_regex(r"[A-Z]{1,5}[0-9]?|[A-Z]{1,3}/[A-Z]", fullmatch=True)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
strikes = st.integers(1, 10**8 - 1).map(lambda thousandths: Decimal(thousandths) / 1000)
options = st.builds(Option, roots, days, st.sampled_from(Right), strikes)
futures = st.builds(
    FutureMonth,
    st.from_regex(r"[A-Z][A-Z0-9]{0,3}|[0-9][A-Z]", fullmatch=True),
    st.integers(TODAY.year - 1, TODAY.year + 8),
    st.integers(1, 12),
    st.sampled_from((1, 2)),
)


@given(option=options)
def test_an_option_survives_both_spellings(option: Option):
    assert option_of(option.occ) == option
    assert option_of(option.occ).occ == option.occ
    assert option_of_streamed(streamed_option(option)) == option


@given(option=options)
def test_an_occ_symbol_is_known_as_one(option: Option):
    assert len(option.occ) == 21
    assert kind_of(option.occ) is InstrumentKind.EQUITY_OPTION


@given(future=futures)
def test_a_future_survives_both_spellings(future: FutureMonth):
    assert future_of(future.symbol, TODAY) == future
    streamed = future_of(future.streamed("XCME"), TODAY)
    assert (streamed.root, streamed.year, streamed.month) == (future.root, future.year, future.month)


@pytest.mark.parametrize(
    "read", [option_of, option_of_streamed, future_option_of, lambda symbol: future_of(symbol, TODAY)]
)
@given(text=st.text(max_size=24))
def test_no_text_breaks_a_reader(read: Callable[[str], object], text: str):
    with suppress(ValueError):
        read(text)


@pytest.mark.parametrize(
    ("occ", "streamed"),
    [
        pytest.param("SPY   261218C00700000", ".SPY261218C700", id="whole strike"),
        pytest.param("SPXW  261218P06500500", ".SPXW261218P6500.5", id="weekly index root, half strike"),
        pytest.param("IWM   261218C00200250", ".IWM261218C200.25", id="two decimals"),
        pytest.param("F     261218P00000500", ".F261218P0.5", id="below a dollar"),
        pytest.param("BRK/B 261218C00512500", ".BRK/B261218C512.5", id="root with a slash"),
        pytest.param("AAPL1 261218C00100000", ".AAPL1261218C100", id="adjusted root that ends in a digit"),
    ],
)
def test_option_spellings(occ: str, streamed: str):
    assert streamed_option(option_of(occ)) == streamed
    assert option_of_streamed(streamed).occ == occ


@pytest.mark.parametrize(
    "symbol",
    [
        pytest.param("SPY261218C00700000", id="not padded"),
        pytest.param("SPY   261318C00700000", id="month thirteen"),
        pytest.param("SPY   261218X00700000", id="neither call nor put"),
        pytest.param("SPY   261218C00000000", id="strike of nothing"),
        pytest.param("spy   261218C00700000", id="small letters"),
        pytest.param("SPY   261218C0070000\u0661", id="a digit of another script"),
    ],
)
def test_what_is_no_option_is_refused(symbol: str):
    with pytest.raises(ValueError, match="no"):
        option_of(symbol)


@pytest.mark.parametrize(
    "symbol",
    [
        "./ESZ6 EW4U6 260925P6975",
        "./ESZ6 ESZ6  261218C6300",
        "./ESU6 E1AN6 260706P6260",
        "./ZNZ6 OZNZ6 261120C112.5",
    ],
)
def test_a_future_option_is_kept_as_it_was_listed(symbol: str):
    found = future_option_of(symbol)

    assert found.symbol == symbol
    assert kind_of(symbol) is InstrumentKind.FUTURE_OPTION
    assert kind_of(found.future) is InstrumentKind.FUTURE


@pytest.mark.parametrize(
    ("symbol", "year"),
    [("/ESZ6", 2026), ("/ESH7", 2027), ("/ESZ5", 2025), ("/ESZ4", 2034), ("/ESZ26", 2026), ("/ESZ26:XCME", 2026)],
)
def test_the_year_of_a_future_lies_within_the_decade_from_last_year(symbol: str, year: int):
    assert future_of(symbol, TODAY).year == year
