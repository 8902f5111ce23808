"""All playbooks that listen to one channel, read in one pass."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from engine.model.alert import Reading, Refusal
from engine.model.message import Message
from engine.parse.hints import HintSet
from engine.parse.normalise import Normal, normalise
from engine.parse.reader import MOST_BYTES, NOTHING, Reader, normal_parts, plain_part

# Of so many combinations of hints a channel remembers whose they are.
_MOST_KEPT = 4096
# What a message says to each playbook, by the playbook's name.
Readings = Mapping[str, Reading]


class ChannelReader:
    """Reads each message once for several playbooks; one set of hints serves them all."""

    def __init__(self, readers: Mapping[str, Reader]) -> None:
        self._readers = dict(readers)
        self._owners = [(name, index) for name, reader in self._readers.items() for index in range(len(reader.hints))]
        self._hints = HintSet([hint for reader in self._readers.values() for hint in reader.hints])
        self._reads_quotes = {reader.rules.reads_quotes for reader in self._readers.values()}
        self._silence = dict.fromkeys(self._readers, NOTHING)
        self._owned = lru_cache(maxsize=_MOST_KEPT)(self._share)

    def is_chatter(self, text: str) -> bool:
        """Return whether a message of that text alone surely says nothing; False where only reading it can tell."""
        if len(text) > MOST_BYTES // 4:
            return False
        held = self._hints.look(text)
        if held is not None:
            return not held
        return not any(self._hints.match(normalise(text, reads_quotes=each).text) for each in self._reads_quotes)

    def read(self, message: Message) -> Readings:
        """Return what the message says to each playbook, by the playbook's name."""
        if not message.embeds and (plain := plain_part(message, self._hints)) is not None:
            return self._read(message, *plain)
        if len(self._reads_quotes) > 1:
            return {name: reader.read(message) for name, reader in self._readers.items()}
        if not self._readers:
            return self._silence
        normals = normal_parts(message, next(iter(self._readers.values())).rules)
        if isinstance(normals, Refusal):
            return dict.fromkeys(self._readers, Reading(refusal=normals))
        return self._read(message, normals, [self._hints.match(normal.text) for normal in normals])

    def _read(self, message: Message, normals: tuple[Normal, ...], held: Sequence[tuple[int, ...]]) -> Readings:
        """Let every playbook read the parts that its hints hold for."""
        if not any(held):
            return self._silence
        owned = [self._owned(indices) for indices in held]
        names = dict.fromkeys(name for each in owned for name in each)
        hinted = {name: tuple(each.get(name, ()) for each in owned) for name in names}
        read = {name: self._readers[name].read_parts(message, normals, each) for name, each in hinted.items()}
        return self._silence | read

    def _share(self, held: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return, of hints that hold, those of each playbook, by its own numbers."""
        out: dict[str, tuple[int, ...]] = {}
        for each in held:
            name, index = self._owners[each]
            out[name] = (*out.get(name, ()), index)
        return out
