"""The trading states while no engine runs: by the journal itself, whose lock is free then."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.app.settings import Settings
from engine.app.trading_state_file import TradingStateFile
from engine.app.trading_states import TradingStates
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN, JournalTradeLog, trade_entries
from engine.ports import Clock


@contextmanager
def states_without_engine(places: Settings, clock: Clock) -> Iterator[TradingStates]:
    """
    Give the trading states to be changed; the journal cannot be written by anybody else meanwhile.

    Raises: JournalError (journal_busy), when an engine runs after all.
    """
    with JournalLog.open(places.journal, clock.now) as log:
        states = TradingStates(TradingStateFile(places.trading_state), JournalTradeLog(log, RUN))
        for entry in trade_entries(read_entries(places.journal)):
            states.restore(entry)
        yield states
