"""Follows an account: what its stream tells, and comparing with the broker again and again."""

from datetime import datetime, timedelta
from typing import Final

from engine.execute.comparing import Tell
from engine.execute.jobs import Jobs
from engine.execute.reconcile import Reconcile
from engine.execute.timers import Timers
from engine.model.account_event import AccountEvent, Anomaly, Connected, Disconnected, OrderSeen, Reconnected
from engine.model.errors import BrokerError, CredentialsRefused, NothingSent
from engine.plan.entries import AccountFact, AccountHappened
from engine.ports import Clock

_FULL_EVERY: Final = 10
_FAILURES: Final = 2
"""How many looks in a row may fail before the broker counts as out of reach: single answers do get lost."""
_PAUSES: Final = tuple(timedelta(seconds=n) for n in (1, 2, 4, 8, 15, 30))


class Following:
    """
    Whether the broker answers, and when it is looked at next.

    every: how often. tell: what is found out about the account.
    """

    def __init__(  # noqa: PLR0913 - every one is a part of its own
        self, account: str, clock: Clock, reconcile: Reconcile, timers: Timers, jobs: Jobs, tell: Tell
    ) -> None:
        self.every = timedelta(seconds=30)
        self.is_ready = False
        self._account = account
        self._clock = clock
        self._reconcile = reconcile
        self._timers = timers
        self._jobs = jobs
        self._tell = tell
        self._was_compared = False
        self._failure = "the account was not looked at yet"
        self._looks = 0
        self._failures = 0
        self._anomalies: set[str] = set()

    @property
    def why(self) -> str:
        """Why the account is not ready; "" when it is."""
        return "" if self.is_ready else self._failure

    # ---------------------------------------------------------------- looking

    async def look(self, *, is_full: bool) -> None:
        """Compare with the broker now, and see to it that it is done again."""
        self._looks += 1
        is_full = is_full or not self.is_ready or self._looks % _FULL_EVERY == 0
        try:
            await self._reconcile.look(is_full=is_full, is_early=not self._was_compared)
        except BrokerError as error:
            self.unanswered(error)
            return
        self._failures = 0
        if not self.is_ready:
            self.is_ready = True
            fact = AccountFact.RECONCILED if self._was_compared else AccountFact.RECOVERED
            self._was_compared = True
            self._say(fact, "orders and positions were compared")
        self._look_at(self._next_look())

    def unanswered(self, error: BrokerError) -> None:
        """Take in that the broker could not be looked at, and see to it that it is tried again."""
        now = self._clock.now()
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        if isinstance(error, NothingSent) and error.code == "budget_spent":
            # Nobody was asked: what was known a moment ago still is.
            self._look_at(now + max(pause, timedelta(seconds=error.wait)))
            return
        self._failures += 1
        is_certain = self._failures >= _FAILURES or isinstance(error, CredentialsRefused)
        is_first = not self._was_compared and self._failures == 1
        if (self.is_ready and is_certain) or is_first:
            self.is_ready = False
            self._say(AccountFact.UNREACHABLE, error.message)
        self._failure = f"the broker does not answer: {error.message}"
        self._look_at(now + pause)

    def _next_look(self) -> datetime:
        now = self._clock.now()
        again = self._reconcile.look_again_at
        latest = now + self.every
        return latest if again is None else max(now + _PAUSES[0], min(again, latest))

    def _look_at(self, at: datetime) -> None:
        self._timers.set("look", at, self._look_now)

    def _look_now(self, *, is_full: bool = False) -> None:
        self._jobs.start(lambda: self.look(is_full=is_full))

    # ---------------------------------------------------------------- the stream

    def hear(self, event: AccountEvent) -> None:
        """Take in what the stream of the account tells."""
        match event:
            case OrderSeen(_, placed):
                self._reconcile.seen(placed)
            case Connected() | Reconnected():
                self._look_now(is_full=True)
            case Disconnected():
                pass  # the stream comes back by itself, and then everything is looked at
            case Anomaly(_, kind, what):
                self._odd(f"{kind or 'a message'}: {what}")
            case _:
                self._reconcile.noted(event)

    def _odd(self, what: str) -> None:
        if what not in self._anomalies:
            self._anomalies.add(what)
            self._say(AccountFact.ANOMALY, what)

    def _say(self, fact: AccountFact, detail: str) -> None:
        self._tell(AccountHappened(self._account, fact, "", detail))
