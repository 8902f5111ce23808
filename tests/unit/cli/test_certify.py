"""`signalbook certify`, as far as it goes without an exchange."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.certify.run import probes_of
from engine.cli.main import app
from engine.model.desk import AccountKind

PLAYBOOKS = str(Path(__file__).parents[3] / "playbooks")


def run(*arguments: str, **variables: str) -> tuple[int, str]:
    clean = {name: None for name in ("SIGNALBOOK_BROKER", "SIGNALBOOK_PAPER", "SIGNALBOOK_PRODUCTION")}
    done = CliRunner().invoke(app, ["certify", "tastytrade", *arguments], env={**clean, **variables})
    return done.exit_code, done.stdout + done.stderr


def test_every_probe_is_listed_with_what_it_assumes():
    status, text = run("--list", "--json")

    assert status == 0
    listed = json.loads(text)
    assert [each["probe"] for each in listed] == [probe.name for probe in probes_of(AccountKind.SANDBOX)]
    assert {each["where"] for each in listed} == {"sandbox", "both"}


def test_a_probe_there_is_not_is_refused_with_the_nearest():
    status, text = run("--only", "net-tick")

    assert status == 2
    assert "net-ticks" in text


@pytest.mark.parametrize(
    ("variables", "status", "code"),
    [
        ({}, 1, "no_credentials"),
        ({"SIGNALBOOK_BROKER": "tastytrade"}, 1, "no_credentials"),
        ({"SIGNALBOOK_BROKER": "live"}, 2, "bad_setting"),
        ({"SIGNALBOOK_PAPER": "http://example.com:80"}, 2, "bad_setting"),
    ],
)
def test_without_a_way_to_an_account_nothing_is_asked(
    tmp_path: Path, variables: dict[str, str], status: int, code: str
):
    ended, text = run("--playbooks", PLAYBOOKS, "--home", str(tmp_path), "--json", **variables)

    assert ended == status
    assert json.loads(text.splitlines()[0])["error"]["code"] == code
    assert list(tmp_path.iterdir()) == []


def test_an_account_that_cannot_be_reached_says_why(tmp_path: Path):
    variables = {"SIGNALBOOK_BROKER": "tastytrade"}
    places = ("--playbooks", PLAYBOOKS, "--home", str(tmp_path), "--json")

    status, text = run(*places, "--account", "main", **variables)
    assert (status, json.loads(text.splitlines()[0])["error"]["code"]) == (2, "production_off")
    status, text = run(*places, "--account", "mian", **variables)
    assert (status, json.loads(text.splitlines()[0])["error"]["code"]) == (1, "unknown_account")
    assert "did you mean main?" in text
