"""The reader that labelled messages are read by: the shipped US libraries, no playbook."""

from engine.parse.reader import Reader
from engine.playbook.shipped_rules import shipped_rules

__all__ = ["shipped_reader", "shipped_rules"]


def shipped_reader() -> Reader:
    """Return a new reader of them."""
    return Reader(shipped_rules())
