"""A small desk to feed: one playbook, and an archive with openings, closes, refusals and chatter in a fixed mixture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from engine.app.live import Acknowledged
from engine.cli.new import starter_text
from engine.decide.record import Record
from engine.playbook.rulebook import Rulebook, load_rulebook

CHANNEL, ALICE, STRANGER = "1255265167113978008", "301234567890123456", "200000000000000009"
FIRST_ID = 1442549871206400000
FIRST_AT = datetime(2026, 11, 24, 14, 35, tzinfo=UTC)
APART = timedelta(seconds=20)
SYMBOLS = ("SPY", "QQQ", "AAPL", "MSFT", "NVDA")
CHATTER = ("good morning everybody", "nice trade", "what a day, watching the tape", "back after lunch", "gm")


def write_desk(folder: Path) -> Path:
    """Write a folder of playbooks with one in it, and return it."""
    playbooks = folder / "playbooks"
    playbooks.mkdir(parents=True)
    starter = starter_text("starter")
    own = starter.replace("100000000000000001", CHANNEL).replace("200000000000000001", ALICE)
    (playbooks / "starter.yaml").write_text(own, encoding="utf-8")
    return playbooks


def write_archive(file: Path, count: int, seed: int = 1) -> Path:
    """Write an export of so many messages, the same for the same seed, and return it."""
    says = Random(seed)
    messages = [_message(number, _text(says), says) for number in range(count)]
    export = {
        "guild": {"id": "1", "name": "desk"},
        "channel": {"id": CHANNEL, "name": "alerts"},
        "messages": messages,
    }
    file.write_text(json.dumps(export), encoding="utf-8")
    return file


def loaded(playbooks: Path) -> Rulebook:
    """Return the playbooks of a folder, their examples not run."""
    return load_rulebook([playbooks], runs_examples=False)


def _text(says: Random) -> str:
    symbol, strike = says.choice(SYMBOLS), says.randrange(100, 700, 5)
    price = Decimal(says.randrange(50, 500)) / 100
    kinds = (
        f"BTO {symbol} {strike}C 11/27 @ {price}",
        f"STC {symbol} {strike}C 11/27 @ {price}",
        f"sold half {symbol} @ {price}",
        f"should I BTO {symbol} {strike}C?",
        f"BTO {symbol} {strike} 11/27 @ {price}",
    )
    return says.choice(kinds) if says.random() < 0.5 else says.choice(CHATTER)


def _message(number: int, text: str, says: Random) -> dict[str, object]:
    author = ALICE if says.random() < 0.9 else STRANGER
    return {
        "id": str(FIRST_ID + (number << 22)),
        "type": "Default",
        "timestamp": (FIRST_AT + number * APART).isoformat(),
        "timestampEdited": None,
        "content": text,
        "author": {"id": author, "name": "alice" if author == ALICE else "mallory", "isBot": False},
        "attachments": [],
        "embeds": [],
    }


@dataclass
class Follower:
    """Keeps what it is told (see feed.Audience). ends_at: wants the end at so many messages read."""

    ends_at: int | None = None
    acknowledged: list[Acknowledged] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    read: int = 0

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        self.acknowledged += batch

    def warn(self, sentence: str) -> None:
        self.warned.append(sentence)

    def progress(self, done: int, total: int) -> None:
        self.read = done

    def wants_end(self) -> bool:
        return self.ends_at is not None and self.read >= self.ends_at

    @property
    def records(self) -> list[Record]:
        return [record for each in self.acknowledged for record in each.records]
