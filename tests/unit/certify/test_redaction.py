"""What is private does not survive redaction, wherever it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.certify.redaction import HIDDEN, Redaction
from engine.model.wire_answer import WireAnswer

secrets = st.text(st.characters(categories=("L", "N"), max_codepoint=0x2FF), min_size=4, max_size=24)
loose = st.text(max_size=12)


def holding(secret: str) -> st.SearchStrategy[Any]:
    """JSON in which a secret stands as a value, within one, as a key, or as a number where it can."""
    around = st.builds(lambda before, after: f"{before}{secret}{after}", loose, loose)
    number = [st.just(int(secret))] if secret.isascii() and secret.isdigit() and secret[0] != "0" else []
    leaf = st.one_of(around, st.just(secret), st.just(secret.lower()), *number)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(st.one_of(inner, st.none(), st.booleans(), st.integers(), loose), min_size=1, max_size=3),
            st.dictionaries(st.one_of(loose, around), inner, min_size=1, max_size=3),
        ),
        max_leaves=6,
    )


@given(data=st.data(), private=st.lists(secrets, min_size=1, max_size=3))
def test_no_secret_survives_in_any_answer(data: st.DataObject, private: list[str]):
    body = json.dumps(data.draw(holding(data.draw(st.sampled_from(private)))), ensure_ascii=False)
    secret = data.draw(st.sampled_from(private))
    answer = WireAnswer("GET", f"/accounts/{secret}/x", 200, {"server": secret, "x-account": secret}, body, 0.1)

    redacted = Redaction(private).answer(answer)

    shown = [text.lower() for text in _texts({**redacted, "status": None, "seconds": None})]
    names = {"asked", "headers", "body", "server", "status", "seconds"}  # ours, not the answer's
    assert [(text, each) for text in shown if text not in names for each in private if each.lower() in text] == []


@pytest.mark.parametrize(("private", "shown"), [("key0İ", "key0i̇"), ("keyß", "KEYSS"), ("abcd", "ABcd")])
def test_a_secret_is_hidden_in_any_case(private: str, shown: str):
    assert Redaction([private]).value({shown: f"<{shown}>"}) == {HIDDEN: f"<{HIDDEN}>"}


@given(private=secrets, before=loose, after=loose)
def test_no_secret_survives_in_what_is_no_json(private: str, before: str, after: str):
    body = f"<html>{before}{private}{after}"

    assert (
        private.lower()
        not in str(Redaction([private]).answer(WireAnswer("GET", "/", 502, {}, body, 0))["body"]).lower()
    )


@given(text=st.text(st.characters(blacklist_characters="@5eEbB"), max_size=40))
def test_what_holds_nothing_private_stays_as_it_is(text: str):
    assert Redaction(["secret-0123"]).text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "5WX12345",
        "/accounts/5WT00001/orders",
        "Bearer abc.def",
        "eyJhbGciOi.eyJzdWIi.sig-nature_",
        "someone@example.com",
        "s.o+me@mail.example.co.uk",
    ],
)
def test_what_looks_private_is_hidden_though_nobody_named_it(text: str):
    hidden = Redaction(()).text(f"it is {text}, they say")

    assert HIDDEN in hidden
    assert text not in hidden


@pytest.mark.parametrize(
    "key",
    [
        "account-number", "accountNumber", "access_token", "refresh-token", "token", "client_secret", "auth-token",
        "email", "first-name", "last-name", "nickname", "username", "user-id", "user_name", "phone", "phone-number",
        "mobile-phone-number", "birth-date", "tax-number", "street-one", "city", "postal-code", "customer-id",
        "web-socket-session-id", "password",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["Jane", 12345, ["Jane"], {"of": "Jane"}])
def test_what_a_private_key_names_is_hidden(key: str, value: object):
    assert Redaction(()).value({key: value}) == {key: HIDDEN}


@pytest.mark.parametrize(
    "kept",
    [
        {"symbol": "SPY   261218C00700000", "quantity": 1, "price": "5.0", "status": "Live"},
        {"name": "exchange", "value": "0.0", "effect": "None"},
        {"account-type-name": "Individual", "margin-or-cash": "Margin", "is-closed": False},
        {"external-identifier": "certify-20261124T150000-echo", "id": 270001, "global-request-id": "ab12"},
        {"code": "margin_check_failed", "message": "Account does not have sufficient buying power"},
        {"email": None, "phone": ""},
    ],
)
def test_what_fixtures_are_for_is_kept(kept: dict[str, object]):
    assert Redaction(["5WX00001"]).value(kept) == kept


def test_an_answer_too_long_for_a_fixture_says_so():
    answer = WireAnswer("GET", "/", 200, {}, "x" * 300_000, 0.25)

    assert Redaction(()).answer(answer)["body"] == "left out: 300000 characters"


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in (str(key), *_texts(each))]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]
