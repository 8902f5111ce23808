"""What a replay gave as a YAML file of expectations, to start from."""

from collections.abc import Iterator

from engine.app.as_example import gives_text, quoted
from engine.replay.happened import Happened


def expectations_text(happened: Happened, about: str) -> str:
    """Return the file. about: what was replayed."""
    return "".join(f"{row}\n" for row in _rows(happened, about))


def _rows(happened: Happened, about: str) -> Iterator[str]:
    yield "# What a replay gave. Keep what is right, correct what is not, then: signalbook replay … --expect THIS_FILE"
    yield "signalbook: 1"
    yield f"expect: {quoted(about)}"
    counts, messages = happened.counts(), happened.messages()
    if not counts:
        yield "counts:"
        yield "  - {verdict: approved, exactly: 0}"
        return
    yield "counts:"
    for playbook, reason, count in counts:
        yield f"  - {{playbook: {playbook}, reason: {reason}, exactly: {count}}}"
    if messages:
        yield "messages:"
    for decision in messages:
        yield f"  # {_comment(decision.text)}"
        gives = gives_text(decision.outcomes, with_size=True)
        yield f'  - {{message: "{decision.message_id}", playbook: {decision.playbook}, gives: {gives}}}'


def _comment(text: str) -> str:
    """Return the beginning of a text on one line, without what YAML allows in no comment."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "\ufffd" for each in line[:100])
