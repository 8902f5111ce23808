"""A few of the random edits of `python -m tests.soak.edits`; SIGNALBOOK_EDITS says how many."""

import os

from tests.soak.edits import run

COUNT = int(os.environ.get("SIGNALBOOK_EDITS", "300"))


def test_every_random_edit_is_refused_or_shown_exactly():
    results = run(COUNT, seed=COUNT)

    assert sum(results.values()) == COUNT
    assert min(results["refused"], results["changed"], results["same"]) > 0
