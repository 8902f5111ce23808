"""The path of a message: read it, gather the facts, decide, once for every playbook that hears its channel."""

from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.model.decision import Decision
from engine.model.message import Message
from engine.playbook.hearing import Hearing
from engine.ports import Clock, Positions


def handle(message: Message, hearing: Hearing, clock: Clock, positions: Positions) -> tuple[Decision, ...]:
    """
    Return what each playbook decides about a message that has just arrived.

    What an edited message said before is not known here, so that an edit opens nothing.
    """
    now = clock.now()
    decisions = []
    for live, reading in hearing.read(message):
        held = positions.held(live.playbook.name, message.author.id) if reading.alerts else None
        facts = Facts(now=now, content_hash=live.content_hash, positions=held)
        decisions.append(decide(live.playbook, live.rules, message, reading, facts))
    return tuple(decisions)
