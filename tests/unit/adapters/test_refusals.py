"""Every answer of the broker means one of four things."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.tastytrade.refusals import data_of, failure_of, whole_of
from engine.adapters.tastytrade.values import Unreadable
from engine.model.errors import NothingSent, OrderRefused, OutcomeUnknown

PREFLIGHT = json.dumps(
    {
        "error": {
            "code": "preflight_check_failure",
            "message": "One or more preflight checks failed",
            "errors": [
                {"code": "margin_check_failed", "message": "not enough"},
                {"code": "cant_buy_for_credit", "message": "no"},
            ],
        }
    }
)
DOMAIN = json.dumps({"error": {"code": "validation_error", "errors": [{"domain": "price", "reason": "is invalid"}]}})
PLAIN = json.dumps({"error": {"code": "not_permitted", "message": "User not permitted access"}})
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"


@pytest.mark.parametrize(
    ("status", "body", "codes"),
    [
        pytest.param(422, PREFLIGHT, ("margin_check_failed", "cant_buy_for_credit"), id="every single check is named"),
        pytest.param(400, DOMAIN, ("price",), id="a value that is wrong is named by its key"),
        pytest.param(403, PLAIN, ("not_permitted",), id="a reason by itself"),
        pytest.param(404, HTML, ("http_404",), id="a page says no more than its status"),
        pytest.param(406, '{"error":{"code":406,"message":"version"}}', ("406",), id="a code that is a number"),
        pytest.param(400, '{"error_code":"invalid_grant"}', ("http_400",), id="another shape"),
        pytest.param(422, '{"error":{"errors":["x",{}]}}', ("http_422",), id="reasons that cannot be read"),
    ],
)
@pytest.mark.parametrize("changes", [True, False])
def test_a_no_is_a_refusal_with_its_codes(status: int, body: str, codes: tuple[str, ...], changes: bool):
    failure = failure_of(status, body, "place an order", changes=changes)

    assert isinstance(failure, OrderRefused)
    assert failure.codes == codes


@pytest.mark.parametrize("status", [301, 408, 500, 502, 503, 504])
@pytest.mark.parametrize(("changes", "expected"), [(True, OutcomeUnknown), (False, NothingSent)])
def test_what_settles_nothing_leaves_a_change_unknown(status: int, changes: bool, expected: type):
    assert isinstance(failure_of(status, HTML, "place an order", changes=changes), expected)


def test_too_many_requests_have_sent_nothing():
    failure = failure_of(429, HTML, "place an order", changes=True)

    assert isinstance(failure, NothingSent)
    assert (failure.code, failure.wait) == ("broker_busy", 60.0)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_failure(status: int):
    assert failure_of(status, "", "place an order", changes=True) is None


@given(status=st.integers(200, 599), body=st.text() | st.just(PREFLIGHT) | st.just(PLAIN), changes=st.booleans())
def test_every_answer_means_something(status: int, body: str, changes: bool):
    failure = failure_of(status, body, "place an order", changes=changes)

    assert (failure is None) is (status < 300)
    if isinstance(failure, OrderRefused):
        assert failure.codes
    assert changes or not isinstance(failure, OutcomeUnknown)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"data"', HTML, "[" * 100_000])
def test_what_is_no_object_cannot_be_read(body: str):
    with pytest.raises(Unreadable):
        whole_of(body)


@pytest.mark.parametrize("whole", [{}, {"data": {}}, {"data": []}, {"data": None}])
def test_an_answer_about_nothing_cannot_be_read(whole: dict):
    with pytest.raises(Unreadable):
        data_of(whole)
