"""All playbooks that hear one channel: what a message says to each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.model.alert import Reading
from engine.model.listen import ReadFrom
from engine.model.message import Message
from engine.parse.channel import ChannelReader
from engine.playbook.rulebook import LivePlaybook

_Texts = frozenset[ReadFrom]


class Hearing:
    """Reads each message of a channel once for all playbooks that read the same of its texts."""

    def __init__(self, heard_by: Iterable[LivePlaybook]) -> None:
        self.playbooks = tuple(heard_by)
        read_from = dict.fromkeys(live.playbook.listen.read_from for live in self.playbooks)
        self._readers = {texts: self._reader(texts) for texts in read_from}

    def read(self, message: Message) -> Iterator[tuple[LivePlaybook, Reading]]:
        """Yield every playbook with what the message says to it."""
        readings = {texts: reader.read(_only(texts, message)) for texts, reader in self._readers.items()}
        for live in self.playbooks:
            reading = readings[live.playbook.listen.read_from][live.playbook.name]
            # Of an author nobody listens to, no one asks which pattern came nearest.
            is_watched = any(author.id == message.author.id for author in live.playbook.listen.authors)
            yield live, live.reader.with_nearest(message, reading) if is_watched else reading

    def _reader(self, texts: _Texts) -> ChannelReader:
        return ChannelReader(
            {live.playbook.name: live.reader for live in self.playbooks if live.playbook.listen.read_from == texts}
        )


def _only(texts: _Texts, message: Message) -> Message:
    """Return the message without the texts that are not read."""
    if len(texts) == len(ReadFrom):
        return message
    return replace(
        message,
        content=message.content if ReadFrom.CONTENT in texts else "",
        embeds=message.embeds if ReadFrom.EMBEDS in texts else (),
    )
