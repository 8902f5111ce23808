"""Names that follow from what they name, so that the same thing twice has one name."""

from collections.abc import Iterable
from hashlib import sha256

from engine.model.alert import Leg
from engine.model.message import Message
from engine.parse.exits import UNDERLYING

_LENGTH = 32  # hex digits: 128 bits


def decision_id(message: Message, playbook: str, content_hash: str) -> str:
    """
    Return the id of the decision about one message event under one version of a playbook.

    Shape: 32 hex digits. Outcomes of the same decision are told apart by their alert's index.
    """
    return _named(message.id, str(message.event), playbook, content_hash)


def intent_key(message: Message, playbook: str, account: str, index: int) -> str:
    """
    Return the key that forbids a second order for the same alert, whatever the version of the playbook.

    index: of the alert in its message, from 0. An edited message has the keys of the one it was.
    Shape: 32 hex digits.
    """
    return _named("intent", message.id, playbook, account, str(index))


def key_of_edit(key: str, message: Message) -> str:
    """Return the key of a close that an edit puts in the place of one that was approved, and may have been sent."""
    return _named("edit", key, str(message.event))


def key_of_late(key: str) -> str:
    """Return the key of the close of what filled of an opening after its author was out. key: the opening's."""
    return _named("late", key)


def intent_keys(message: Message, playbook: str, accounts: Iterable[str], index: int) -> frozenset[str]:
    """Return the keys an alert has in each of some accounts: a version may have moved to another since."""
    return frozenset(intent_key(message, playbook, account, index) for account in accounts)


def house_key(account: str, message: Message, contract: str) -> str:
    """
    Return the key that forbids a second opening of the same contract on the same side across playbooks.

    contract: as `contract_key` writes it. Shape: 32 hex digits.
    """
    return _named("house", account, message.id, contract)


def contract_key(legs: Iterable[Leg]) -> str:
    """
    Return what opening legs are, on which side: the same for the same legs in any order, under any root.

    Shape: legs joined by "+", each ratio, side, underlying and, for options, expiry, strike and right.

    >>> from engine.model.alert import Action
    >>> contract_key([Leg(Action.BUY_TO_OPEN, "SPY")])
    '1 buy SPY option - - -'
    """
    return "+".join(sorted(_leg(leg) for leg in legs))


def root_of(symbol: str | None) -> str:
    """Return the underlying that limits count a symbol as, whichever of its option roots is written; "" for None."""
    return UNDERLYING.get(symbol, symbol) if symbol else ""


def _leg(leg: Leg) -> str:
    side, symbol = "buy" if leg.action.buys else "sell", leg.symbol and root_of(leg.symbol)
    if leg.strike is None and leg.expiry is None and leg.right is None:
        return f"{leg.ratio} {side} {symbol} {leg.asset.value} - - -"
    strike = "-" if leg.strike is None else f"{leg.strike.normalize():f}"
    right = "-" if leg.right is None else leg.right.value
    return f"{leg.ratio} {side} {symbol} {leg.asset.value} {leg.expiry or '-'} {strike} {right}"


def _named(*parts: str) -> str:
    named = "".join([f"{len(part)}:{part}" for part in parts])  # with lengths, no two lists of parts look alike
    return sha256(named.encode()).hexdigest()[:_LENGTH]
