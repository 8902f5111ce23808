"""One message through the pipeline."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from engine.decide.book import Book, Fills
from engine.decide.decide import decide
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.interpret.interpreter import Interpreter, OnClosed, Sources
from engine.model.activity import Restriction
from engine.model.alert import Action, Alert, Reading
from engine.model.decision import Decision, Reason, Verdict
from engine.model.market import AccountState, Market
from engine.model.message import Author, EventKind, Message
from engine.model.playbook import Playbook
from engine.model.position import Closed
from engine.model.reading import PatternRule, ReadRules, Source, Words
from engine.model.stages import OnUnavailable, SandboxEach, SandboxPass, SandboxStage, Stage
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import MessageClock
from tests.unit.plan.staged import staged

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
MESSAGE = Message("900", "100", Author("301", "alice"), AT, "BTO SPY 500C 1/9 @ 1.25")


@dataclass(frozen=True)
class StoppedClock:
    at: datetime

    def judged_at(self, message: Message) -> datetime:
        return self.at


class NothingKnown:
    def state(self, account: str, at: datetime) -> AccountState | None:
        return None

    def market(self, alert: Alert, at: datetime) -> Market | None:
        return None

    def in_force(self, at: datetime) -> tuple[Restriction, ...] | None:
        return ()


def interpreter_of(
    heard_by: tuple[LivePlaybook, ...], clock: MessageClock, on_closed: OnClosed = lambda closed: None
) -> Interpreter:
    nothing = NothingKnown()
    sources = Sources(clock, nothing, nothing, nothing)
    return Interpreter(Rulebook(None, heard_by, ()), sources, Book(), on_closed)


def decisions_of(message: Message, heard_by: tuple[LivePlaybook, ...], at: datetime) -> list[Decision]:
    return [record.decision for record in interpreter_of(heard_by, StoppedClock(at)).handle(message)]


def lives(playbook: Playbook) -> tuple[LivePlaybook, ...]:
    words = (
        Words("action", "buy_to_open", ("BTO",)),
        Words("right", "call", ("C",)),
        Words("at", "at", ("@",)),
    )
    entry = PatternRule("entry", playbook.span, Source("{open} {contract} {price}", playbook.span))
    reads, deaf = ReadRules(words, (entry,)), ReadRules(words)
    return (
        LivePlaybook(Terms(replace(playbook, read=reads)), Reader(reads), "h1"),
        LivePlaybook(Terms(replace(playbook, name="deaf", read=deaf)), Reader(deaf), "h2"),
    )


def test_every_playbook_that_hears_the_channel_decides(playbook: Playbook):
    """S-301, S-330."""
    now = AT + timedelta(seconds=3)

    decisions = decisions_of(MESSAGE, lives(playbook), now)

    assert [(each.playbook, each.content_hash, each.now, each.assumed) for each in decisions] == [
        ("momentum", "h1", now, ()),
        ("deaf", "h2", now, ()),
    ]
    assert decisions[0].outcomes[0].verdict is Verdict.APPROVED


def test_a_message_that_waited_too_long_opens_nothing(playbook: Playbook):
    decisions = decisions_of(MESSAGE, lives(playbook), AT + timedelta(hours=1))

    assert decisions[0].outcomes[0].reason is Reason.TOO_LATE


def test_an_edit_of_an_unknown_message_opens_nothing(playbook: Playbook):
    decisions = decisions_of(replace(MESSAGE, event=2), lives(playbook), AT)

    assert decisions[0].outcomes[0].reason is Reason.EARLIER_UNKNOWN


@dataclass(frozen=True)
class AtOnce:
    def judged_at(self, message: Message) -> datetime:
        return message.at


def said(number: int, text: str, minutes: int = 0) -> Message:
    return replace(MESSAGE, id=str(number), content=text, at=AT + timedelta(minutes=minutes))


def test_an_edit_cancels_what_was_approved_and_opens_nothing_anew(playbook: Playbook):
    """S-328: from the message to its edit and its deletion, through the book."""
    interpreter = interpreter_of(lives(playbook)[:1], AtOnce())
    (opened,) = interpreter.handle(MESSAGE)
    edited = replace(MESSAGE, content="BTO SPY 505C 1/9 @ 1.25", kind=EventKind.EDITED, event=2)

    (changed,) = interpreter.handle(edited)
    (same,) = interpreter.handle(replace(edited, event=3))
    (deleted,) = interpreter.handle(replace(edited, content="", kind=EventKind.DELETED, event=4))

    key = opened.decision.outcomes[0].intent_key
    assert key
    assert [(each.decision.outcomes[0].reason, each.decision.cancels) for each in (changed, same, deleted)] == [
        (Reason.DUPLICATE, (key,)),
        (Reason.EDITED_SAME, ()),
        (Reason.DELETED, (key,)),
    ]


def test_the_same_message_again_opens_nothing(playbook: Playbook):
    interpreter = interpreter_of(lives(playbook)[:1], AtOnce())
    interpreter.handle(MESSAGE)

    (again,) = interpreter.handle(MESSAGE)

    assert again.decision.outcomes[0].reason is Reason.DUPLICATE


def test_two_playbooks_of_one_account_do_not_both_open_what_a_message_says(playbook: Playbook):
    live, _ = lives(playbook)
    stage = SandboxStage(
        "main", SandboxEach.OPENS, SandboxPass.LIVE, timedelta(0), OnUnavailable.ASK, *[live.playbook.span] * 2
    )
    traded = replace(live.playbook, stages=replace(live.playbook.stages, sandbox=stage))
    both = tuple(replace(live, terms=Terms(replace(traded, name=name))) for name in ("first", "second"))

    records = interpreter_of(both, AtOnce()).handle(MESSAGE)

    assert [record.decision.outcomes[0].reason for record in records] == [Reason.APPROVED, Reason.DUPLICATE]
    assert [record.decision.account for record in records] == ["main", "main"]


def test_what_expires_is_told_once(playbook: Playbook):
    told: list[Closed] = []
    interpreter = interpreter_of(lives(playbook)[:1], AtOnce(), told.extend)

    interpreter.handle(MESSAGE)
    interpreter.handle(said(901, "good morning", minutes=60 * 24))
    assert told == []
    interpreter.handle(said(902, "good morning", minutes=60 * 24 * 5))
    interpreter.handle(said(903, "good morning", minutes=60 * 24 * 5))

    assert [(closed.contract, closed.is_expired, closed.profit) for closed in told] == [
        ("SPY 500C 2026-01-09", True, Decimal(-1000))
    ]


def test_facts_are_logged_with_the_decision_and_give_it_again(playbook: Playbook):
    (live, _) = lives(playbook)

    (record,) = interpreter_of((live,), AtOnce()).handle(MESSAGE)

    reading = live.reader.read(MESSAGE)
    assert decide(live.terms, record.message, reading, record.facts) == record.decision


def test_a_decision_of_a_stage_is_logged_with_it_and_derived_from_it_again(playbook: Playbook):
    """The stage decides the account and the size; a book told of fills sees production and sandbox apart."""
    stages = {"1": Stage.SANDBOX, "2": Stage.CANARY, "3": Stage.OBSERVE}
    nothing = NothingKnown()
    sources = Sources(AtOnce(), nothing, nothing, nothing, stages=lambda live, message: stages[message.id])
    (live,) = lives(staged(playbook))[:1]
    interpreter = Interpreter(Rulebook(None, (live,), ()), sources, Book(Fills.BOOKED))

    records = [interpreter.handle(said(number, "BTO SPY 500C 1/9 @ 1.25", number))[0] for number in (1, 2, 3)]
    (chatter,) = interpreter.handle(said(3, "good morning"))

    assert [(each.facts.stage, each.decision.account) for each in (*records, chatter)] == [
        (Stage.SANDBOX, "cert"),
        (Stage.CANARY, "main"),
        (Stage.OBSERVE, ""),
        (Stage.OBSERVE, ""),
    ]
    assert [each.decision.outcomes[0].verdict for each in records] == [Verdict.APPROVED] * 3
    sizes = [each.decision.outcomes[0].size for each in records]
    assert [size and size.quantity for size in sizes][1] == 1
    for record in (*records, chatter):
        written = msgspec.json.decode(msgspec.json.encode(record), type=Record)
        assert decide(live.terms, written.message, live.reader.read(written.message), written.facts) == record.decision


def test_what_a_version_may_not_close_in_it_does_not_see(playbook: Playbook):
    """S-917."""
    book, nothing = Book(), NothingKnown()
    sources = Sources(StoppedClock(AT), nothing, nothing, nothing, stages=lambda live, message: Stage.PRODUCTION)
    tried = replace(sources, may_close_in=lambda live, account: account != "main")
    heard_by = lives(staged(playbook))[:1]
    opened = Interpreter(Rulebook(None, heard_by, ()), sources, book).handle(MESSAGE)
    exits = replace(MESSAGE, id="901", content="all out SPY")
    closing = Alert(Action.SELL_TO_CLOSE, "SPY", None)

    positions = [
        Interpreter(Rulebook(None, heard_by, ()), each, book).decide(exits, [(heard_by[0], Reading((closing,)))])[0]
        for each in (tried, sources)
    ]

    assert opened[0].decision.account == "main"
    assert [len(record.facts.positions or ()) for record in positions] == [0, 1]
    assert positions[0].decision.outcomes[0].reason is Reason.NO_OPEN_POSITION


def test_an_edit_finds_what_the_message_opened_at_another_stage(playbook: Playbook):
    """S-918."""
    book, nothing, heard_by = Book(), NothingKnown(), lives(staged(playbook))[:1]
    stages = iter((Stage.SANDBOX, Stage.PRODUCTION))
    sources = Sources(StoppedClock(AT), nothing, nothing, nothing, stages=lambda live, message: next(stages))
    interpreter = Interpreter(Rulebook(None, heard_by, ()), sources, book)
    (opened,) = interpreter.handle(MESSAGE)

    edited = replace(MESSAGE, content="BTO SPY 505C 1/9 @ 1.30", event=2, kind=EventKind.EDITED, edited_at=AT)
    (record,) = interpreter.handle(edited)

    assert record.facts.earlier is not None
    assert record.decision.cancels == (opened.decision.outcomes[0].intent_key,)
    assert record.decision.outcomes[0].verdict is not Verdict.APPROVED
