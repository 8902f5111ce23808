"""`signalbook trade` says at the start how things stand, and refuses a name that could approve nothing."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.app.beginning import AccountFound, Beginning
from engine.app.stage_view import VersionRow
from engine.cli.exit_code import ExitCode
from engine.cli.main import app
from engine.cli.stopping import Stopping
from engine.cli.trade_screen import TradeScreen
from engine.model.desk import AccountKind
from engine.model.stages import Stage
from tests.unit.cli.conftest import message

DESK = Path(__file__).parents[3] / "examples" / "desk"
CHANNEL, ALICE = "1255265167113978008", "301234567890123456"
ROW = VersionRow("momentum", "ab" * 16, Stage.PRODUCTION, True, "promoted", 0, 3, 2, "", "carol", "1.0")
CANDIDATE = VersionRow("momentum", "cd" * 16, Stage.SANDBOX, True, "", 0, 0, 0, "all", "", "1.0")
BEGINNING = Beginning(
    "night", Path("data"), "tastytrade: production https://api", True, (ROW, CANDIDATE), 5, 2, 3, 1,
    ("account main is reducing, by engine: not certified",),
)  # fmt: skip
ACCOUNTS = (
    AccountFound("cert", AccountKind.SANDBOX, answers=False, why="no route"),
    AccountFound("main", AccountKind.PRODUCTION, answers=True, why=""),
)


def trade(folder: Path, *arguments: str) -> Result:
    """Trade one message that says nothing, so that nothing is sent."""
    said = message(0, "good morning everybody", ALICE)
    export = {"guild": {"id": "1", "name": "x"}, "channel": {"id": CHANNEL, "name": "alerts"}, "messages": [said]}
    (folder / "day.json").write_text(json.dumps(export), encoding="utf-8")
    command = ["trade", str(folder / "day.json"), "--playbooks", str(DESK), "--home", str(folder / "home")]
    return CliRunner().invoke(app, [*command, "--own-exchange", "--calm", "--skip-quiet", *arguments])


def test_what_is_begun_with_is_told_first_and_on_stderr(tmp_path: Path):
    """S-947."""
    result = trade(tmp_path)

    assert result.exit_code == 0, result.output
    version = re.search(r"desk-alerts (\w{8}) sandbox", result.stderr)
    assert version is not None
    assert result.stderr.splitlines()[:5] == [
        f"desk paper-desk, home {tmp_path / 'home'}",
        "orders go to a local exchange of this process: no network, no money",
        f"playbooks: desk-alerts {version[1]} sandbox",
        "messages: 1 to come · under way from before: nothing",
        "accounts: cert (sandbox) answers · main (production) answers",
    ]
    assert "paper-desk" not in result.stdout


def test_at_the_end_it_names_commands_that_look_into_the_same_home(tmp_path: Path):
    """S-978."""
    home = tmp_path / "home"

    assert trade(tmp_path).stdout.splitlines()[-1] == (
        f"look further: signalbook orders --home {home}, signalbook trace MESSAGE --home {home}"
    )


def test_with_json_it_is_the_first_row(tmp_path: Path):
    """S-947."""
    first, again = (json.loads(trade(tmp_path, "--json").stdout.splitlines()[0]) for _ in range(2))

    assert [row["kind"] for row in (first, again)] == ["began", "began"]
    assert (first["desk"], first["home"], first["is_real_money"]) == ("paper-desk", str(tmp_path / "home"), False)
    assert [(each["alias"], each["kind"], each["answers"]) for each in first["accounts"]] == [
        ("cert", "sandbox", True),
        ("main", "production", True),
    ]
    assert [(each["playbook"], each["stage"]) for each in first["versions"]] == [("desk-alerts", "sandbox")]
    assert (first["intents"], first["orders"], first["restrictions"]) == (0, 0, [])
    assert [(row["to_come"], row["taken"]) for row in (first, again)] == [(1, 0), (0, 1)]


def test_whatever_a_desk_should_see_is_told(capsys: pytest.CaptureFixture[str]):
    """S-947."""
    screen = TradeScreen(Stopping(), is_json=False)

    screen.began(BEGINNING)
    screen.looked(ACCOUNTS)

    assert capsys.readouterr().err.splitlines() == [
        "desk night, home data",
        "orders go to tastytrade: production https://api: REAL MONEY",
        "playbooks: momentum abababab production, promoted · momentum cdcdcdcd sandbox",
        "messages: 5 to come, 2 were taken before · under way from before: 3 intents, 1 order",
        "restricted: account main is reducing, by engine: not certified",
        "accounts: cert (sandbox) DOES NOT ANSWER: no route · main (production) answers",
    ]
    assert screen.counts.total() == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("carrol", "nobody is called carrol in this desk; did you mean carol?", id="mistyped"),
        pytest.param("bob", "nobody is called bob in this desk; who may: carol, dave", id="a stranger"),
        pytest.param("erin", "erin may not approve in this desk; who may: carol, dave", id="may not approve"),
    ],
)
def test_who_could_approve_nothing_is_wrong_usage_before_anything_begins(tmp_path: Path, name: str, why: str):
    """S-950."""
    desk = tmp_path / "desk"
    desk.mkdir()
    for file in DESK.glob("*.yaml"):
        (desk / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    text = (desk / "desk.yaml").read_text(encoding="utf-8")
    erin = '  erin: {discord: "501234567890123458", about: looks on, permissions: [control]}\non_call:'
    (desk / "desk.yaml").write_text(text.replace("on_call:", erin, 1), encoding="utf-8")

    result = trade(tmp_path, "--approve-as", name, "--playbooks", str(desk), "--json")

    assert result.exit_code == ExitCode.USAGE, result.output
    assert why in json.loads(result.stdout)["error"]["message"]
    assert not (tmp_path / "home").exists()
