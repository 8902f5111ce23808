"""`listen:` of a playbook, compiled."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.model.listen import (
    AuthorKind,
    AuthorRule,
    Channel,
    Forwards,
    Images,
    Listen,
    MaxAge,
    OnDelete,
    OnEdit,
    Quotes,
    ReadFrom,
)
from engine.playbook.section import Section

_OPEN_AGE: Final = timedelta(seconds=30)
_CLOSE_AGE: Final = timedelta(minutes=10)
_GOOD_FOR: Final = timedelta(minutes=3)


def compile_listen(listen: Section, usual_share: Decimal | None) -> Listen:
    """Return what a playbook hears. usual_share: what an author without an allocation of his own may use."""
    return Listen(
        span=listen.span,
        channels=_channels(listen.section("channels")),
        authors=_authors(listen.section("authors"), usual_share),
        read_from=frozenset(map(ReadFrom, listen.texts("read_from"))) or frozenset(ReadFrom),
        quotes=listen.choice("quotes", Quotes.IGNORE),
        forwards=listen.choice("forwards", Forwards.REFUSE),
        forwards_span=listen.span_of("forwards"),
        images=listen.choice("images", Images.REFUSE),
        images_span=listen.span_of("images"),
        max_age=_max_age(listen.section("max_age")),
        good_for=listen.duration("good_for", _GOOD_FOR),
        on_edit=listen.choice("on_edit", OnEdit.IGNORE),
        on_edit_span=listen.span_of("on_edit"),
        on_delete=listen.choice("on_delete", OnDelete.IGNORE),
        on_delete_span=listen.span_of("on_delete"),
    )


def _channels(channels: Section) -> tuple[Channel, ...]:
    compiled = []
    for channel_id, bound in channels.by_key():
        channel = Section(bound, channels.span)
        hears_threads = channel.flag("threads", default=False)
        compiled.append(Channel(channel_id, channel.text("name"), hears_threads, channels.key_span(channel_id)))
    return tuple(compiled)


def _authors(authors: Section, usual_share: Decimal | None) -> tuple[AuthorRule, ...]:
    compiled = []
    for author_id, bound in authors.by_key():
        author = Section(bound, authors.span)
        may = author.texts("may")
        rule = AuthorRule(
            id=author_id,
            name=author.text("name"),
            kind=author.choice("kind", AuthorKind.PERSON),
            may_open="open" in may,
            may_close="close" in may,
            allocation=author.amount_if_written("allocation") or usual_share,
            span=authors.key_span(author_id),
            may_span=author.span_of("may"),
        )
        compiled.append(rule)
    return tuple(compiled)


def _max_age(age: Section) -> MaxAge:
    return MaxAge(
        open=age.duration("open", _OPEN_AGE),
        close=age.duration("close", _CLOSE_AGE),
        open_span=age.span_of("open"),
        close_span=age.span_of("close"),
    )
