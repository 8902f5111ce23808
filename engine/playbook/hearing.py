"""All playbooks that hear one channel: what a message says to each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.model.alert import Reading
from engine.model.listen import ReadFrom
from engine.model.message import Message
from engine.parse.channel import ChannelReader
from engine.playbook.rulebook import LivePlaybook

_Texts = frozenset[ReadFrom]
_EVERYTHING = frozenset(ReadFrom)


class Hearing:
    """Reads each message of a channel once for all playbooks that read the same of its texts."""

    def __init__(self, heard_by: Iterable[LivePlaybook]) -> None:
        self.playbooks = tuple(heard_by)
        read_from = dict.fromkeys(live.playbook.listen.read_from for live in self.playbooks)
        self._readers = [(texts, self._reader(texts)) for texts in read_from]
        self._reads_content = [reader for texts, reader in self._readers if ReadFrom.CONTENT in texts]
        self._authors = {
            live.playbook.name: frozenset(author.id for author in live.playbook.listen.authors)
            for live in self.playbooks
        }

    def is_chatter(self, content: str) -> bool:
        """
        Return whether a message with that content, and no cards, surely says nothing to any playbook.

        Cheap; False also where only reading it can tell.
        """
        return all(reader.is_chatter(content) for reader in self._reads_content)

    def read(self, message: Message) -> Iterator[tuple[LivePlaybook, Reading]]:
        """Yield every playbook with what the message says to it."""
        readings: dict[str, Reading] = {}
        for texts, reader in self._readers:
            readings.update(reader.read(_only(texts, message)))
        for live in self.playbooks:
            reading = readings[live.playbook.name]
            # Of an author nobody listens to, no one asks which pattern came nearest.
            if reading.refusal is not None and message.author.id in self._authors[live.playbook.name]:
                reading = live.reader.with_nearest(message, reading)
            yield live, reading

    def _reader(self, texts: _Texts) -> ChannelReader:
        return ChannelReader(
            {live.playbook.name: live.reader for live in self.playbooks if live.playbook.listen.read_from == texts}
        )


def _only(texts: _Texts, message: Message) -> Message:
    """Return the message without the texts that are not read."""
    if texts == _EVERYTHING:
        return message
    return replace(
        message,
        content=message.content if ReadFrom.CONTENT in texts else "",
        embeds=message.embeds if ReadFrom.EMBEDS in texts else (),
    )
