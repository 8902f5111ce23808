"""Which messages a playbook hears: channels, authors, ages, and what edits and deletions do."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.source import Span


class AuthorKind(StrEnum):
    """What kind of Discord account an author posts with."""

    PERSON = "person"
    BOT = "bot"
    WEBHOOK = "webhook"


class ReadFrom(StrEnum):
    """A text of a message that may hold alerts."""

    CONTENT = "content"
    EMBEDS = "embeds"


class Quotes(StrEnum):
    """What quoted, struck and code text is: no part of the alert, or read like the rest."""

    IGNORE = "ignore"
    READ = "read"


class Forwards(StrEnum):
    """What a forward is: refused, or read as its poster's own words."""

    REFUSE = "refuse"
    READ = "read"


class Images(StrEnum):
    """What a message with an image and nothing readable is: a refusal that is told, or chatter."""

    REFUSE = "refuse"
    IGNORE = "ignore"


class OnEdit(StrEnum):
    """What an edit that changes an alert does; the unfilled order is cancelled unless it is IGNORE."""

    REPLACE = "replace"
    IGNORE = "ignore"
    CANCEL = "cancel"


class OnDelete(StrEnum):
    """What the deletion of an alert does to its unfilled order."""

    IGNORE = "ignore"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Channel:
    """
    One channel heard.

    id: its Discord id. name: for people to read.
    hears_threads: whether messages in its threads count as its own.
    """

    id: str
    name: str
    hears_threads: bool
    span: Span


@dataclass(frozen=True, slots=True)
class AuthorRule:
    """
    One author whose alerts count; nobody else's do.

    id: the Discord id of the person, bot or webhook. name: for people to read, never compared.
    allocation: share of the account (0.02 is 2 %) one opening of this author may use: the
    author's own, beside which the playbook's still counts, else the playbook's; None when neither is
    written and other limits bound the size.
    span: of the author's entry. may_span: of what the author may do.
    """

    id: str
    name: str
    kind: AuthorKind
    may_open: bool
    may_close: bool
    allocation: Decimal | None
    span: Span
    may_span: Span


@dataclass(frozen=True, slots=True)
class MaxAge:
    """How old a message may be at intake, from its snowflake, to open and to close."""

    open: timedelta
    close: timedelta
    open_span: Span
    close_span: Span


@dataclass(frozen=True, slots=True)
class Listen:
    """
    What a playbook hears.

    authors: never empty.
    good_for: from intake to the production send, approval included.
    """

    span: Span
    channels: tuple[Channel, ...]
    authors: tuple[AuthorRule, ...]
    read_from: frozenset[ReadFrom]
    quotes: Quotes
    forwards: Forwards
    forwards_span: Span
    images: Images
    images_span: Span
    max_age: MaxAge
    good_for: timedelta
    on_edit: OnEdit
    on_edit_span: Span
    on_delete: OnDelete
    on_delete_span: Span

    def channel(self, channel_id: str, parent_channel_id: str) -> Channel | None:
        """Return the channel a message was heard in, its parent's when it stands in a thread; None if not heard."""
        for channel in self.channels:
            if channel.id == channel_id or (channel.hears_threads and channel.id == parent_channel_id):
                return channel
        return None

    def author(self, author_id: str) -> AuthorRule | None:
        """Return the rule of an author; None for anybody else."""
        return next((rule for rule in self.authors if rule.id == author_id), None)
