"""A decision together with what it rests on."""

from dataclasses import dataclass

from engine.decide.facts import Facts
from engine.model.decision import Decision
from engine.model.message import Message


@dataclass(frozen=True, slots=True)
class Record:
    """One decision with the message and the facts it rests on: with the rulebook, all it takes to derive it again."""

    message: Message
    facts: Facts
    decision: Decision
