"""What a message costs in a channel with 10 patterns, and in one with 10,000."""

from dataclasses import replace
from functools import partial

from benchmarks.chat import busy_channel
from benchmarks.measure import MICROSECONDS, Figure, compare, table
from engine.model.message import Message
from engine.model.reading import CardField, CardRule, PatternRule, Source
from engine.model.source import Span
from engine.parse.channel import ChannelReader
from engine.parse.reader import Reader
from tests.corpus.rows import message_of
from tests.corpus.shipped import shipped_rules

FEW, MANY = 10, 10_000
PLAYBOOKS = 10
TARGET = 2.0
HERE = Span("generated.yaml", 1, 1, 1, 2)


def figures() -> tuple[Figure, ...]:
    """Measure the same stretch of a channel under few and under many patterns."""
    few, many = channel_of(FEW), channel_of(MANY)
    messages = busy_channel(tuple(order_for(index) for index in range(FEW)))
    took = compare(partial(_read_all, few, messages), partial(_read_all, many, messages))
    each = MICROSECONDS / len(messages)
    measured = f"{took.first * each:,.1f} → {took.second * each:,.1f} µs per message"
    return (Figure(f"matching, {FEW} → {MANY:,} patterns, 95 % talk", measured, took.ratio, TARGET),)


def channel_of(patterns: int) -> ChannelReader:
    """Return one channel that ten playbooks hear, with that many patterns among them."""
    rules = shipped_rules()
    shares = [tuple(map(pattern_of, range(first, patterns, PLAYBOOKS))) for first in range(PLAYBOOKS)]
    return ChannelReader(
        {f"playbook-{index}": Reader(replace(rules, patterns=own)) for index, own in enumerate(shares)}
    )


def pattern_of(index: int) -> PatternRule:
    """Return a pattern of its own: templates, regular expressions and cards in turn."""
    rule = PatternRule(f"pattern-{index}", HERE, constants=(("action", "buy_to_open"),))
    if index % 3 == 0:
        return replace(rule, template=_source(f"desk-{index} {{contract}} {{price}}"))
    if index % 3 == 1:
        return replace(rule, regex=_source(rf"(?P<right>CALL|PUT): signal {index} confirmed on (?P<symbol>[A-Z]+)"))
    fields = (CardField(_source("Contract"), _source("{contract}")), CardField(_source("Entry"), _source("{price}")))
    return replace(rule, card=CardRule(title=_source(f"Signal {index}"), fields=fields))


def order_for(index: int) -> Message:
    """Return a message that pattern `index` reads."""
    texts = (
        f"desk-{index} SPY 660c 11/27 1.2",
        f"CALL: signal {index} confirmed on SPY",
        f"Signal {index}\nContract: SPY 660c 11/27\nEntry: 1.2",
    )
    return message_of(texts[index % 3])


def _source(text: str) -> Source:
    return Source(text, HERE)


def _read_all(channel: ChannelReader, messages: tuple[Message, ...]) -> None:
    for message in messages:
        channel.read(message)


if __name__ == "__main__":
    print(table(figures()))
