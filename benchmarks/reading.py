"""Reading one message, against parsing the JSON it comes in; and the memory that reading takes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import orjson

from benchmarks.chat import alerts, chatter, exported
from benchmarks.exports import PATTERNS, write_export, write_playbook
from benchmarks.measure import MICROSECONDS, Figure, compare, table
from engine.model.message import Message
from engine.parse.channel import ChannelReader
from engine.parse.reader import Reader
from engine.playbook.rulebook import load_rulebook
from tests.corpus.shipped import shipped_reader

TIMES = 5
_TICKERS = ("SPY", "QQQ", "AAPL", "NVDA", "TSLA", "AMD", "SPXW", "META")
_EXPORT_BYTES = 8_000_000
_KIB = 1024


def figures() -> tuple[Figure, ...]:
    """Measure talk and alerts with the shipped libraries, a feed of one format, and memory."""
    reader, talk = shipped_reader(), chatter()
    channel = ChannelReader({"shipped": reader})
    plain = [message for message in talk if message.content.isascii() and channel.is_chatter(message.content)]
    marked = [replace(message, content=f"**{message.content}** :rocket: 🚀") for message in plain]
    return (
        _memory(),
        _figure("that is plain talk", channel.read, plain),
        _figure("that is talk with markup and emoji", channel.read, marked),
        _figure("without an alert", reader.read, talk),
        _figure("of a feed in one format", reader.read, feed()),
        _figure("with an alert, each worded otherwise", reader.read, alerts()),
    )


def feed(size: int = 500) -> tuple[Message, ...]:
    """Return alerts of one format, as bots and strict rooms write them."""
    random, like = Random(7), alerts()[0]
    return tuple(replace(like, content=_order(random)) for _ in range(size))


def _order(random: Random) -> str:
    strike, right = random.randrange(20, 900, 5) / 2, random.choice("CP")
    contract = f"{random.choice(_TICKERS)} {strike:g}{right} {random.randint(1, 12):02}/{random.randint(1, 28):02}/26"
    return f"{random.choice(('BTO', 'STC'))} {random.randint(1, 9)} {contract} @ {random.randint(20, 900) / 100}"


def _figure(what: str, read: Callable[[Message], object], messages: Sequence[Message]) -> Figure:
    rows = [exported(message) for message in messages]

    def parse_all() -> None:
        for _ in range(TIMES):
            for row in rows:
                orjson.loads(row)

    def read_all() -> None:
        for _ in range(TIMES):
            for message in messages:
                read(message)

    took = compare(parse_all, read_all)
    each = MICROSECONDS / (TIMES * len(messages))
    measured = f"{took.first * each:,.1f} → {took.second * each:,.1f} µs"
    return Figure(f"orjson → read, message {what}", measured, took.ratio)


def _memory() -> Figure:
    """Measure first: what other readers have taken would be used again."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_playbook(folder)
        write_export(folder / "export.json", _EXPORT_BYTES)
        rows = orjson.loads((folder / "export.json").read_bytes())["messages"]
        live = load_rulebook([folder]).playbooks[0]
    reader: Reader = live.reader
    messages = [replace(alerts()[0], content=row["content"]) for row in rows]
    before = _resident()
    for message in messages:
        reader.read(message)
    return Figure(f"memory of reading by {PATTERNS} patterns", f"+{(_resident() - before) / _KIB:,.0f} MB")


def _resident() -> int:
    """Return how many kibibytes of memory the process holds."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    print(table(figures()))
