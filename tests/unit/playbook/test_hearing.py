"""What one message says to each playbook that hears it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.decide.terms import Terms
from engine.model.listen import ReadFrom
from engine.model.message import Author, Embed, Message
from engine.model.playbook import Playbook
from engine.model.reading import PatternRule, ReadRules, Source, Words
from engine.parse.reader import Reader
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
CONTENT, EMBEDS = ReadFrom.CONTENT, ReadFrom.EMBEDS
SPEAKS = Message("900", "100", Author("301", "alice"), AT, "BTO SPY 500C 1/9")
SHOWS = replace(SPEAKS, content="", embeds=(Embed("BTO SPY 500C 1/9"),))


def live(playbook: Playbook, name: str, *texts: ReadFrom) -> LivePlaybook:
    words = (Words("action", "buy_to_open", ("BTO",)), Words("right", "call", ("C",)))
    rules = ReadRules(words, (PatternRule("entry", playbook.span, Source("{open} {contract}", playbook.span)),))
    listen = replace(playbook.listen, read_from=frozenset(texts))
    return LivePlaybook(Terms(replace(playbook, name=name, listen=listen, read=rules)), Reader(rules), name)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(SPEAKS, {"all": 1, "content": 1, "embeds": 0}, id="in the content"),
        pytest.param(SHOWS, {"all": 1, "content": 0, "embeds": 1}, id="in a card"),
    ],
)
def test_each_playbook_reads_the_texts_it_names(playbook: Playbook, message: Message, expected: dict[str, int]):
    hearing = Hearing(
        (
            live(playbook, "all", CONTENT, EMBEDS),
            live(playbook, "content", CONTENT),
            live(playbook, "embeds", EMBEDS),
        )
    )

    heard = {each.playbook.name: len(reading.alerts) for each, reading in hearing.read(message)}

    assert heard == expected


def test_a_channel_nobody_hears_says_nothing():
    assert list(Hearing(()).read(SPEAKS)) == []
