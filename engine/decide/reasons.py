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
        "The expiry lies before the day of the message.", "Mostly a typing error: ask the author to correct it."
    ),
    Reason.NOT_A_SESSION: Explanation(
        "Nothing trades on the day of the expiry: a weekend or a holiday.", "Ask the author which day is meant."
    ),
    Reason.INCOMPLETE_CONTRACT: Explanation(
        "An opening does not name its contract completely.",
        "Ask for it, or say in `read.defaults` what may be filled in.",
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
