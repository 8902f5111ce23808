"""What an approved alert asks of one account, written down before anything is sent for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.activity import Scope
from engine.model.order import OrderLeg, PriceEffect
from engine.model.stages import Stage


@dataclass(frozen=True, slots=True)
class Intent:
    """
    One order to be made of one approved outcome.

    id: of its slot, made of the intent key; client ids begin with it. intent_key: of the outcome.
    decision_id, alert_index: the outcome. stage: of the version when it was decided; a close has the stage that the
    position was opened under. message_id, event, channel_id, author_id: who said it, and where.
    account: alias of the account the order is for. is_opening: whether any leg adds to a position.
    legs: with the quantities of the whole order. units: how many units they make.
    price: net dollars per share of one unit at which it is sent, never negative; None while that is not known.
    alert_price: what the alert names; None when it names none.
    risk: dollars it counts as in limits; 0 for a close.
    at: when it was decided. good_until: after this it is not sent any more; cancels and closes may still be.
    parent_channel_id: the channel whose thread it was said in; "" outside threads.
    """

    id: str
    intent_key: str
    decision_id: str
    alert_index: int
    playbook: str
    content_hash: str
    stage: Stage
    message_id: str
    event: int
    channel_id: str
    author_id: str
    account: str
    is_opening: bool
    legs: tuple[OrderLeg, ...]
    units: int
    price: Decimal | None
    effect: PriceEffect | None
    alert_price: Decimal | None
    risk: Decimal
    at: datetime
    good_until: datetime
    parent_channel_id: str = ""

    @property
    def places(self) -> Mapping[Scope, tuple[str, ...]]:
        """What it is of, by every scope but that of everything: a thread is of its channel too."""
        return {
            Scope.ACCOUNT: (self.account,),
            Scope.PLAYBOOK: (self.playbook,),
            Scope.AUTHOR: (self.author_id,),
            Scope.CHANNEL: (self.channel_id, self.parent_channel_id),
        }

    def is_of(self, scope: Scope, of: str) -> bool:
        """Return whether what holds for a scope, such as a trading state, holds for this order. of: "" for all."""
        return scope is Scope.ALL or of in self.places[scope]
