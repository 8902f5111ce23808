"""All playbooks that listen to one channel, read in one pass."""

from collections.abc import Mapping

from engine.model.alert import Reading, Refusal
from engine.model.message import Message
from engine.parse.hints import HintSet
from engine.parse.reader import Reader, normal_parts


class ChannelReader:
    """Reads each message once for several playbooks; one set of hints serves them all."""

    def __init__(self, readers: Mapping[str, Reader]) -> None:
        self._readers = dict(readers)
        self._owners = [(name, index) for name, reader in self._readers.items() for index in range(len(reader.hints))]
        self._hints = HintSet([hint for reader in self._readers.values() for hint in reader.hints])
        self._reads_quotes = {reader.rules.reads_quotes for reader in self._readers.values()}

    def read(self, message: Message) -> dict[str, Reading]:
        """Return what the message says to each playbook, by the playbook's name."""
        if len(self._reads_quotes) > 1:
            return {name: reader.read(message) for name, reader in self._readers.items()}
        out = dict.fromkeys(self._readers, Reading())
        if not self._readers:
            return out
        normals = normal_parts(message, next(iter(self._readers.values())).rules)
        if isinstance(normals, Refusal):
            return dict.fromkeys(self._readers, Reading(refusal=normals))
        hinted: dict[str, list[list[int]]] = {}
        for number, normal in enumerate(normals):
            for held in self._hints.match(normal.text):
                name, index = self._owners[held]
                hinted.setdefault(name, [[] for _ in normals])[number].append(index)
        for name, candidates in hinted.items():
            out[name] = self._readers[name].read_parts(message, normals, candidates)
        return out
