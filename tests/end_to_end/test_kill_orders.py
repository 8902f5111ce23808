"""One kill at each boundary of an order's way; `make soak` does twenty at each, and fifty from outside."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_desks_that_are_killed_send_nothing_twice_and_lose_nothing():
    """S-937, S-964."""
    options = ["--each", "1", "--cold", "1", "--awkward", "0", "--seed", "3"]
    command = [sys.executable, "-m", "tests.soak.kill_orders", *options]

    soaked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    assert soaked.returncode == 0, soaked.stdout + soaked.stderr
    assert "broken: 0" in soaked.stdout
    assert "10 kills at named points" in soaked.stdout
