"""`signalbook orders` lists what was sent and what became of it, also while the engine runs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.main import app
from engine.journal.projection import Projection
from engine.model.entry import EntryKind
from tests.trading import TradingDesk, fail_the_checks, key, leave_open, trade_in_production, trade_in_sandbox


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a desk with a filled, a half filled and a working order, and one that was never sent."""
    home = tmp_path_factory.mktemp("home")
    desk = TradingDesk.open(home / "journal")
    for happen in (trade_in_production, fail_the_checks, trade_in_sandbox, leave_open):
        happen(desk)
    desk.close()
    with Projection(home / "signalbook.duckdb", home / "journal"):
        pass
    return home


def run(home: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"SIGNALBOOK_HOME": str(home), **environment})


def ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [row["client_id"] for row in json.loads(result.stdout)]


PROBE, FILLED, HALF, WORKING = f"{key(1)}p-1", f"{key(1)}-1", f"{key(4)}-1", f"{key(5)}-1"


@pytest.mark.parametrize(
    ("narrowing", "expected"),
    [
        pytest.param((), [WORKING, HALF, FILLED, PROBE], id="all, newest first"),
        pytest.param(("--account", "main"), [WORKING, FILLED], id="by account"),
        pytest.param(("--state", "cancelled"), [HALF, PROBE], id="by state"),
        pytest.param(("--open",), [WORKING], id="open"),
        pytest.param(("--playbook", "momentum", "--limit", "1"), [WORKING], id="by playbook, one"),
        pytest.param(("--since", "2026-11-24T15:05:04.495Z"), [WORKING, HALF], id="since"),
        pytest.param(("--account", "cert", "--open"), [], id="none"),
    ],
)
def test_the_list_can_be_narrowed(home: Path, narrowing: tuple[str, ...], expected: list[str]):
    """S-908."""
    assert ids(run(home, "orders", "--json", *narrowing)) == expected


def test_each_row_says_what_became_of_the_order(home: Path):
    """S-908."""
    [row] = [row for row in json.loads(run(home, "orders", "--json").stdout) if row["client_id"] == HALF]

    told = {name: row[name] for name in ("account", "role", "state", "units", "filled", "could_fill", "average_price")}
    assert told == {
        "account": "cert",
        "role": "trade",
        "state": "cancelled",
        "units": 2,
        "filled": 1,
        "could_fill": 1,
        "average_price": "0.7",
    }
    assert (row["order_id"], row["why"], row["message_id"]) == ("5041", "good_until has passed", "1442549871206400003")


def test_the_table_is_read_by_people(home: Path):
    """S-908."""
    table = run(home, "orders").stdout

    assert "BTO 2 SPY 602C 2026-11-27 @ 1.25 │ 2/2 @ 1.25 │ filled" in table
    assert "cert probe" in table
    assert max(map(len, table.splitlines())) <= 120


@pytest.mark.parametrize(
    ("arguments", "status", "hint"),
    [
        pytest.param(("--state", "workin"), 2, "did you mean working?", id="state"),
        pytest.param(("--account", "mian"), 1, "did you mean main?", id="account"),
        pytest.param(("--playbook", "momentun"), 1, "did you mean momentum?", id="playbook"),
    ],
)
def test_a_name_that_is_nowhere_is_no_empty_list(home: Path, arguments: tuple[str, ...], status: int, hint: str):
    """S-513."""
    result = run(home, "orders", "--json", *arguments)

    assert result.exit_code == status
    assert hint in json.loads(result.stdout)["error"]["message"]


def test_decisions_tell_what_became_of_their_orders(home: Path):
    """S-908."""
    rows = json.loads(run(home, "decisions", "--live", "--json").stdout)

    assert [row["order"]["state"] for row in rows] == ["working", "cancelled", "dropped", "filled"]
    assert "filled 2/2 @ 1.25" in run(home, "decisions", "--live").stdout
    assert (
        "order: filled 2/2 @ 1.25; signalbook trace" in run(home, "decisions", "--live", "1442549871206400000").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "copied"),
    [
        pytest.param(("orders",), "signalbook trace MESSAGE --home {home} shows", id="orders"),
        pytest.param(("decisions", "--live"), "signalbook decisions ID --home {home} --live shows", id="decisions"),
        pytest.param(
            ("decisions", "1442549871206400000", "--live"),
            "signalbook trace 1442549871206400000 --home {home} shows",
            id="one decision",
        ),
    ],
)
def test_a_command_that_is_shown_looks_where_this_one_was_told_to(home: Path, arguments: tuple[str, ...], copied: str):
    """S-978."""
    told = run(Path("nowhere"), *arguments, "--home", str(home)).output

    assert copied.format(home=home) in told


def test_the_journal_is_checked_for_what_does_not_belong_together(tmp_path: Path):
    """S-907."""
    desk = TradingDesk.open(tmp_path / "journal")
    trade_in_production(desk)
    desk.close()
    assert run(tmp_path, "journal", "verify").exit_code == 0
    with_more = TradingDesk.open(tmp_path / "journal")
    with_more.log.append(EntryKind.CONTROL, "live-1", b"{}")
    with_more.close()

    result, answer = run(tmp_path, "journal", "verify"), run(tmp_path, "journal", "verify", "--json")

    assert result.exit_code == 1
    assert "unreadable entry 26: holds what" in result.stdout
    assert [each["seq"] for each in json.loads(answer.stdout)["trade_problems"]] == [26]
    assert json.loads(answer.stdout)["ok"] is False
