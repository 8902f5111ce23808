"""The labelled messages of tests/corpus are read without a single costly mistake."""

from functools import cache

from engine.model.alert import Reading
from tests.corpus.promises import broken_promises
from tests.corpus.rows import CorpusRow, corpus_rows
from tests.corpus.score import COSTLY, tally, verdict
from tests.corpus.shipped import shipped_reader

RIGHT_AT_LEAST = 0.97
SPREADS_READ_AT_LEAST = 0.85


@cache
def _readings() -> tuple[tuple[CorpusRow, Reading], ...]:
    reader = shipped_reader()
    return tuple((row, reader.read(row.message)) for row in corpus_rows())


def _scored() -> list[tuple[CorpusRow, Reading]]:
    return [(row, reading) for row, reading in _readings() if row.score != "skip"]


def test_nothing_is_misread():
    """S-201: wrong, false orders and naked legs cost money; there are none."""
    verdicts = [(row.text, verdict(row, reading)) for row, reading in _scored()]

    assert [(text, found) for text, found in verdicts if found.kind in COSTLY] == []


def test_most_signals_are_read():
    counts, _ = tally(_scored())

    assert counts["right"] >= RIGHT_AT_LEAST * (counts["right"] + counts["refused"])


def test_most_spreads_are_read():
    counts, _ = tally(_scored())

    assert counts["multi_read"] >= SPREADS_READ_AT_LEAST * (counts["multi_read"] + counts["multi_refused"])


def test_every_reading_keeps_the_promises_of_a_reading():
    broken = [(row.text, broken_promises(row.message, reading)) for row, reading in _readings()]

    assert [(text, promises) for text, promises in broken if promises] == []
