"""One message through the pipeline."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.app.pipeline import handle
from engine.model.decision import Reason, Verdict
from engine.model.message import Author, Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.reading import PatternRule, ReadRules, Source, Words
from engine.parse.reader import Reader
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
MESSAGE = Message("900", "100", Author("301", "alice"), AT, "BTO SPY 500C 1/9 @ 1.25")


@dataclass
class StoppedClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


class NothingKnown:
    def held(self, playbook: str, author_id: str) -> tuple[Position, ...] | None:
        return None


def lives(playbook: Playbook) -> tuple[LivePlaybook, ...]:
    words = (
        Words("action", "buy_to_open", ("BTO",)),
        Words("right", "call", ("C",)),
        Words("at", "at", ("@",)),
    )
    entry = PatternRule("entry", playbook.span, Source("{open} {contract} {price}", playbook.span))
    reads, deaf = ReadRules(words, (entry,)), ReadRules(words)
    return (
        LivePlaybook(replace(playbook, read=reads), Reader(reads), (), "h1"),
        LivePlaybook(replace(playbook, name="deaf", read=deaf), Reader(deaf), (), "h2"),
    )


def test_every_playbook_that_hears_the_channel_decides(playbook: Playbook):
    clock = StoppedClock(AT + timedelta(seconds=3))

    decisions = handle(MESSAGE, Hearing(lives(playbook)), clock, NothingKnown())

    assert [(each.playbook, each.content_hash, each.now, each.assumed) for each in decisions] == [
        ("momentum", "h1", clock.at, ()),
        ("deaf", "h2", clock.at, ()),
    ]
    assert decisions[0].outcomes[0].verdict is Verdict.APPROVED


def test_a_message_that_waited_too_long_opens_nothing(playbook: Playbook):
    clock = StoppedClock(AT + timedelta(hours=1))

    decisions = handle(MESSAGE, Hearing(lives(playbook)), clock, NothingKnown())

    assert decisions[0].outcomes[0].reason is Reason.TOO_LATE


def test_an_edit_of_an_unknown_message_opens_nothing(playbook: Playbook):
    decisions = handle(replace(MESSAGE, event=2), Hearing(lives(playbook)), StoppedClock(AT), NothingKnown())

    assert decisions[0].outcomes[0].reason is Reason.EARLIER_UNKNOWN
