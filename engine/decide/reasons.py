"""What every reason code means, and what to do about it: the source of docs/reasons.md and of `explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.model.decision import Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """meaning: what happened. remedy: what a person can do about it; each one sentence."""

    meaning: str
    remedy: str


_NOTHING = "Nothing to do."
_ASK_TO_REPOST = "Ask the author to post it again, or act by hand."
_WRITE_PLAINLY = "Ask the author to write it the usual way; if many write like this, add words or a pattern to `read`."

OF_GATES: Final[Mapping[Reason, Explanation]] = {
    Reason.APPROVED: Explanation("Every gate passed.", _NOTHING),
    Reason.NOT_AN_ALERT: Explanation("The message says nothing that is an order.", _NOTHING),
    Reason.CHANNEL_NOT_HEARD: Explanation(
        "The playbook does not listen to this channel, or not to threads in it.",
        "Add the channel's id to `listen.channels`, or set its `threads: yes`.",
    ),
    Reason.OWN_MESSAGE: Explanation("The engine posted the message itself.", _NOTHING),
    Reason.UNKNOWN_AUTHOR: Explanation(
        "The author's Discord id is not in `listen.authors`; the name does not count.",
        "Add the id, once you are sure whose it is.",
    ),
    Reason.WRONG_AUTHOR_KIND: Explanation(
        "The id is listed as a person but posts as a bot or webhook, or the other way round.",
        "Check who owns the id, then correct `kind` of the author.",
    ),
    Reason.TOO_LATE: Explanation(
        "The message was older than `listen.max_age` allows when it was judged.",
        "Look for the delay (a reconnect, a slow machine) before raising `max_age`.",
    ),
    Reason.CLOCK_BEHIND: Explanation(
        "The message comes from the future by our clock, so its age is not known.",
        "Set the machine's clock; run a time service.",
    ),
    Reason.EDITED_IGNORED: Explanation("The message was edited and `on_edit` is `ignore`.", _NOTHING),
    Reason.EDITED_SAME: Explanation("The message was edited but still asks for the same.", _NOTHING),
    Reason.EDITED_CANCELS: Explanation(
        "An alert was edited and `on_edit` is `cancel`, so it is not taken up again.", _ASK_TO_REPOST
    ),
    Reason.EARLIER_UNKNOWN: Explanation(
        "The message was edited, and what it said before was never seen; an opening might be a second one.",
        _ASK_TO_REPOST,
    ),
    Reason.DELETED: Explanation("The message was deleted.", _NOTHING),
    Reason.FORWARDED: Explanation(
        "The message is a forward, and `listen.forwards` is `refuse`.", "Listen to the channel it was first posted in."
    ),
    Reason.IMAGE_ONLY: Explanation("The message is an image, and images are not read.", "Ask the author to write it."),
    Reason.EXPIRED: Explanation(
        "The expiry lies before the day of the message, or the option had stopped trading when it was judged.",
        "Mostly a typing error: ask the author to correct it.",
    ),
    Reason.NOT_A_SESSION: Explanation(
        "Nothing trades on the day of the expiry: a weekend or a holiday.", "Ask the author which day is meant."
    ),
    Reason.INCOMPLETE_CONTRACT: Explanation(
        "An opening does not name its contract completely.",
        "Ask for it, or say in `read.defaults` what may be filled in.",
    ),
    Reason.CHAIN_UNKNOWN: Explanation(
        "The alert names no contract, and the listed options to choose from are not known.",
        "Look whether the source of market data is up; name the contract in the alert.",
    ),
    Reason.NO_SUCH_CONTRACT: Explanation(
        "No option is listed within the days `read.defaults.contract` allows.",
        "Widen its `dte`, or name the contract in the alert.",
    ),
    Reason.NO_UNDERLYING_PRICE: Explanation(
        "The strike nearest to the price was to be chosen, and the price of the underlying is not known.",
        "Look whether the source of market data is up; name the strike in the alert.",
    ),
    Reason.DELTA_UNKNOWN: Explanation(
        "The strike of a delta was to be chosen, and the market data lacks the deltas that decide it.",
        "Look whether the source of market data is up, or choose `strike: atm`.",
    ),
    Reason.MARKET_CLOSED: Explanation(
        "The instrument was not trading when the alert was judged: too early, too late, a weekend or a holiday.",
        "Nothing to do, unless `risk.session.hours` should be `extended`.",
    ),
    Reason.TOO_EARLY_IN_SESSION: Explanation(
        "It was before the time openings begin, by `not_before_open` or `from` of `risk.session`.",
        "Nothing to do, unless that time is wrong.",
    ),
    Reason.TOO_LATE_IN_SESSION: Explanation(
        "It was past the time openings end, by `stop_before_close` or `to` of `risk.session`.",
        "Nothing to do, unless that time is wrong.",
    ),
    Reason.EXPIRES_TOO_SOON: Explanation(
        "The expiry is nearer than `risk.expiry.min_days` allows.", "Nothing to do, unless the limit is wrong."
    ),
    Reason.EXPIRES_TOO_LATE: Explanation(
        "The expiry is further away than `risk.expiry.max_days` allows.", "Nothing to do, unless the limit is wrong."
    ),
    Reason.STRATEGY_NOT_ALLOWED: Explanation(
        "The opening is of a kind that `allow.kinds` does not list.", "Add the kind, if this playbook should trade it."
    ),
    Reason.STRATEGY_UNKNOWN: Explanation(
        "The legs make no kind of position that is known, so what they risk is not known either.",
        "Open it by hand, or ask for the legs one by one.",
    ),
    Reason.UNDEFINED_RISK: Explanation(
        "Something is sold that nothing covers, and `allow.undefined_risk` is `never`.",
        "Nothing to do, unless the playbook is meant to: write `undefined_risk: allowed`.",
    ),
    Reason.TRADING_REDUCED: Explanation(
        "A person, or the engine, has set trading to reducing here: nothing is opened, closes go on.",
        "Look who set it and why; they set it back to active.",
    ),
    Reason.TRADING_HALTED: Explanation(
        "A person, or the engine, has halted trading here: nothing is opened, and nothing closed automatically.",
        "Look who set it and why; a person's own close and every cancel still pass.",
    ),
    Reason.TRADING_STATE_UNKNOWN: Explanation(
        "Whether trading is active is not known, so nothing is opened.", "Look whether the control state can be read."
    ),
    Reason.DUPLICATE: Explanation(
        "The same was already approved: for this message, or for the same contract and side within a window.",
        "Nothing to do; to add to a position on purpose, wait for the window or shorten `duplicate_window`.",
    ),
    Reason.HISTORY_UNKNOWN: Explanation(
        "What has happened so far is not known, so neither are duplicates, counts and losses.",
        "Look whether the journal can be read.",
    ),
    Reason.SYMBOL_NOT_ALLOWED: Explanation(
        "The symbol is not in `risk.symbols.allow`.", "Add it, if this playbook should trade it."
    ),
    Reason.SYMBOL_DENIED: Explanation("The symbol is in `risk.symbols.deny`.", _NOTHING),
    Reason.NO_STOP: Explanation(
        "`exits.stop` is required, and the alert names none of the stops it may come from.",
        "Ask for a stop in the alert, or add one to `exits.stop.from`, such as `{loss: 40%}`.",
    ),
    Reason.QUOTE_UNKNOWN: Explanation(
        "A limit on the price needs a quote, and there is none.",
        "Look whether the source of market data is up and the contract is listed.",
    ),
    Reason.BEYOND_COLLAR: Explanation(
        "The price lies further from the alert's or from the mid than a price collar allows.",
        "Mostly the market has run away; nothing to do unless the collar is too tight.",
    ),
    Reason.COLLAR_SPENT: Explanation(
        "Openings of this day may already pay as much beyond the mid as `limits.price_collar.per_day` allows.",
        "Wait for the next day, or ask the desk to raise it.",
    ),
    Reason.SPREAD_TOO_WIDE: Explanation(
        "Bid and ask lie further apart than `max_spread` allows.", "Nothing to do, unless the limit is too tight."
    ),
    Reason.TOO_GOOD: Explanation(
        "The market is that much better than the alert's price that one of them must be wrong.",
        "Check the contract and the price; mostly a typing error or a stale quote.",
    ),
    Reason.IMPOSSIBLE_PRICE: Explanation(
        "At this price the position could not lose, or could not win.", "Check the price and the strikes."
    ),
    Reason.SIZE_UNKNOWN: Explanation(
        "How much to trade depends on a figure that is not known: the price, the account or the margin.",
        "Look which one the detail names, and whether its source is up; a replay can assume it.",
    ),
    Reason.TOO_SMALL: Explanation(
        "The limits allow less than one unit; the detail says what one would cost.",
        "Nothing to do, unless the limit it names is too low.",
    ),
    Reason.QUANTITY_OVER_LIMIT: Explanation(
        "`alert_quantity` is `exact`, and the limits allow less than the alert asks for.",
        "Ask for fewer, or write `alert_quantity: at_most`.",
    ),
    Reason.TOO_MANY_POSITIONS: Explanation(
        "As many positions are open as a limit allows.", "Wait until one is closed, or raise the limit."
    ),
    Reason.TOO_MANY_ORDERS: Explanation(
        "As many openings were approved today as a limit allows.", "Wait for the next day, or raise the limit."
    ),
    Reason.DAILY_LOSS: Explanation(
        "Today's loss has reached a limit.", "Nothing to do today; closes are not affected."
    ),
    Reason.COOLING_DOWN: Explanation(
        "So many losses in a row were made that `risk.cooldown` pauses openings.", "Wait until the pause is over."
    ),
    Reason.REPEATED: Explanation(
        "One playbook has opened the same contract as often as `limits.repeats` allows.",
        "Look why it goes on; it may open the contract again when the time has passed.",
    ),
    Reason.REFUSED_BY_RULE: Explanation(
        "A condition in `read.refuse_when` holds.", "Nothing to do, unless the condition is wrong."
    ),
    Reason.RULE_COULD_NOT_RUN: Explanation(
        "A condition in `read.refuse_when` asks for something the alert does not say.",
        "Ask for it in the alert, or take the condition out: a value that is missing always refuses.",
    ),
    Reason.MAY_NOT_OPEN: Explanation("The author may not open positions.", "Add `open` to the author's `may`."),
    Reason.MAY_NOT_CLOSE: Explanation("The author may not close positions.", "Add `close` to the author's `may`."),
    Reason.NO_OPEN_POSITION: Explanation(
        "An exit fits nothing its author has open.", "Look whether the opening was refused, and why."
    ),
    Reason.AMBIGUOUS_POSITION: Explanation(
        "An exit fits several open positions of its author, or contradicts the one it points at.",
        "Name the contract, or answer the message that opened it.",
    ),
    Reason.POSITIONS_UNKNOWN: Explanation(
        "What the author has open is not known, and the exit does not name its contract.", "Close it by hand."
    ),
    Reason.DISABLED: Explanation(
        "The playbook says `enabled: no`; it opens nothing and still closes.", "Set `enabled: yes`."
    ),
}

OF_READER: Final[Mapping[Reason, Explanation]] = {
    Reason.TOO_LONG: Explanation("The text is above 16 kB and was not read.", _ASK_TO_REPOST),
    Reason.AMBIGUOUS: Explanation(
        "Two patterns read the text differently.", "Make the patterns agree, or one stricter."
    ),
    Reason.LEFTOVER: Explanation(
        "Beside what was read stands something that looks like part of an order.", _WRITE_PLAINLY
    ),
    Reason.QUESTION: Explanation("The text asks; it does not tell.", _NOTHING),
    Reason.NEGATION: Explanation("The text says not to.", _NOTHING),
    Reason.CONDITION: Explanation("The text says only if or when something happens.", "Post it again when it has."),
    Reason.HEARSAY: Explanation("The text tells what somebody else did, or what was done before.", _NOTHING),
    Reason.NO_PATTERN: Explanation("The text looks like an order, but no pattern reads it.", _WRITE_PLAINLY),
    Reason.NOT_A_SYMBOL: Explanation(
        "The word where the ticker belongs is an ordinary word.", "Write it as $TICKER, or add it to `symbols.also`."
    ),
    Reason.FOREIGN_CHARACTERS: Explanation(
        "The text holds look-alike letters or characters that turn the direction of writing.", _ASK_TO_REPOST
    ),
    Reason.BAD_PRICE: Explanation("The price cannot be one.", _ASK_TO_REPOST),
    Reason.BAD_QUANTITY: Explanation("The quantity cannot be one.", _ASK_TO_REPOST),
    Reason.BAD_STRIKE: Explanation("The strike cannot be one.", _ASK_TO_REPOST),
    Reason.BAD_DATE: Explanation("The calendar has no such day.", _ASK_TO_REPOST),
    Reason.BAD_FRACTION: Explanation("The fraction is not above 0 and at most 1.", _ASK_TO_REPOST),
    Reason.VAGUE_FRACTION: Explanation(
        "The text says to close a part, but not how much.", "Say how much, or set `read.defaults.part`."
    ),
    Reason.BAD_STRUCTURE: Explanation(
        "The legs do not make the structure the text names.", "Check the strikes; write out the legs."
    ),
    Reason.NO_RIGHT: Explanation("The text does not say call or put.", _ASK_TO_REPOST),
}

EXPLANATIONS: Final[Mapping[Reason, Explanation]] = {**OF_GATES, **OF_READER}
