"""Which account leads where: whatever cannot be read ends away from production."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.credentials import Access, NoAccess, accesses
from engine.app.settings import Settings, SettingsError, settings
from engine.model.desk import AccountKind, BrokerKind, Desk
from engine.model.environment import Environment
from engine.playbook.rulebook import load_rulebook

ROOT = Path(__file__).parents[3]
DESK = load_rulebook([ROOT / "playbooks"], runs_examples=False).desk
assert DESK is not None
THE_DESK = DESK
FILLED = {
    "TASTYTRADE_CERT_ACCOUNT": "5WX12345",
    "TASTYTRADE_CERT_SECRET": "cert-secret-0123",
    "TASTYTRADE_CERT_REFRESH": "eyJcert.refresh.token",
    "TASTYTRADE_MAIN_ACCOUNT": "5WT12345",
    "TASTYTRADE_MAIN_SECRET": "main-secret-0123",
    "TASTYTRADE_MAIN_REFRESH": "eyJmain.refresh.token",
}
ALLOWED = {**FILLED, "SIGNALBOOK_PRODUCTION": "yes"}


def environments(variables: dict[str, str], desk: Desk = THE_DESK) -> dict[str, Environment | str]:
    """Return where each account leads, or the code why nowhere."""
    found = accesses(desk, settings(variables))
    return {each.alias: each.environment if isinstance(each, Access) else each.code for each in found}


def test_all_is_paper_where_nothing_is_said():
    assert environments({}) == {"cert": Environment.PAPER_SANDBOX, "main": Environment.PAPER_PRODUCTION}


def test_filled_credentials_lead_to_the_broker_and_production_needs_its_own_word():
    assert environments(FILLED) == {"cert": Environment.SANDBOX, "main": "production_off"}
    assert environments(ALLOWED) == {"cert": Environment.SANDBOX, "main": Environment.PRODUCTION}


@pytest.mark.parametrize("said", ["paper", ""])
def test_paper_wins_over_credentials_when_it_is_named(said: str):
    variables = {**ALLOWED, "SIGNALBOOK_BROKER": said, "SIGNALBOOK_PAPER": "http://127.0.0.1:8700"}

    assert set(environments(variables).values()) == {Environment.PAPER_SANDBOX, Environment.PAPER_PRODUCTION}


@given(said=st.text(max_size=12).filter(lambda text: text != "yes" and "\0" not in text))
def test_nothing_but_yes_allows_production(said: str):
    assert environments({**ALLOWED, "SIGNALBOOK_PRODUCTION": said})["main"] == "production_off"


@pytest.mark.parametrize("said", ["YES", " yes", "yes ", "1", "true", "production", "y"])
def test_what_almost_says_yes_allows_nothing(said: str):
    assert environments({**ALLOWED, "SIGNALBOOK_PRODUCTION": said})["main"] == "production_off"


@pytest.mark.parametrize("said", ["live", "Tastytrade", "tastytrade ", "production", "sandbox"])
def test_a_broker_that_cannot_be_read_leads_nowhere(said: str):
    with pytest.raises(SettingsError) as caught:
        environments({**ALLOWED, "SIGNALBOOK_BROKER": said})

    assert caught.value.code == "bad_setting"


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:8700",
        "http://api.tastyworks.com:8700",
        "http://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8700/elsewhere",
        "http://someone@127.0.0.1:8700",
        "http://[::1",
        "8700",
        "http://10.0.0.1:8700",
    ],
)
def test_an_exchange_that_is_not_on_this_machine_leads_nowhere(address: str):
    with pytest.raises(SettingsError) as caught:
        environments({"SIGNALBOOK_PAPER": address})

    assert caught.value.code == "bad_setting"


def test_the_local_production_is_one_port_further():
    found = accesses(THE_DESK, settings({"SIGNALBOOK_PAPER": "http://[::1]:9000"}))

    assert [each.destination.rest_url for each in found if isinstance(each, Access)] == [
        "http://[::1]:9000",
        "http://[::1]:9001",
    ]


@pytest.mark.parametrize("name", sorted(FILLED))
@pytest.mark.parametrize(
    "value", ["", "   ", "<fill in>", "two words here", "x", "a\nb12345678", "5wx12345\n", "ü" * 9]
)
def test_a_variable_that_is_missing_or_odd_takes_the_account_away(name: str, value: str):
    found = environments({**ALLOWED, name: value})

    alias = "cert" if "CERT" in name else "main"
    other = {"cert": "main", "main": "cert"}[alias]
    assert found[alias] == "no_credentials"
    assert found[other] is (Environment.SANDBOX if other == "cert" else Environment.PRODUCTION)


@pytest.mark.parametrize("part", ["ACCOUNT", "SECRET", "REFRESH"])
def test_what_sandbox_and_production_share_takes_both_away(part: str):
    same = {**ALLOWED, f"TASTYTRADE_CERT_{part}": ALLOWED[f"TASTYTRADE_MAIN_{part}"]}

    assert environments(same) == {"cert": "shared_credentials", "main": "shared_credentials"}


def test_two_accounts_of_one_user_share_secrets_but_never_a_number():
    first = next(each for each in THE_DESK.accounts if each.kind is AccountKind.PRODUCTION)
    second = replace(first, name="other", number_from="OTHER_ACCOUNT")
    desk = replace(THE_DESK, accounts=(first, second))

    assert environments({**ALLOWED, "OTHER_ACCOUNT": "5WT99999"}, desk) == {
        "main": Environment.PRODUCTION,
        "other": Environment.PRODUCTION,
    }
    assert set(environments({**ALLOWED, "OTHER_ACCOUNT": "5WT12345"}, desk).values()) == {"shared_credentials"}


def test_a_desk_of_two_brokers_is_refused():
    accounts = tuple(replace(each, broker=BrokerKind.PAPER) for each in THE_DESK.accounts[:1])
    desk = replace(THE_DESK, accounts=(*accounts, *THE_DESK.accounts[1:]))

    with pytest.raises(SettingsError) as caught:
        environments(ALLOWED, desk)
    assert caught.value.code == "mixed_brokers"
    assert set(environments({**ALLOWED, "SIGNALBOOK_BROKER": "paper"}, desk).values()) == {
        Environment.PAPER_SANDBOX,
        Environment.PAPER_PRODUCTION,
    }


def test_a_desk_that_says_paper_stays_there_whatever_is_filled_in():
    desk = replace(THE_DESK, accounts=tuple(replace(each, broker=BrokerKind.PAPER) for each in THE_DESK.accounts))

    assert not any(
        isinstance(where, Environment) and where.is_real_money
        for where in environments({**ALLOWED, "SIGNALBOOK_BROKER": "tastytrade"}, desk).values()
    )


@given(
    broker=st.sampled_from(["", "paper", "tastytrade", "x"]),
    production=st.sampled_from(["", "no", "yes", "Yes"]),
    paper=st.sampled_from(["", "http://127.0.0.1:1", "http://example.com:1"]),
    left_out=st.sets(st.sampled_from(sorted(FILLED))),
)
def test_production_is_reached_by_one_combination_only(broker: str, production: str, paper: str, left_out: set[str]):
    """Every other ends in the sandbox, on this machine, or nowhere."""
    variables = {name: value for name, value in FILLED.items() if name not in left_out}
    variables |= {"SIGNALBOOK_BROKER": broker, "SIGNALBOOK_PRODUCTION": production, "SIGNALBOOK_PAPER": paper}
    try:
        reached = environments(variables)
    except SettingsError:
        return

    is_named = broker == "tastytrade" or (not broker and not paper)
    is_filled = not any("MAIN" in name for name in left_out)
    assert (reached["main"] is Environment.PRODUCTION) == (is_named and production == "yes" and is_filled)


def test_no_secret_is_ever_shown():
    here = settings(ALLOWED)
    found = accesses(THE_DESK, here)
    odd = accesses(THE_DESK, settings({**ALLOWED, "TASTYTRADE_MAIN_SECRET": "bad secret 0123"}))
    shown = f"{here!r} {here} {found!r} {odd!r} {[each.error() for each in odd if isinstance(each, NoAccess)]!r}"

    assert [value for value in (*FILLED.values(), "bad secret 0123") if value in shown] == []


def test_an_account_that_names_no_variables_has_no_access():
    bare = replace(THE_DESK.accounts[0], name="bare", number_from="", secret_from="", token_from="")
    desk = replace(THE_DESK, accounts=(bare,))

    assert environments({"SIGNALBOOK_BROKER": "tastytrade"}, desk) == {"bare": "no_credentials"}


def test_settings_are_a_picture_of_the_environment_when_they_were_read():
    variables = dict(FILLED)
    here = settings(variables)
    variables.clear()

    assert here.variables["TASTYTRADE_CERT_ACCOUNT"] == "5WX12345"
    assert Settings(here.home) == here


def test_the_example_names_every_variable_of_the_example_desk():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = {name for each in THE_DESK.accounts for name in (each.number_from, each.secret_from, each.token_from)}

    assert {name for name in names if f"\n{name}=\n" not in text} == set()
