"""The labelled messages of this folder, as the engine's own messages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.model.message import Author, Embed, EmbedField, Message

FOLDER = Path(__file__).parent
ALERTS = FOLDER / "alerts.jsonl"
ADVERSARIAL = FOLDER / "adversarial.jsonl"
USUAL_TIME = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)

Label = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """
    One labelled message.

    expected: the fields its text states; None when it is no alert.
    score: read, multi, quiet, refuse or skip (see `score`).
    """

    text: str
    family: str
    expected: Label | None
    score: str
    at: datetime

    @property
    def message(self) -> Message:
        """The message an author would have posted."""
        return message_of(self.text, self.at)


@dataclass(frozen=True, slots=True)
class AdversarialRow:
    """
    One message made to be misread.

    why: what is odd about it. may: refusal codes that fit, or "quiet".
    reads: the alerts that would be right, in order; empty when it must not be read.
    accept: "anything", "only_closes", "no_naked_leg" or "with_problems" (none without a problem)
    where several readings are right.
    """

    message: Message
    why: str
    may: frozenset[str]
    reads: tuple[Label, ...]
    accept: str


def message_of(text: str, at: datetime = USUAL_TIME, embeds: tuple[Embed, ...] = ()) -> Message:
    """Return a message of the usual author in the usual channel."""
    return Message("1400000000000000001", "1300", Author("1200", "analyst"), at, content=text, embeds=embeds)


def corpus_rows(path: Path = ALERTS) -> tuple[CorpusRow, ...]:
    """Return every labelled message of a file."""
    return tuple(CorpusRow(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in _lines(path))


def adversarial_rows(path: Path = ADVERSARIAL) -> tuple[AdversarialRow, ...]:
    """Return every adversarial message of a file."""
    return tuple(_adversarial(row) for row in _lines(path))


def _adversarial(row: Label) -> AdversarialRow:
    reads = row.get("reads", [])
    return AdversarialRow(
        message=_message(row),
        why=row["why"],
        may=frozenset(row["may"]),
        reads=tuple(reads) if isinstance(reads, list) else (reads,),
        accept=row.get("accept", ""),
    )


def _message(row: Label) -> Message:
    if "text" in row:
        return message_of(_built(row["text"]))
    parts = row["message"]
    plain = message_of(parts["content"], embeds=tuple(_embed(embed) for embed in parts["embeds"]))
    return Message(
        id=plain.id,
        channel_id=plain.channel_id,
        author=plain.author,
        at=plain.at,
        content=plain.content,
        embeds=plain.embeds,
        reply_to=parts.get("reply_to", ""),
        is_forward=parts.get("is_forward", False),
        images=parts.get("images", 0),
    )


def _built(text: str | list[tuple[str, int]]) -> str:
    """A text, or pieces with how often each is repeated: nobody wants 100 kB in a line of a file."""
    return text if isinstance(text, str) else "".join(piece * times for piece, times in text)


def _embed(parts: Label) -> Embed:
    fields = tuple(EmbedField(name, value) for name, value in parts.get("fields", ()))
    return Embed(**{**parts, "fields": fields})


def _lines(path: Path) -> Iterator[Label]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line, parse_float=Decimal)
