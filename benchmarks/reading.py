"""Reading one message, against parsing the JSON it comes in."""

import orjson

from benchmarks.chat import alerts, chatter, exported
from benchmarks.measure import MICROSECONDS, Figure, compare, table
from engine.model.message import Message
from engine.parse.reader import Reader
from tests.corpus.shipped import shipped_reader

TIMES = 5


def figures() -> tuple[Figure, ...]:
    """Measure talk and alerts with the shipped libraries."""
    reader = shipped_reader()
    return (_figure("without an alert", reader, chatter()), _figure("with an alert", reader, alerts()))


def _figure(what: str, reader: Reader, messages: tuple[Message, ...]) -> Figure:
    rows = [exported(message) for message in messages]

    def parse() -> None:
        for _ in range(TIMES):
            for row in rows:
                orjson.loads(row)

    def read() -> None:
        for _ in range(TIMES):
            for message in messages:
                reader.read(message)

    took = compare(parse, read)
    each = MICROSECONDS / (TIMES * len(messages))
    measured = f"{took.first * each:,.1f} → {took.second * each:,.1f} µs"
    return Figure(f"orjson → read, message {what}", measured, took.ratio)


if __name__ == "__main__":
    print(table(figures()))
