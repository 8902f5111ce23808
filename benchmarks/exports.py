"""A generated export of a busy channel, and the playbook of two hundred patterns that reads it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import orjson

from benchmarks.playbooks import DESK, PLAYBOOK

CHANNEL = "100000000000000001"
AUTHORS = tuple(f"1000000000000000{number}" for number in ("11", "12", "13"))
STRANGERS = tuple(str(200_000_000_000_000_000 + number) for number in range(400))
PATTERNS = 200
ONE_ALERT_IN = 20
MEGABYTE = 1_000_000

_DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_OPENING = datetime(2026, 1, 5, 14, 35, tzinfo=UTC)
_A_DAY = 11_000  # messages, one every two seconds of a session
_DISTINCT = 20_000
_LIST_OF_PATTERNS = ("  patterns:\n", "  defaults:\n")
_VERBS = (
    "loading", "scooping", "snagging", "riding", "taking", "starting", "adding", "picking", "chasing", "hitting",
    "swinging", "scalping", "nibbling", "stalking", "playing", "firing", "sniping", "tagging", "popping", "dipping",
    "jumping", "joining", "lifting", "punching", "running", "flying", "boarding", "stacking", "swiping", "catching",
    "trying", "testing", "leaping", "pressing", "driving", "sailing", "working", "holding", "eating", "drinking",
)  # fmt: skip
_LAYOUTS = (
    "{verb} {{contract}} {{price}}",
    "{verb} alert: {{contract}} {{price}}",
    "{verb} swing {{contract}} {{price}}",
    "{{contract}} {verb} {{price}}",
    "now {verb} {{quantity}} {{contract}} {{price}}",
)
_TICKERS = ("SPY", "QQQ", "AAPL", "NVDA", "TSLA", "AMD", "META", "AMZN", "MSFT", "IWM", "GOOGL", "NFLX", "PLTR", "COIN")
# So that most alerts are approved and sized, which costs more than refusing them.
_LOOSER = {"max_open_positions: 5": "max_open_positions: 9999", "max_orders_per_day: 20": "max_orders_per_day: 9999"}
_TALK = """
the market looks weak today and i think we chop until lunch then maybe a push into close what do you guys see on volume
here nice call that level held again anyone still in from yesterday sold mine too early entry was good but exit not so
much watching vwap trim some leave runners lol yeah same here waiting for confirmation above high of day premarket gap
fill news at two cpi tomorrow careful with size stop is breakeven for me good morning everyone
"""
_WORDS = tuple(_TALK.split())
_MARKS = (
    "**{}**", "<@301234567890123456> {}", "{} <:pepe:1105872609649623041>", "{} :rocket:", "{} 🚀🚀", "> {}\nagreed",
    "{} https://www.tradingview.com/x/abc{}/", "`{}`", "@everyone {}", "{} — really",
)  # fmt: skip


def write_playbook(folder: Path) -> None:
    """Write a desk and one playbook of PATTERNS patterns, all of its own."""
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    head, rest = PLAYBOOK.split(_LIST_OF_PATTERNS[0])
    tail = rest.split(_LIST_OF_PATTERNS[1])[1]
    text = "".join([head, _LIST_OF_PATTERNS[0], *_pattern_lines(), _LIST_OF_PATTERNS[1], tail])
    text = text.replace("use: [us-options]", "use: [us-words]").replace("INDEX", "0").replace("NUMBER", "1" + "0" * 15)
    for limit, looser in _LOOSER.items():
        text = text.replace(limit, looser)
    (folder / "generated.yaml").write_text(text, encoding="utf-8")


def write_export(file: Path, size: int, *, with_alerts: bool = True) -> int:
    """
    Write an export of about that many bytes as DiscordChatExporter does; return how many messages it holds.

    The same arguments always give the same bytes. The first messages repeat after a while, with other
    ids and times.
    """
    bodies = tuple(_bodies(with_alerts=with_alerts))
    count = written = 0
    with file.open("wb") as out:
        out.write(_HEAD)
        while written < size:
            at = _posted(count)
            stamp = at.isoformat(timespec="milliseconds").encode()
            written += out.write(_MESSAGE % (b",\n" * (count > 0), _snowflake(at, count), stamp))
            written += out.write(bodies[count % _DISTINCT])
            count += 1
        out.write(b'\n  ],\n  "messageCount": %d\n}\n' % count)
    return count


def _posted(number: int) -> datetime:
    """Return when a message of the export was posted: in sessions, Mondays to Fridays."""
    day, second = divmod(number, _A_DAY)
    weeks, weekday = divmod(day, 5)
    return _OPENING + timedelta(weeks=weeks, days=weekday, seconds=2 * second)


def _pattern_lines() -> Iterator[str]:
    for number, (layout, verb) in enumerate(_alert_forms()):
        yield f'    - {{name: form-{number}, match: "{layout.format(verb=verb)}", set: {{action: BTO}}}}\n'


def _alert_forms() -> list[tuple[str, str]]:
    return [(layout, verb) for layout in _LAYOUTS for verb in _VERBS][:PATTERNS]


def _bodies(*, with_alerts: bool) -> Iterator[bytes]:
    random = Random(20261124)
    forms = _alert_forms()
    for number in range(_DISTINCT):
        if with_alerts and number % ONE_ALERT_IN == 7:
            yield _body(_alert(random, *forms[random.randrange(PATTERNS)]), AUTHORS[0], random)
        else:
            yield _body(_talk(random), random.choice(STRANGERS + AUTHORS), random)


def _alert(random: Random, layout: str, verb: str) -> str:
    strike, right = 5 * random.randrange(20, 140), random.choice("CP")
    values = {
        "contract": f"{random.choice(_TICKERS)} {strike}{right}",
        "price": f"@ {random.randrange(20, 900) / 100:.2f}",
        "quantity": str(random.randrange(1, 20)),
    }
    return layout.format(verb=verb).format(**values)


def _talk(random: Random) -> str:
    words = random.choices(_WORDS, k=min(60, max(1, round(random.lognormvariate(2.2, 0.8)))))
    if random.random() < 0.3:
        words[random.randrange(len(words))] = random.choice(_TICKERS)
    if random.random() < 0.1:
        words.append(random.choice(("133p", "602C", "at 1.25", "up 40%", "9:35")))
    text = " ".join(words)
    return random.choice(_MARKS).replace("{}", text, 1).replace("{}", "1") if random.random() < 0.25 else text


def _snowflake(at: datetime, serial: int) -> int:
    return (at - _DISCORD_EPOCH) // timedelta(milliseconds=1) << 22 | serial % 4096


def _body(content: str, author: str, random: Random) -> bytes:
    """Return an exported message from behind its timestamp on."""
    row = {
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": content,
        "author": {
            "id": author,
            "name": f"user{author[-3:]}",
            "discriminator": "0000",
            "nickname": f"user {author[-3:]}",
            "color": "#1ABC9C",
            "isBot": False,
            "roles": [{"id": "918461769717430271", "name": "Member", "color": "#1ABC9C", "position": 12}],
            "avatarUrl": "https://cdn.discordapp.com/embed/avatars/0.png",
        },
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [{"emoji": {"id": "", "name": "fire", "code": "fire", "isAnimated": False}, "count": 3}]
        if random.random() < 0.2
        else [],
        "mentions": [],
        "inlineEmojis": [],
    }
    lines = orjson.dumps(row, option=orjson.OPT_INDENT_2).split(b"\n")[1:]
    return b"\n".join(b"    " + line for line in lines)


_MESSAGE = b'%b    {\n      "id": "%d",\n      "type": "Default",\n      "timestamp": "%b",\n'
_HEAD = (
    orjson.dumps(
        {
            "guild": {"id": "918461769717430270", "name": "desk", "iconUrl": ""},
            "channel": {"id": CHANNEL, "type": "GuildTextChat", "categoryId": None, "category": None, "name": "alerts"},
            "dateRange": {"after": None, "before": None},
            "exportedAt": "2026-11-01T00:00:00+00:00",
        },
        option=orjson.OPT_INDENT_2,
    ).removesuffix(b"\n}")
    + b',\n  "messages": [\n'
)
