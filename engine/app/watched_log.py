"""The trade log with somebody who follows what is written into it, as it would be restored from the journal."""

from typing import Protocol

from engine.journal.trade_log import JournalTradeLog
from engine.plan.entries import TradeBody, TradeEntry


class Follows(Protocol):
    """Whoever keeps level with the journal."""

    def restore(self, entry: TradeEntry) -> object:
        """Take in one entry."""
        ...


class WatchedLog:
    """See ports.TradeLog; followers take in every entry right after it is written, on disk or not yet."""

    def __init__(self, log: JournalTradeLog, *followers: Follows) -> None:
        self._log = log
        self._followers = list(followers)

    def follow(self, follower: Follows) -> None:
        """Have somebody follow from here on."""
        self._followers.append(follower)

    @property
    def can_open(self) -> bool:
        """See ports.TradeLog."""
        return self._log.can_open

    @property
    def is_synced(self) -> bool:
        """Whether everything written is on disk."""
        return self._log.is_synced

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        """See ports.TradeLog."""
        entry = self._log.write(body, urgent=urgent)
        for each in self._followers:
            each.restore(entry)
        return entry

    def sync(self) -> None:
        """See ports.TradeLog."""
        self._log.sync()
