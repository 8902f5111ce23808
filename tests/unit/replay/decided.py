"""Decisions as literals, for tests of what is made of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.model.alert import Action, Alert, Asset, Leg, Reading
from engine.model.decision import Decision, Outcome, Reason, Size, Verdict
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.position import Closed
from engine.model.run import ArchiveUsed, PlaybookVersion, RunStart

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
FIRST_ID = 10**17
EXPIRY = datetime(2026, 1, 9, tzinfo=UTC).date()
START = RunStart(
    engine_version="0",
    assumptions=(("now", "the time of the message and 1 s"), ("fills", "at the alert's price")),
    archives=(ArchiveUsed("momentum.json", 1234, "ab" * 32),),
    playbooks=(PlaybookVersion("momentum", "hash-1", "momentum.yaml", "signalbook: 1\n"),),
)


def alert(price: str = "1.25", strike: str = "500", action: Action = Action.BUY_TO_OPEN) -> Alert:
    """BTO SPY 500C 1/9."""
    leg = Leg(action, "SPY", Asset.OPTION, Decimal(strike), Right.CALL, EXPIRY)
    return Alert(action, "SPY", Asset.OPTION, (leg,), price=Decimal(price), pattern="entry")


def approved(quantity: int = 2, **said: str) -> Outcome:
    """An opening of so many contracts."""
    given = alert(**said)  # type: ignore[arg-type]
    size = Size(quantity, (given.price or Decimal(1)) * 100, given.price, "size.percent")
    return Outcome(0, Verdict.APPROVED, Reason.APPROVED, "every gate passed", given, is_order_shaped=True, size=size)


def denied(reason: Reason = Reason.NO_PATTERN, **more: object) -> Outcome:
    """A refusal of what looks like an order."""
    return Outcome(0, Verdict.DENIED, reason, "no pattern reads it", is_order_shaped=True, **more)  # type: ignore[arg-type]


def ignored() -> Outcome:
    """What says nothing."""
    return Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, "says nothing that is an order")


def record(
    number: int,
    *outcomes: Outcome,
    text: str = "BTO SPY 500C 1/9 @ 1.25",
    author: str = "301",
    playbook: str = "momentum",
) -> Record:
    """What one playbook decided about a message posted so many minutes after AT."""
    at = AT + timedelta(minutes=number)
    by = Author(author, f"name-{author}")
    message = Message(str(FIRST_ID + number), "100", by, at, text, channel_name="momentum")
    decision = Decision(
        decision_id=f"d-{number}-{playbook}",
        playbook=playbook,
        content_hash="hash-1",
        message_id=message.id,
        event=1,
        channel_id="100",
        author_id=author,
        author_name=f"name-{author}",
        at=at,
        now=at + timedelta(seconds=1),
        text=text,
        outcomes=outcomes,
    )
    return Record(message, Facts(decision.now, "hash-1"), decision)


def reading(given: Record) -> Reading:
    """What the message of a record was read as."""
    return Reading(tuple(outcome.alert for outcome in given.decision.outcomes if outcome.alert is not None))


def closed(profit: str | None, day: int = 0, *, author: str = "301", is_expired: bool = False) -> Closed:
    """A position that ended so many days after AT."""
    at = AT + timedelta(days=day)
    return Closed(
        playbook="momentum",
        author_id=author,
        symbol="SPY",
        contract="SPY 500C 2026-01-09",
        opened_by="1000",
        opened_at=AT,
        closed_by="" if is_expired else "1001",
        closed_at=at,
        quantity=1,
        profit=None if profit is None else Decimal(profit),
        is_expired=is_expired,
    )
