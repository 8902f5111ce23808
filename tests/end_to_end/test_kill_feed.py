"""A few kills of the soak test; `make soak` does 200."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_feeds_that_are_killed_lose_and_repeat_nothing():
    """S-708."""
    command = [sys.executable, "-m", "tests.soak.kill_feed", "--kills", "5", "--seed", "3", "--messages", "400"]

    soaked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    assert soaked.returncode == 0, soaked.stdout + soaked.stderr
    assert "broken: 0" in soaked.stdout
