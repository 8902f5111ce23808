"""JUnit XML: one test case for each expectation, whole whatever texts hold."""

from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st

from engine.replay.expect import Checked
from engine.replay.junit import junit_xml

MET = Checked("reason approved", "expect.yaml:4", "exactly 3", "3", is_met=True)
FAILED = Checked("message 1", "expect.yaml:6", "{symbol: SPY}", "refused", is_met=False, details=("symbol is QQQ",))


def test_each_expectation_is_a_test_case():
    root = Xml.fromstring(junit_xml("the analysts", (MET, FAILED)))

    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("the analysts", "2", "1")
    first, second = suite
    assert (first.get("name"), len(first)) == ("reason approved: exactly 3", 0)
    (failure,) = second
    assert failure.get("message") == "expected {symbol: SPY}, was refused"
    assert "expect.yaml:6" in (failure.text or "")
    assert "symbol is QQQ" in (failure.text or "")


@given(st.text(), st.text(), st.text())
def test_any_text_makes_a_whole_document(name: str, was: str, detail: str):
    failed = Checked(name, "a:1", "x", was, is_met=False, details=(detail,))

    root = Xml.fromstring(junit_xml(name, (failed,)).encode("utf-8", "surrogatepass"))

    assert len(root[0]) == 1
