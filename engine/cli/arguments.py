"""How times, durations and channel names on the command line are read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from engine.model.message import Embed, EmbedField
from engine.playbook.scalars import NotRead, read_moment, read_time_span


def read_at(text: str) -> datetime:
    """
    Return a moment: ISO with an offset, or the way playbooks write it ("2026-11-24 10:05 America/New_York").

    Raises: typer.BadParameter.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _as_in_playbooks(text)
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} does not say its time zone: write {text}Z, or {text} America/New_York")
    return moment.astimezone(UTC)


def read_span(text: str | timedelta) -> timedelta:
    """
    Return a duration ("0s", "500ms", "1m"); a default is one already.

    Raises: typer.BadParameter.
    """
    if isinstance(text, timedelta):
        return text
    try:
        return read_time_span(text)
    except NotRead as error:
        hint = f"; perhaps {error.nearest}" if error.nearest else ""
        raise typer.BadParameter(f"{text!r} is not a duration such as 500ms, 30s or 10m{hint}") from error


def read_embed(text: str) -> Embed:
    """
    Return a card written as JSON: title, description, author, footer, color, and fields of name and value.

    Raises: typer.BadParameter.
    """
    try:
        written = json.loads(text)
        fields = tuple(EmbedField(field["name"], field["value"]) for field in written.pop("fields", ()))
        embed = Embed(**written, fields=fields)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        example = '{"title": "BTO", "fields": [{"name": "Ticker", "value": "SPY"}]}'
        raise typer.BadParameter(f"{text!r} is not a card such as {example}") from error
    texts = [embed.title, embed.description, embed.author, embed.footer, embed.color]
    texts += [text for field in fields for text in (field.name, field.value)]
    if not all(isinstance(each, str) for each in texts):
        raise typer.BadParameter(f"{text!r} holds something that is not a text")
    return embed


def _as_in_playbooks(text: str) -> datetime:
    try:
        return read_moment(text)
    except NotRead as error:
        sentence = f"{text!r} is not a time such as 2026-11-24T15:05:00Z or 2026-11-24 10:05 America/New_York"
        raise typer.BadParameter(f"{sentence}{f': {error.reason}' if error.reason else ''}") from error


AtOption = Annotated[
    datetime | None,
    typer.Option("--at", parser=read_at, metavar="TIME", help="When the message was posted; now when left out."),
]
