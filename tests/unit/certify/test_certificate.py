"""How long a certificate counts, and what it is read from."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.certify.certificate import LIFETIME, Certificate, Versions
from engine.certify.certificate_json import UnreadableCertificate, from_json, to_json
from engine.certify.findings import Finding, Outcome
from engine.certify.run import vital
from engine.model.desk import AccountKind
from engine.model.environment import Environment

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HERE = Versions("13.2.3", "1.0.0", "ab" * 32)


def certificate(outcome: Outcome = Outcome.PASSED) -> Certificate:
    findings = tuple(
        Finding(name, outcome, True, "this", "that", 0.5, (("tried", "came"),))
        for name in sorted(vital(AccountKind.SANDBOX))
    )
    return Certificate(AT, Environment.SANDBOX, "api.cert.tastyworks.com", HERE, findings)


@pytest.mark.parametrize(
    ("now", "versions", "is_fresh"),
    [
        pytest.param(AT, HERE, True, id="just made"),
        pytest.param(AT + LIFETIME - timedelta(seconds=1), HERE, True, id="at its last second"),
        pytest.param(AT + LIFETIME, HERE, False, id="too old"),
        pytest.param(AT - timedelta(seconds=1), HERE, False, id="from the future"),
        pytest.param(AT, Versions("13.2.4", "1.0.0", "ab" * 32), False, id="another SDK"),
        pytest.param(AT, Versions("13.2.3", "1.0.1", "ab" * 32), False, id="another engine"),
        pytest.param(AT, Versions("13.2.3", "1.0.0", "ac" * 32), False, id="another adapter"),
    ],
)
def test_a_certificate_speaks_of_what_it_was_made_with(now: datetime, versions: Versions, is_fresh: bool):
    assert certificate().is_fresh(now, versions) is is_fresh
    assert (certificate().why_stale(now, versions) is None) is is_fresh


@pytest.mark.parametrize("outcome", [Outcome.DIFFERS, Outcome.COULD_NOT_RUN])
def test_a_vital_probe_that_did_not_pass_is_named(outcome: Outcome):
    needed = vital(AccountKind.SANDBOX)

    assert certificate().why_not_passed(needed) is None
    assert certificate(outcome).why_not_passed(needed) == f"{', '.join(sorted(needed))} did not pass"


def test_a_run_of_some_probes_lacks_the_others():
    part = Certificate(AT, Environment.SANDBOX, "host", HERE, certificate().findings[:1])

    assert part.why_not_passed(vital(AccountKind.SANDBOX)) is not None


def test_production_has_no_probe_that_places():
    assert vital(AccountKind.PRODUCTION) == {"reading", "identifier-length", "heartbeat"}
    assert vital(AccountKind.SANDBOX) > vital(AccountKind.PRODUCTION)


findings = st.builds(
    Finding,
    st.text(),
    st.sampled_from(Outcome),
    st.booleans(),
    st.text(),
    st.text(),
    st.floats(0, 1e6),
    st.lists(st.tuples(st.text(), st.text())).map(tuple),
)
certificates = st.builds(
    Certificate,
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(Environment),
    st.text(),
    st.builds(Versions, st.text(), st.text(), st.text()),
    st.lists(findings, max_size=3).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
)


@given(whole=certificates)
def test_a_certificate_is_read_as_it_was_written(whole: Certificate):
    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(key=st.sampled_from(sorted(to_json(certificate()))), value=json_values)
def test_a_certificate_with_something_else_in_it_is_none_or_says_the_same_kind_of_thing(key: str, value: object):
    altered = {**to_json(certificate()), key: value}

    try:
        read = from_json(altered)
    except UnreadableCertificate:
        return
    assert isinstance(read, Certificate)
    assert read.at.tzinfo is not None


@given(value=json_values)
def test_what_is_no_certificate_is_refused(value: object):
    with pytest.raises(UnreadableCertificate):
        from_json(value)
