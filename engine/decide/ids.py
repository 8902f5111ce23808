"""Names that follow from what they name, so that the same thing twice has one name."""

from hashlib import sha256

from engine.model.message import Message

_LENGTH = 32  # hex digits: 128 bits


def decision_id(message: Message, playbook: str, content_hash: str) -> str:
    """
    Return the id of the decision about one message event under one version of a playbook.

    Shape: 32 hex digits. Outcomes of the same decision are told apart by their alert's index.
    """
    parts = (message.id, str(message.event), playbook, content_hash)
    named = "".join(f"{len(part)}:{part}" for part in parts)  # with lengths, no two lists of parts look alike
    return sha256(named.encode()).hexdigest()[:_LENGTH]
