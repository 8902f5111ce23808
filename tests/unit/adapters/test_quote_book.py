"""A quote says itself whether it can be relied on."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.tastytrade.quote_book import QuoteBook
from engine.model.live_quote import QuoteFlaw

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
BID, ASK = Decimal("1.00"), Decimal("1.05")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def live(delay: timedelta = timedelta(0)) -> QuoteBook:
    book = QuoteBook()
    book.connected(NOON)
    book.quoted(".X", BID, ASK, NOON)
    book.traded("SPY", NOON - delay - seconds(3), NOON)
    book.traded("SPY", NOON - delay - seconds(0.2), NOON)
    return book


def test_a_quote_of_a_live_feed_has_no_flaw_and_is_as_new_as_the_feed():
    quote = live().quote(".X", "X", NOON + seconds(2))

    assert quote.flaws == ()
    assert quote.lag == seconds(0.2)
    assert (quote.quote.bid, quote.quote.ask, quote.quote.at) == (BID, ASK, NOON - seconds(0.2))


def test_a_standing_quote_stays_new_while_the_feed_goes_on():
    book = live()
    book.quoted("SPY", BID, ASK, NOON + seconds(300.1))
    book.traded("SPY", NOON + seconds(300), NOON + seconds(300.1))

    assert book.quote(".X", "X", NOON + seconds(301)).quote.at == NOON + seconds(300)


@pytest.mark.parametrize(
    ("bid", "ask", "flaw"),
    [
        (None, ASK, QuoteFlaw.ONE_SIDED),
        (BID, None, QuoteFlaw.ONE_SIDED),
        (Decimal(0), ASK, QuoteFlaw.ONE_SIDED),
        (None, None, QuoteFlaw.MISSING),
    ],
)
def test_a_side_that_is_not_there(bid: Decimal | None, ask: Decimal | None, flaw: QuoteFlaw):
    book = live()
    book.quoted(".X", bid, ask, NOON)

    assert book.quote(".X", "X", NOON).flaws == (flaw,)


def test_what_was_never_quoted_is_missing():
    quote = live().quote(".Y", "Y", NOON)

    assert (quote.flaws, quote.received_at, quote.quote.mid) == ((QuoteFlaw.MISSING,), None, None)


def test_a_late_feed_is_delayed_however_fast_it_is():
    quote = live(seconds(900)).quote(".X", "X", NOON)

    assert quote.flaws == (QuoteFlaw.DELAYED,)
    assert quote.lag == seconds(900.2)


def test_an_old_trade_told_first_measures_nothing():
    book = QuoteBook()
    book.connected(NOON)
    book.quoted(".X", BID, ASK, NOON)
    book.traded("SPY", NOON - seconds(400), NOON)

    assert book.quote(".X", "X", NOON).flaws == (QuoteFlaw.UNMEASURED,)


@pytest.mark.parametrize("is_gone", [True, False], ids=["disconnected", "silent"])
def test_a_feed_that_says_nothing_any_more_is_frozen(is_gone: bool):
    book = live()
    if is_gone:
        book.disconnected()

    assert book.quote(".X", "X", NOON + seconds(1 if is_gone else 61)).flaws == (QuoteFlaw.FROZEN,)


def test_trades_that_go_on_do_not_make_quotes_that_stopped_new():
    """S-968."""
    book = live()
    for count in range(0, 90, 5):
        book.traded("SPY", NOON + seconds(count), NOON + seconds(count + 0.1))

    assert book.quote(".X", "X", NOON + seconds(90)).flaws == (QuoteFlaw.FROZEN,)


def test_another_connection_begins_anew():
    book = live()
    book.connected(NOON + seconds(5))

    assert not book.has(".X")
    assert book.lag() is None
