from datetime import UTC, datetime, timedelta

from engine.paper.tokens import Grant, Tokens

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
GRANT, READER = Grant("secret", "trade"), Grant("secret", "read", can_trade=False)


def tokens() -> Tokens:
    return Tokens((GRANT, READER), "sandbox", timedelta(seconds=900))


def test_a_token_is_valid_for_its_life_and_no_longer():
    """S-843."""
    signed = tokens()
    token = signed.sign_in("secret", "trade", NOW)

    assert token
    assert signed.valid(token.text, NOW + timedelta(seconds=899)) == token
    assert signed.valid(token.text, NOW + timedelta(seconds=900)) is None


def test_a_refresh_token_is_never_used_up():
    signed = tokens()
    given = {signed.sign_in("secret", "trade", NOW) for _ in range(5)}

    assert None not in given
    assert len(given) == 5


def test_a_grant_that_reads_does_not_trade():
    token = tokens().sign_in("secret", "read", NOW)

    assert token
    assert not token.can_trade


def test_a_success_in_between_forgives_failures():
    """S-843."""
    signed = tokens()
    for _ in range(3):
        for _ in range(9):
            assert signed.sign_in("secret", "wrong", NOW) is None
        assert signed.sign_in("secret", "trade", NOW)

    assert not signed.is_blocked(NOW)


def test_a_token_of_quotes_is_no_token_of_orders():
    signed = tokens()
    text = signed.quote_token(NOW)

    assert signed.is_quote_token(text, NOW + timedelta(hours=23))
    assert not signed.is_quote_token(text, NOW + timedelta(hours=24))
    assert signed.valid(text, NOW) is None
