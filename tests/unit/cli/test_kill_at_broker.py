"""Which accounts `signalbook kill --direct` asks: those of the files, and those the engine was last at work in."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.app import kill_direct
from engine.app.credentials import paper_number
from engine.app.kill_accounts import KillAccounts
from engine.app.kill_direct import AccountFate
from engine.app.manifest import manifest_of
from engine.app.settings import Settings
from engine.cli import kill_at_broker
from engine.journal.entry_bodies import encoded
from engine.journal.log import JournalLog
from engine.journal.trade_log import RUN, JournalTradeLog
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import AccountKind, Desk
from engine.model.entry import EntryKind
from engine.model.environment import Environment
from engine.plan.entries import ENGINE, DeskChanged
from engine.playbook.rulebook import load_rulebook
from tests.unit.app.test_kill_direct import BUY, Broker, placed

DESK = """\
signalbook: 1
desk: test
accounts:
  main: {kind: production, broker: paper}
people:
  carol: {discord: "501234567890123456", permissions: [approve, control, promote]}
limits: {max_contracts: 20}
"""
OTHER = DESK.replace("main:", "ira: {kind: production, broker: paper}\n  main:")
LOST = DESK.replace("main: {", "main: {number: NOT_SET, ")
FIRST, SECOND = (paper_number(AccountKind.PRODUCTION, place) for place in (0, 1))


class Accounts:
    """Every account there is, by its number, with one opening that works in each."""

    def __init__(self) -> None:
        self.brokers = {number: Broker({"1": placed("1", BUY)}) for number in (FIRST, SECOND)}

    @asynccontextmanager
    async def reached(self, desk: Desk | None, *_: object) -> AsyncIterator[KillAccounts]:
        assert desk is not None
        missing = {each.name: "its number is not set" for each in desk.accounts if each.number_from}
        known = [each for each in desk.accounts if each.name not in missing]
        numbers = {each.name: paper_number(each.kind, place) for place, each in enumerate(known)}
        at = dict.fromkeys(numbers, Environment.PAPER_PRODUCTION)
        yield KillAccounts({alias: self.brokers[number] for alias, number in numbers.items()}, missing, numbers, at)


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    made = Accounts()
    monkeypatch.setattr(kill_at_broker, "kill_accounts", made.reached)
    monkeypatch.setattr(kill_direct, "_PAUSES", (0.0, 0.0, 0.0))
    return made


def loaded(folder: Path, text: str) -> Desk:
    folder.mkdir(exist_ok=True)
    (folder / "desk.yaml").write_text(text, encoding="utf-8")
    desk = load_rulebook([folder], runs_examples=False).desk
    assert desk is not None
    return desk


def traded(home: Path, desk: Desk, *at: tuple[str, str]) -> None:
    """Have an engine trade with a desk, whose accounts lead somewhere."""
    with JournalLog.open(home / "journal", lambda: datetime.now(UTC)) as log:
        rulebook = load_rulebook([home.parent / "playbooks"], runs_examples=False)
        log.append(EntryKind.RUN_STARTED, RUN, encoded(manifest_of("live", rulebook, arguments=(), assumptions=at)))
        JournalTradeLog(log, RUN).write(DeskChanged(desk, ENGINE))


def killed(home: Path, scope: Restriction, problems: list[str]) -> Mapping[str, AccountFate]:
    fates = kill_at_broker.killed(scope, Settings(home), home.parent / "playbooks", 2.0, problems)
    return {fate.account: fate for fate in fates}


ALL = Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "news")
IRA = replace(ALL, scope=Scope.ACCOUNT, of="ira")


def test_an_account_that_the_file_names_no_more_is_asked_as_well(tmp_path: Path, accounts: Accounts):
    """S-975: the engine goes by the files it started with, and works there on."""
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    traded(home, loaded(playbooks, OTHER), ("ira", "paper-production"), ("main", "paper-production"))
    loaded(playbooks, DESK)

    fates = killed(home, ALL, [])

    assert [len(broker.asked) for broker in accounts.brokers.values()] == [1, 1]
    assert all(fate.is_clear for fate in fates.values())


@pytest.mark.parametrize(("before", "after", "is_clear"), [(LOST, DESK, False), (DESK, LOST, True)])
def test_an_account_of_the_engine_that_cannot_be_reached_any_more_is_no_success(
    tmp_path: Path, accounts: Accounts, before: str, after: str, *, is_clear: bool
):
    """S-975: what the file means by the name today is another account."""
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    traded(home, loaded(playbooks, before))
    loaded(playbooks, after)

    fates = kill_at_broker.killed(ALL, Settings(home), playbooks, 2.0, [])

    assert [fate.account for fate in fates] == ["main"] * (2 - is_clear)
    assert all(fate.is_clear for fate in fates) is is_clear


@pytest.mark.parametrize(("scope", "asked"), [(IRA, [1, 0]), (replace(IRA, of="main"), [1, 1])])
def test_of_one_account_both_meanings_of_its_name_are_asked(
    tmp_path: Path, accounts: Accounts, scope: Restriction, asked: list[int]
):
    """S-975."""
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    traded(home, loaded(playbooks, OTHER), ("ira", "paper-production"), ("main", "paper-production"))
    loaded(playbooks, DESK)

    fates = killed(home, scope, [])

    assert [len(broker.asked) for broker in accounts.brokers.values()] == asked
    assert all(fate.is_clear for fate in fates.values())


def test_a_name_no_desk_ever_had_is_told(tmp_path: Path, accounts: Accounts):
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    traded(home, loaded(playbooks, DESK))

    fates = killed(home, replace(IRA, of="mian"), [])

    assert [(alias, fate.problem) for alias, fate in fates.items()] == [("mian", "the desk has no such account")]


def test_asking_the_exchange_of_an_engine_that_trades_at_the_broker_is_no_success(tmp_path: Path, accounts: Accounts):
    """S-975: a terminal without the engine's environment reaches other accounts by the same names."""
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    traded(home, loaded(playbooks, DESK), ("cert", "sandbox"), ("main", "production"))

    fates = killed(home, ALL, [])

    assert fates["main"].is_clear
    assert not fates["production"].is_clear
    assert "the engine last traded there, and this asked paper-production" in fates["production"].problem


@pytest.mark.parametrize("has_journal", [False, True], ids=["none", "spoilt"])
def test_no_journal_is_needed(tmp_path: Path, accounts: Accounts, *, has_journal: bool):
    """S-890."""
    playbooks, home = tmp_path / "playbooks", tmp_path / "home"
    loaded(playbooks, DESK)
    if has_journal:
        (home / "journal").mkdir(parents=True)
        (home / "journal" / "00000000000000000001.log").write_bytes(b"spoilt" * 99)

    fates = killed(home, ALL, [])

    assert [(alias, fate.is_clear) for alias, fate in fates.items()] == [("main", True)]
