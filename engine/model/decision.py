"""What the engine decided about a message, and why."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.alert import Alert
from engine.model.message import Embed
from engine.model.source import Place, Span


class Reason(StrEnum):
    """
    Why an outcome is what it is: stable codes, each explained with its remedy in docs/reasons.md.

    The first block is of the gates; the second, prefixed by nothing, of the reader.
    """

    APPROVED = "approved"
    NOT_AN_ALERT = "not_an_alert"
    CHANNEL_NOT_HEARD = "channel_not_heard"
    UNKNOWN_AUTHOR = "unknown_author"
    WRONG_AUTHOR_KIND = "wrong_author_kind"
    OWN_MESSAGE = "own_message"
    TOO_LATE = "too_late"
    CLOCK_BEHIND = "clock_behind"
    EDITED_IGNORED = "edited_ignored"
    EDITED_SAME = "edited_same"
    EDITED_CANCELS = "edited_cancels"
    EARLIER_UNKNOWN = "earlier_unknown"
    DELETED = "deleted"
    FORWARDED = "forwarded"
    IMAGE_ONLY = "image_only"
    MAY_NOT_OPEN = "may_not_open"
    MAY_NOT_CLOSE = "may_not_close"
    EXPIRED = "expired"
    NOT_A_SESSION = "not_a_session"
    INCOMPLETE_CONTRACT = "incomplete_contract"
    CHAIN_UNKNOWN = "chain_unknown"
    NO_SUCH_CONTRACT = "no_such_contract"
    NO_UNDERLYING_PRICE = "no_underlying_price"
    DELTA_UNKNOWN = "delta_unknown"
    MARKET_CLOSED = "market_closed"
    TOO_EARLY_IN_SESSION = "too_early_in_session"
    TOO_LATE_IN_SESSION = "too_late_in_session"
    EXPIRES_TOO_SOON = "expires_too_soon"
    EXPIRES_TOO_LATE = "expires_too_late"
    STRATEGY_NOT_ALLOWED = "strategy_not_allowed"
    STRATEGY_UNKNOWN = "strategy_unknown"
    UNDEFINED_RISK = "undefined_risk"
    TRADING_REDUCED = "trading_reduced"
    TRADING_HALTED = "trading_halted"
    TRADING_STATE_UNKNOWN = "trading_state_unknown"
    DUPLICATE = "duplicate"
    HISTORY_UNKNOWN = "history_unknown"
    SYMBOL_NOT_ALLOWED = "symbol_not_allowed"
    SYMBOL_DENIED = "symbol_denied"
    NO_STOP = "no_stop"
    QUOTE_UNKNOWN = "quote_unknown"
    BEYOND_COLLAR = "beyond_collar"
    COLLAR_SPENT = "collar_spent"
    SPREAD_TOO_WIDE = "spread_too_wide"
    TOO_GOOD = "too_good"
    IMPOSSIBLE_PRICE = "impossible_price"
    SIZE_UNKNOWN = "size_unknown"
    TOO_SMALL = "too_small"
    QUANTITY_OVER_LIMIT = "quantity_over_limit"
    TOO_MANY_POSITIONS = "too_many_positions"
    TOO_MANY_ORDERS = "too_many_orders"
    DAILY_LOSS = "daily_loss"
    COOLING_DOWN = "cooling_down"
    REPEATED = "repeated"
    REFUSED_BY_RULE = "refused_by_rule"
    RULE_COULD_NOT_RUN = "rule_could_not_run"
    NO_OPEN_POSITION = "no_open_position"
    AMBIGUOUS_POSITION = "ambiguous_position"
    POSITIONS_UNKNOWN = "positions_unknown"
    DISABLED = "disabled"

    TOO_LONG = "too_long"
    AMBIGUOUS = "ambiguous"
    LEFTOVER = "leftover"
    QUESTION = "question"
    NEGATION = "negation"
    CONDITION = "condition"
    HEARSAY = "hearsay"
    NO_PATTERN = "no_pattern"
    NOT_A_SYMBOL = "not_a_symbol"
    FOREIGN_CHARACTERS = "foreign_characters"
    BAD_PRICE = "bad_price"
    BAD_QUANTITY = "bad_quantity"
    BAD_STRIKE = "bad_strike"
    BAD_DATE = "bad_date"
    BAD_FRACTION = "bad_fraction"
    VAGUE_FRACTION = "vague_fraction"
    BAD_STRUCTURE = "bad_structure"
    NO_RIGHT = "no_right"


class GateStatus(StrEnum):
    """How one gate ended."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could_not_run"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class GateResult:
    """
    One gate's answer.

    code: set when it failed or could not run. detail: one sentence with the values compared.
    span: the line of the playbook that decided. place: the text that decided.
    rule: the playbook's own code, when one of its refuse_when rules decided; "".
    """

    gate: str
    status: GateStatus
    code: Reason | None = None
    detail: str = ""
    span: Span | None = None
    place: Place | None = None
    rule: str = ""


