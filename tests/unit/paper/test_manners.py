"""S-846: a sandbox is slow and moody, by chance of its seed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.paper.manners import AWKWARD_PRODUCTION, AWKWARD_SANDBOX, CALM

START = datetime(2026, 11, 23, tzinfo=UTC)
SPELLS = [START + number * timedelta(minutes=10) for number in range(4000)]


def test_about_one_spell_in_forty_is_offline_and_each_lasts_ten_minutes():
    offline = [spell for spell in SPELLS if AWKWARD_SANDBOX.is_offline(spell)]

    assert 60 < len(offline) < 140
    assert all(AWKWARD_SANDBOX.is_offline(spell + timedelta(minutes=9)) for spell in offline)


def test_another_seed_is_offline_at_other_times():
    other = replace(AWKWARD_SANDBOX, seed=1)

    assert [AWKWARD_SANDBOX.is_offline(spell) for spell in SPELLS] != [other.is_offline(spell) for spell in SPELLS]


def test_production_is_never_offline_and_a_calm_one_takes_no_time():
    assert not any(AWKWARD_PRODUCTION.is_offline(spell) for spell in SPELLS)
    assert [CALM.seconds(number) for number in range(5)] == [0.0] * 5


def test_awkward_ones_take_sixty_requests_a_minute_and_their_tokens_live_a_quarter_of_an_hour():
    for manners in (AWKWARD_SANDBOX, AWKWARD_PRODUCTION):
        assert (manners.requests_a_minute, manners.token_seconds) == (60, 900)
    assert AWKWARD_SANDBOX.quote_delay == timedelta(minutes=15)
    assert AWKWARD_SANDBOX.resets_daily
    assert AWKWARD_SANDBOX.lacks_services
