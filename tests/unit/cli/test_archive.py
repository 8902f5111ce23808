"""`signalbook archive convert` makes Parquet archives, which replay as the exports do."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run


def test_a_converted_archive_replays_to_the_same(run: Run, desk: Path):
    """S-426."""
    result = run("archive", "convert", "archive.json", "--out", "parquet")

    assert result.exit_code == 0
    assert "parquet/archive.parquet" in result.stdout
    summaries = [json.loads(run("replay", name, "--json").stdout) for name in ("archive.json", "parquet")]
    for summary in summaries:
        del summary["run_id"], summary["archives"]
    assert summaries[0] == summaries[1]


def test_json_says_what_was_written(run: Run):
    (made,) = json.loads(run("archive", "convert", "archive.json", "--out", "all.parquet", "--json").stdout)

    assert (made["file"], made["archives"], made["messages"]) == ("all.parquet", ["archive.json"], 7)


def test_a_file_that_is_there_is_status_4(run: Run, desk: Path):
    (desk / "all.parquet").write_text("mine")

    result = run("archive", "convert", "archive.json", "--out", "all.parquet")

    assert result.exit_code == 4
    assert "archive_exists" in result.stderr
