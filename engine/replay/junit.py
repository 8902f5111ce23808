"""Results in the XML that CI systems show as tests: one test case for each expectation."""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Xml

from engine.replay.expect import Checked

_SUITE: Final = "signalbook replay --expect"


def junit_xml(about: str, results: Sequence[Checked]) -> str:
    """Return the document. about: what the expectations are about."""
    failures = sum(not each.is_met for each in results)
    counted = {"tests": str(len(results)), "failures": str(failures), "errors": "0"}
    root = Xml.Element("testsuites", counted)
    suite = Xml.SubElement(root, "testsuite", {"name": _shown(about or _SUITE), **counted})
    for each in results:
        case = Xml.SubElement(suite, "testcase", {"classname": _SUITE, "name": _shown(f"{each.name}: {each.wanted}")})
        case.set("file", _shown(each.place))
        if not each.is_met:
            told = f"expected {each.wanted}, was {each.was}"
            failure = Xml.SubElement(case, "failure", {"message": _shown(told)})
            failure.text = _shown("\n".join((f"{each.place}: {told}", *each.details)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _shown(text: str) -> str:
    """XML has no place for control characters, however they are escaped."""
    return "".join(each if each in "\n\t" or (each >= " " and each.isprintable()) else "\ufffd" for each in text)
