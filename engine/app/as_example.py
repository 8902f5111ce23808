"""A decided message as a YAML example, ready to paste under `examples:` of its playbook."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine.app.json_form import decimal_text
from engine.model.alert import Alert, Leg
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Embed, embed_text

_MORE_THAN_TEXT: Final = {
    Reason.FORWARDED: "forwarded: yes",
    Reason.IMAGE_ONLY: "images: 1",
    Reason.DELETED: "event: deleted",
    Reason.EDITED_IGNORED: "event: edited",
    Reason.EDITED_CANCELS: "event: edited",
}

_FINEST_PERCENT = Decimal("0.000001")


def example_text(decision: Decision, author: str, earlier: tuple[Decision, ...] = ()) -> str:
    """
    Return the example.

    author: the author's name in the playbook. earlier: what the same author said before that this
    message rests on, oldest first (see `earlier.rests_on`).
    """
    rows = [f"- at: {decision.at:%Y-%m-%d %H:%M:%S}Z", f"  by: {name_of(author)}"]
    if decision.outcomes[0].reason is Reason.TOO_LATE:
        rows.append(f"  late: {int((decision.now - decision.at).total_seconds())}s")
    if earlier:
        rows.append("  given:")
        rows.append("    earlier:")
        rows.extend(f"      {row}" for before in earlier for row in _earlier(before))
    rows.extend(f"  {row}" for row in _message(decision))
    rows.append(f"  gives: {gives_text(decision.outcomes)}")
    return "".join(f"  {row}\n" for row in rows)


def quoted(text: str) -> str:
    """
    Return a text as a YAML scalar in double quotes, whatever it holds.

    >>> quoted('say "no"' + chr(10))
    '"say \\\\"no\\\\"\\\\n"'
    """
    return '"' + "".join(_escaped(character) for character in text) + '"'


def name_of(author: str) -> str:
    """
    Return an author's name as the language spells names.

    >>> name_of("Flow Bot™")
    'flow-bot'
    """
    return re.sub(r"[^a-z0-9_-]+", "-", author.lower()).strip("-_") or "somebody"


def _message(decision: Decision) -> Iterator[str]:
    """Yield the message itself: its text, or all that is needed to post it again when it is more than text."""
    reasons = {outcome.reason for outcome in decision.outcomes}
    more = [row for reason, row in _MORE_THAN_TEXT.items() if reason in reasons]
    if not decision.embeds and not more:
        yield f"says: {quoted(decision.text)}"
        return
    yield "message:"
    yield from (f"  {row}" for row in (*_parts(decision), *more))


def _earlier(before: Decision) -> Iterator[str]:
    rows = _parts(before) if before.embeds else [quoted(before.text)]
    yield from (("- " if number == 0 else "  ") + row for number, row in enumerate(rows))


def _parts(decision: Decision) -> Iterator[str]:
    cards = [card for card in map(embed_text, decision.embeds) if card.strip()]
    content = decision.text.removesuffix("\n".join(cards)).removesuffix("\n") if cards else decision.text
    if content:
        yield f"content: {quoted(content)}"
    if decision.embeds:
        yield "embeds:"
    for embed in decision.embeds:
        yield from (f"  {row}" for row in _embed(embed))


def _embed(embed: Embed) -> Iterator[str]:
    texts = {name: getattr(embed, name) for name in ("title", "description", "author", "footer", "color")}
    rows = [f"{name}: {quoted(text)}" for name, text in texts.items() if text.strip()]
    said = [field for field in embed.fields if field.name.strip() and field.value.strip()]
    if said:
        rows.append("fields:")
        rows.extend(f"  - {{name: {quoted(field.name)}, value: {quoted(field.value)}}}" for field in said)
    yield from (("- " if number == 0 else "  ") + row for number, row in enumerate(rows))


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    code = ord(character)
    if character.isprintable() and code != 0xFEFF:
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def gives_text(outcomes: tuple[Outcome, ...], *, with_size: bool = False) -> str:
    """
    Return what came of a message, as an example or an expectation states it at `gives`.

    with_size: also how many contracts it was sized at, which rests on the facts of that replay.
    """
    approved = [outcome for outcome in outcomes if outcome.verdict is Verdict.APPROVED and outcome.alert]
    if len(approved) < len(outcomes):
        refused = next(outcome for outcome in outcomes if outcome.verdict is not Verdict.APPROVED)
        is_chatter = refused.reason is Reason.NOT_AN_ALERT
        return "no alert" if is_chatter else f"{{refused: {refused.rule or refused.reason.value}}}"
    written = [f"{{{', '.join(_approved(outcome, with_size=with_size))}}}" for outcome in approved]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def _approved(outcome: Outcome, *, with_size: bool) -> Iterator[str]:
    if outcome.alert is not None:
        yield from _alert(outcome.alert)
    if with_size and outcome.size is not None:
        yield f"contracts: {outcome.size.quantity}"


def _alert(alert: Alert) -> Iterator[str]:
    yield f"action: {alert.action.value}"
    if alert.symbol is not None:
        yield f"symbol: {_symbol(alert.symbol)}"
    if len(alert.legs) == 1:
        yield from _contract(alert.legs[0])
    elif alert.legs:
        yield f"legs: [{', '.join(f'{{{_leg(leg)}}}' for leg in alert.legs)}]"
    if alert.price is not None:
        yield f"price: {decimal_text(alert.price)}"
    if alert.quantity is not None:
        yield f"quantity: {alert.quantity}"
    percent = None if alert.fraction is None else alert.fraction * 100
    if percent is not None and percent == percent.quantize(_FINEST_PERCENT):
        yield f"fraction: {percent.normalize():f}%"


def _contract(leg: Leg) -> Iterator[str]:
    if leg.strike is not None:
        yield f"strike: {decimal_text(leg.strike)}"
    if leg.right is not None:
        yield f"right: {leg.right.value}"
    if leg.expiry is not None:
        yield f"expiry: {leg.expiry.isoformat()}"


def _leg(leg: Leg) -> str:
    ratio = [f"ratio: {leg.ratio}"] if leg.ratio > 1 else []
    asset = [f"asset: {leg.asset.value}"] if leg.strike is None else []
    return ", ".join([f"action: {leg.action.value}", *asset, *_contract(leg), *ratio])


def _symbol(symbol: str) -> str:
    """A ticker that YAML editors would take for something else is quoted."""
    return quoted(symbol) if symbol in {"ON", "NO", "Y", "N", "TRUE", "FALSE", "NULL", "YES", "OFF"} else symbol
