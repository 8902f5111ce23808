"""A condition of a playbook, ready to run, and the names it may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engine.model.alert import Action, Asset
from engine.model.instrument import Right
from engine.model.source import Span

Test = Callable[[Mapping[str, object]], bool | None]


class ValueKind(StrEnum):
    """The kind of a value in a condition: Decimal or int, str, bool, date, tuple of str, tuple of numbers."""

    NUMBER = "a number"
    TEXT = "text"
    YES_NO = "yes or no"
    DATE = "a date"
    TEXTS = "a list of texts"
    NUMBERS = "a list of numbers"


@dataclass(frozen=True, slots=True)
class RuleName:
    """
    One name a condition may use.

    choices: all the texts it can be; empty when there are too many to list.
    is_capitals: its text has no small letters.
    """

    name: str
    kind: ValueKind
    meaning: str
    choices: tuple[str, ...] = ()
    is_capitals: bool = False


def _values(choices: type[StrEnum]) -> tuple[str, ...]:
    return tuple(choice.value for choice in choices)


def _table() -> tuple[RuleName, ...]:
    number, text, yes_no = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.YES_NO
    return (
        RuleName("action", text, "what the alert asks for", _values(Action)),
        RuleName("asset", text, "the class of its instrument", _values(Asset)),
        RuleName("symbol", text, "the underlying in capitals", is_capitals=True),
        RuleName("structure", text, "the multi-leg structure; empty text for a single leg"),
        RuleName("legs", number, "how many legs"),
        RuleName("strike", number, "of the first leg, in dollars"),
        RuleName("right", text, "of the first leg", _values(Right)),
        RuleName("expiry", ValueKind.DATE, "of the first leg"),
        RuleName("dte", number, "days from the message to the expiry of the first leg"),
        RuleName("price", number, "the limit, in dollars per share"),
        RuleName("quantity", number, "contracts or shares as written"),
        RuleName("fraction", number, "the part of the position to close, up to 1"),
        RuleName("is_market", yes_no, "whether the text says at market"),
        RuleName("tags", ValueKind.TEXTS, "the size tags"),
        RuleName("stop", number, "the price of the stop"),
        RuleName("target", number, "the price of the first target"),
        RuleName("pattern", text, "the pattern that read it"),
        RuleName("author", text, "the author's name in listen.authors"),
        RuleName("channel", text, "the channel's name in listen.channels"),
        RuleName("text", text, "all the text of the message"),
    )


RULE_NAMES: Final = _table()


@dataclass(frozen=True, slots=True)
class RefuseRule:
    """
    One `refuse_when` entry: refuses when its test holds, and also when it cannot be answered.

    code: the playbook's own reason. text: the condition as written. say: one sentence for people, or "".
    test: None when an operand is undefined or null, which refuses as `rule_could_not_run`.
    """

    code: str
    text: str
    span: Span
    test: Test = field(compare=False, repr=False)
    say: str = ""
