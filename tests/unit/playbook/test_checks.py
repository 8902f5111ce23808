"""What no check may find fault with; what they do find stands in tests/golden/bad_playbooks."""

import pytest

from tests.unit.playbook.texts import BASE, Load

LADDER = "ladder: {{open: a}}\nladders:\n  a:\n{}"
BOUND = "    never_beyond: [{from_mid: $0.10}]\n"
BUDGET = "    budget: {time: 1m, replaces: 1}\n"
STAGES = "stages: {sandbox: {account: cert}, production: {account: main, approval: {by: APPROVERS}}}\n"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("size: {at_most: {contracts: 50}}\n", id="exactly the house limit"),
        pytest.param("size: {percent: 5%}\n", id="exactly the house size"),
        pytest.param("risk: {expiry: {min_days: 5, max_days: 5}}\n", id="one number of days"),
        pytest.param("exits: {targets: [{gain: 50%, close: 50%}, {gain: 60%, close: 50%}]}\n", id="exactly all"),
        pytest.param("exits: {flatten: {before_close: 2m, deadline: 2m}}\n", id="deadline at the close"),
        pytest.param(
            LADDER.format("    rungs: [{at: 0%, hold: 5s}, {at: 0%, hold: 5s}]\n"), id="the same rung twice"
        ),
        pytest.param(
            LADDER.format("    rungs: [{at: 0%, hold: 5s}, {ticks: +10, hold: 5s}]\n" + BOUND),
            id="exactly the bound",
        ),
        pytest.param(
            LADDER.format("    rungs: [{at: 0%, hold: 2s, repeat: 30}]\n    finally: leave 1m then cancel\n"),
            id="exactly what an account may send",
        ),
        pytest.param(
            LADDER.format("    rungs: [{at: 0%, hold: 30s}, {at: 50%, hold: 30s}]\n" + BUDGET),
            id="exactly the budget",
        ),
        pytest.param(STAGES.replace("APPROVERS", "approvers"), id="somebody else may approve"),
        pytest.param(STAGES.replace("APPROVERS", "[carol, alice]"), id="the author and somebody else"),
        pytest.param("allow: {kinds: [short_option], undefined_risk: allowed}\n", id="undefined risk, allowed"),
        pytest.param("size: {percent: 2%, tags: {lotto: 25%}}\n", id="a tag of a library"),
    ],
)  # fmt: skip
def test_playbooks_at_the_edge_are_good(more: str, load: Load):
    assert load(BASE + more).playbook.name == "base"
