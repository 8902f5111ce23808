"""What a decision rests on and what came of it, as JSON in one cell each, and back, exactly."""

from typing import Final

import msgspec

from engine.decide.facts import Facts
from engine.model.alert import Alert
from engine.model.decision import GateResult, GateStatus, Outcome, Reason, Size, Verdict
from engine.model.message import Embed, Message
from engine.model.source import Place, Span

_MOST_KEPT: Final = 4096
_NOTHING: Final = msgspec.Raw()


class _StoredGate(msgspec.Struct, omit_defaults=True, gc=False):
    """A gate's answer; what most gates leave empty is left out. at: see `_place_in`."""

    gate: str
    status: GateStatus = GateStatus.PASSED
    code: Reason | None = None
    detail: str = ""
    rule: str = ""
    at: str = ""
    place: Place | None = None


class _StoredOutcome(msgspec.Struct, omit_defaults=True, gc=False):
    """An outcome. file: the playbook's, which places in it need not name; at: see `_place_in`."""

    index: int
    verdict: Verdict
    reason: Reason
    detail: str
    alert: Alert | None = None
    size: Size | None = None
    file: str = ""
    at: str = ""
    place: Place | None = None
    nearest: str = ""
    is_order_shaped: bool = False
    rule: str = ""
    intent_key: str = ""
    house_key: str = ""
    said: Alert | None = None
    gates: list[_StoredGate] = []
    account: str = ""


class _WrittenOutcome(_StoredOutcome, omit_defaults=True, gc=False):
    gates: list[msgspec.Raw] = []  # type: ignore[assignment] # the same JSON, with gates that are written already


# Sets are written in order, so that the same facts are always the same text.
_encode: Final = msgspec.json.Encoder(order="deterministic").encode
_outcome: Final = msgspec.json.Decoder(_StoredOutcome).decode
_message: Final = msgspec.json.Decoder(Message).decode
_facts: Final = msgspec.json.Decoder(Facts).decode
_texts: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_embeds: Final = msgspec.json.Decoder(tuple[Embed, ...]).decode


class OutcomeWriter:
    """Writes outcomes; answers that gates give again and again are written once and kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[GateResult, msgspec.Raw]] = {}
        self._file = ""

    def json(self, outcome: Outcome) -> bytes:
        """Return an outcome as JSON; fields at their default are left out."""
        file = _file_of(outcome)
        if file != self._file:
            self._file = file
            self._kept.clear()
        stored = _WrittenOutcome(
            outcome.index,
            outcome.verdict,
            outcome.reason,
            outcome.detail,
            outcome.alert,
            outcome.size,
            file,
            _place_in(file, outcome.span),
            outcome.place,
            outcome.nearest,
            outcome.is_order_shaped,
            outcome.rule,
            outcome.intent_key,
            outcome.house_key,
            outcome.said,
            self._gates(outcome.gates),
            outcome.account,
        )
        return _encode(stored)

    def _gates(self, gates: tuple[GateResult, ...]) -> list[msgspec.Raw]:
        kept = self._kept
        written = []
        for gate in gates:
            before, raw = kept.get((gate.gate, gate.detail)) or (None, _NOTHING)
            # Compared by identity where the same answer has the same object: this runs for every gate of every alert.
            is_same = (
                before is not None
                and before.span is gate.span
                and before.status is gate.status
                and before.code is gate.code
                and before.place is gate.place
                and before.rule == gate.rule
            )
            written.append(raw if is_same else self._gate(gate))
        return written

    def _gate(self, gate: GateResult) -> msgspec.Raw:
        at = _place_in(self._file, gate.span)
        stored = _StoredGate(gate.gate, gate.status, gate.code, gate.detail, gate.rule, at, gate.place)
        written = msgspec.Raw(_encode(stored))
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[gate.gate, gate.detail] = (gate, written)
        return written


def as_json(value: object) -> bytes:
    """Return a value made of dataclasses, tuples, decimals, times and enums as JSON."""
    return _encode(value)


def outcome_from(text: str) -> Outcome:
    """Return the outcome that `OutcomeWriter` wrote. Raises: ValueError, when it is of a version that knows more."""
    stored = _outcome(text)
    return Outcome(
        index=stored.index,
        verdict=stored.verdict,
        reason=stored.reason,
        detail=stored.detail,
        alert=stored.alert,
        span=_span_from(stored.file, stored.at),
        place=stored.place,
        gates=tuple(_gate_from(stored.file, gate) for gate in stored.gates),
        nearest=stored.nearest,
        is_order_shaped=stored.is_order_shaped,
        rule=stored.rule,
        size=stored.size,
        intent_key=stored.intent_key,
        house_key=stored.house_key,
        said=stored.said,
        account=stored.account,
    )


def message_from(text: str) -> Message:
    """Return the message event that `as_json` wrote. Raises: ValueError."""
    return _message(text)


def facts_from(text: str) -> Facts:
    """Return the facts that `as_json` wrote. Raises: ValueError."""
    return _facts(text)


def texts_from(text: str) -> tuple[str, ...]:
    """Return the texts that `as_json` wrote. Raises: ValueError."""
    return _texts(text)


def embeds_from(text: str) -> tuple[Embed, ...]:
    """Return the cards that `as_json` wrote. Raises: ValueError."""
    return _embeds(text)


def _gate_from(file: str, stored: _StoredGate) -> GateResult:
    span = _span_from(file, stored.at)
    return GateResult(stored.gate, stored.status, stored.code, stored.detail, span, stored.place, stored.rule)


def _file_of(outcome: Outcome) -> str:
    """The file most of its places are in."""
    if outcome.span is not None:
        return outcome.span.file
    return next((gate.span.file for gate in outcome.gates if gate.span is not None), "")


def _place_in(file: str, span: Span | None) -> str:
    """Shape: line:column:end_line:end_column, with "file:" before it for another file; "" for None."""
    if span is None:
        return ""
    numbers = f"{span.line}:{span.column}:{span.end_line}:{span.end_column}"
    return numbers if span.file == file else f"{span.file}:{numbers}"


def _span_from(file: str, at: str) -> Span | None:
    if not at:
        return None
    *other, line, column, end_line, end_column = at.rsplit(":", 4)
    return Span(other[0] if other else file, int(line), int(column), int(end_line), int(end_column))
