"""`signalbook replay` with --out, --expect, --write-expect and --junit."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyarrow.parquet as pq
from jsonschema import Draft202012Validator

from tests.unit.cli.conftest import FIRST_ID, Run

SCHEMA = Path(__file__).parents[3] / "schemas" / "summary.schema.json"
EXPECTED = """\
signalbook: 1
expect: the small archive
counts:
  - {reason: approved, exactly: 2}
  - {verdict: denied, at_least: 1}
  - {reason: not_an_alert, at_most: 1}
"""


def test_a_folder_holds_decisions_chatter_summary_and_report(run: Run, desk: Path):
    """S-428."""
    result = run("replay", "archive.json", "--out", "results")

    assert result.exit_code == 0, result.output
    assert "report:       results/report.html" in result.stdout
    names = sorted(file.name for file in (desk / "results").iterdir())
    assert names == ["chatter.parquet", "decisions.parquet", "report.html", "summary.json"]
    summary = json.loads((desk / "results" / "summary.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(summary)
    whole = pq.ParquetFile(desk / "results" / "decisions.parquet").metadata.num_rows
    chatter = pq.ParquetFile(desk / "results" / "chatter.parquet").metadata.num_rows
    assert whole + chatter == summary["counts"]["messages"]
    assert "BTO SPY 602 11/27 @ 1.25" in (desk / "results" / "report.html").read_text("utf-8")


def test_a_second_replay_leaves_the_same_bytes(run: Run, desk: Path):
    """S-428."""
    for folder in ("one", "two"):
        assert run("replay", "archive.json", "--out", folder).exit_code == 0

    for name in ("decisions.parquet", "chatter.parquet", "summary.json"):
        assert (desk / "one" / name).read_bytes() == (desk / "two" / name).read_bytes()


def test_what_was_written_down_is_met_by_the_same_replay(run: Run):
    """S-429."""
    assert run("replay", "archive.json", "--write-expect", "expect.yaml").exit_code == 0

    result = run("replay", "archive.json", "--expect", "expect.yaml")

    assert result.exit_code == 0, result.output
    assert "expectations are met" in result.stdout


def test_what_was_written_down_is_never_written_over(run: Run):
    assert run("replay", "archive.json", "--write-expect", "expect.yaml").exit_code == 0

    assert run("replay", "archive.json", "--write-expect", "expect.yaml").exit_code == 1


def test_an_expectation_that_is_not_met_ends_with_status_1_and_a_table(run: Run, desk: Path):
    """S-429."""
    (desk / "expect.yaml").write_text(EXPECTED.replace("exactly: 2", "exactly: 9"), encoding="utf-8")

    result = run("replay", "archive.json", "--expect", "expect.yaml")

    assert result.exit_code == 1
    assert "1 of 4 expectations are not met" in result.stdout
    assert "exactly 9" in result.stdout
    assert "expect.yaml:4" in result.stdout


def test_anything_unexpected_fails_and_is_named(run: Run, desk: Path):
    """S-429."""
    (desk / "expect.yaml").write_text(
        "signalbook: 1\nexpect: approvals\ncounts: [{reason: approved, exactly: 2}]\n", encoding="utf-8"
    )

    result = run("replay", "archive.json", "--expect", "expect.yaml")

    assert result.exit_code == 1
    assert "BTO QQQ 500C 11/27 @ 2.00" in result.stdout


def test_a_message_is_held_to_its_size(run: Run, desk: Path):
    """S-429."""
    body = "unexpected: allow\nmessages:\n"
    body += f'  - {{message: "{FIRST_ID}", gives: {{action: BTO, symbol: SPY, price: 1.25, contracts: 7}}}}\n'
    (desk / "expect.yaml").write_text(f"signalbook: 1\nexpect: one message\n{body}", encoding="utf-8")

    result = run("replay", "archive.json", "--expect", "expect.yaml")

    assert result.exit_code == 1
    assert "contracts is 2, the example says 7" in result.stdout


def test_ci_gets_junit(run: Run, desk: Path):
    """S-429."""
    (desk / "expect.yaml").write_text(EXPECTED.replace("exactly: 2", "exactly: 9"), encoding="utf-8")

    run("replay", "archive.json", "--expect", "expect.yaml", "--junit", "junit.xml")

    suite = Xml.fromstring((desk / "junit.xml").read_text("utf-8"))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")


def test_junit_needs_expectations(run: Run):
    assert run("replay", "archive.json", "--junit", "junit.xml").exit_code == 2


def test_mistakes_in_expectations_are_shown_before_anything_is_read(run: Run, desk: Path):
    """S-429, S-515."""
    (desk / "expect.yaml").write_text(EXPECTED.replace("exactly", "exacty"), encoding="utf-8")

    result = run("replay", "archive.json", "--expect", "expect.yaml", "--db", "a.duckdb")

    assert result.exit_code == 3
    assert "expect.yaml:4:24: unknown_key" in result.stderr
    assert "did you mean 'exactly'?" in result.stderr
    assert not (desk / "a.duckdb").exists()
