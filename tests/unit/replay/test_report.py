"""The report shows what the summary holds, needs nothing from outside, and cannot be written into by a message."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from engine.model.decision import Outcome
from engine.model.run import RunCounts
from engine.replay.report import report_page
from engine.replay.summary import ReplaySummary
from engine.replay.tally import Tally
from tests.unit.replay.decided import START, approved, closed, denied, ignored, reading, record

VOID = {"meta", "input"}


class Nesting(HTMLParser):
    """Follows open elements; fails on one that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def summary_of(*outcomes: Outcome, text: str = "BTO SPY 500C 1/9 @ 1.25") -> ReplaySummary:
    tally = Tally()
    for number, outcome in enumerate(outcomes):
        each = record(number, outcome, text=text)
        tally.add(each.decision, each.message, reading(each))
    tally.close([closed("50"), closed("-80", 3)])
    return tally.result(1, RunCounts(len(outcomes)), START)


def test_the_page_is_whole_and_needs_nothing_from_outside():
    page = report_page(summary_of(approved(), denied(), ignored()), ("signalbook decisions --missed",))

    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert {"svg", "table", "figure", "style", "script"} <= parser.seen
    assert not {"link", "img", "iframe"} & parser.seen
    assert not re.search(r'(?:src|href)="|url\(|@import', page)


def test_a_message_cannot_write_into_the_page():
    page = report_page(summary_of(denied(), text='</td><script>alert("x")</script>'))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_says_what_was_assumed_and_what_it_would_have_brought():
    page = report_page(summary_of(approved()))

    for _, meaning in START.assumptions:
        assert meaning.replace("'", "&#x27;") in page
    assert "−$30.00" in page
    assert "Assumed profit by playbook" in page


def test_it_ends_with_how_to_look_further():
    assert "signalbook decisions --missed" in report_page(summary_of(), ("signalbook decisions --missed",))


def test_the_same_summary_gives_the_same_page():
    summary = summary_of(approved(), denied())

    assert report_page(summary) == report_page(replace(summary, run_id=7))


def test_an_empty_replay_has_a_page():
    assert "None." in report_page(Tally().result(1, RunCounts(), START))