class Verdict(StrEnum):
    """What became of one alert, or of a message without one."""

    APPROVED = "approved"
    DENIED = "denied"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Size:
    """
    How much an approved alert may trade.

    quantity: contracts, shares, or units of a multi-leg order.
    unit_cost: dollars one of them counts as: the premium, width less credit, or margin; 0 for a close.
    price: dollars per share it was sized at; None where the alert has none.
    bound_by: the limit that was the smallest ("size.percent", "limits.max_order_value", "alert quantity").
    """

    quantity: int
    unit_cost: Decimal
    price: Decimal | None
    bound_by: str

    @property
    def cost(self) -> Decimal:
        """Dollars the whole of it counts as."""
        return self.unit_cost * self.quantity


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one alert of a message (or of the message, when it holds none).

    index: position of the alert in its message, from 0.
    reason, detail, span: of the first gate that failed; APPROVED when none did.
    gates: every gate's answer, in order; empty for chatter, which is not asked about.
    rule: the playbook's own code, when one of its refuse_when rules decided; "".
    alert: defaults filled in, its position found, its contract chosen. said: as it was read, when that differs.
    size: None when it was not sized: refused before that, or what it takes is assumed away in a replay.
    intent_key: forbids a second order for the same alert, whatever the version; "" unless approved.
    house_key: (account, message, contract, side): forbids it across playbooks; "" unless an approved opening.
    account: alias of the account of the position a close is of, where openings are for another; "" otherwise.
    """

    index: int
    verdict: Verdict
    reason: Reason
    detail: str
    alert: Alert | None = None
    span: Span | None = None
    place: Place | None = None
    gates: tuple[GateResult, ...] = ()
    nearest: str = ""
    is_order_shaped: bool = False
    rule: str = ""
    size: Size | None = None
    intent_key: str = ""
    house_key: str = ""
    said: Alert | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """
    The one record of a message event under one version of one playbook.

    now: the time it was judged at: the clock live, the event's time plus latency in a replay.
    text: everything that may be read, the content first, then each card; embeds: the cards as posted.
    assumed: names of the facts a replay had to assume; empty for a live decision.
    account: alias of the account that all it approves is for, that of openings where there are several; "" when the
    playbook only observes.
    cancels: intent keys of earlier openings of this message whose unfilled part is to be cancelled.
    """

    decision_id: str
    playbook: str
    content_hash: str
    message_id: str
    event: int
    channel_id: str
    author_id: str
    author_name: str
    at: datetime
    now: datetime
    text: str
    outcomes: tuple[Outcome, ...]
    text_after_edit: bool = False
    assumed: tuple[str, ...] = ()
    embeds: tuple[Embed, ...] = ()
    account: str = ""
    cancels: tuple[str, ...] = ()

    def account_of(self, outcome: Outcome) -> str:
        """Return the alias of the account one of its outcomes is for; "" when that is only observed."""
        return outcome.account or self.account
