import subprocess
import sys
from pathlib import Path

import pytest

from engine.playbook.effective import content_hash
from tests.unit.playbook.texts import BASE, Load, reading

LADDERS = """\
ladder: {open: slow}
ladders:
  slow: {rungs: [{at: 0%, hold: 10s}]}
"""
RULE = reading("{use: [us-options], refuse_when: [{if: PRICE, code: mine}]}").replace("PRICE", '"price > 50"')
BY_AUTHOR = RULE.replace("price > 50", "author == 'alice'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BASE, BASE + "about: something\nowner: ops\n", id="about and owner"),
        pytest.param(BASE, BASE + 'notify: {refused: "{{ reason }}", to: [reply]}\n', id="notify"),
        pytest.param(
            BASE,
            BASE + "examples: [{at: 2026-11-24 10:05 America/New_York, by: alice, says: hi, gives: no alert}]\n",
            id="examples",
        ),
        pytest.param(BASE, "# a note\n\n" + reading("\n   use:\n    - us-options"), id="spacing"),
        pytest.param(BASE, BASE + "size: {at_most: {contracts: 1}}\n", id="the default written out"),
        pytest.param(BASE + "size: {percent: 2%}\n", BASE + "size: {percent: 2.00 %}\n", id="the same number"),
        pytest.param(
            BASE,
            BASE.replace("{name: momentum}", "{name: other, threads: no}"),
            id="name of a channel",
        ),
        pytest.param(BASE, BASE.replace("name: alice", "name: alicia"), id="name of an author"),
        pytest.param(
            BASE + LADDERS,
            BASE + LADDERS.replace("slow", "calm"),
            id="name of a ladder",
        ),
        pytest.param(BASE + LADDERS, BASE + LADDERS + "  spare: {rungs: [{at: 50%, hold: 1s}]}\n", id="unused ladder"),
        pytest.param(
            BASE + "risk: {symbols: {allow: [SPY, QQQ]}}\n",
            BASE + "risk: {symbols: {allow: [QQQ, SPY]}}\n",
            id="order of symbols",
        ),
        pytest.param(
            BASE + "size: {percent: 2%, by_symbol: {SPY: 1%, QQQ: 2%}}\n",
            BASE + "size: {by_symbol: {QQQ: 2%, SPY: 1%}, percent: 2%}\n",
            id="order of keys",
        ),
        pytest.param(RULE, RULE.replace("code: mine", "code: mine, say: too dear"), id="what a refusal says to people"),
    ],
)  # fmt: skip
def test_the_hash_stays(before: str, after: str, load: Load):
    assert load(before).content_hash == load(after).content_hash


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BASE, BASE.replace("playbook: base", "playbook: copy"), id="another playbook"),
        pytest.param(BASE, BASE + "enabled: no\n", id="enabled"),
        pytest.param(BASE, BASE.replace("name: alice", "name: alice, kind: bot"), id="kind of an author"),
        pytest.param(BASE, BASE.replace("[open, close]", "[open]"), id="what an author may"),
        pytest.param(BASE, BASE.replace("113978008", "113978009"), id="id of a channel"),
        pytest.param(BASE, BASE + "size: {at_most: {contracts: 2}}\n", id="size"),
        pytest.param(BASE, BASE + LADDERS, id="ladder"),
        pytest.param(BASE, reading("{use: [us-options], words: {part: [trim]}}"), id="words"),
        pytest.param(BASE, reading("{use: [us-options], symbols: {never: [HIGH]}}"), id="symbols"),
        pytest.param(RULE, RULE.replace("50", "51"), id="condition"),
        pytest.param(RULE, RULE.replace("code: mine", "code: ours"), id="code of a refusal"),
        pytest.param(BY_AUTHOR, BY_AUTHOR.replace("alice", "alicia"), id="name of an author a condition asks for"),
        pytest.param(
            BASE + "size: {percent: 2%, of: net_liq}\n",
            BASE + 'size: {percent: 2%, of: "$100"}\n',
            id="amount in place of a figure",
        ),
        pytest.param(BASE, BASE + "risk: {session: {from: 9:45}}\n", id="time of day"),
    ],
)  # fmt: skip
def test_the_hash_changes(before: str, after: str, load: Load):
    assert load(before).content_hash != load(after).content_hash


def test_desk_limits_do_not_count(load: Load, tmp_path: Path):
    before = load(BASE).content_hash

    (tmp_path / "desk.yaml").write_text("signalbook: 1\ndesk: other\nlimits: {max_size: 50%}\n", encoding="utf-8")

    assert load(BASE).content_hash == before


def test_one_hasher_and_many_agree(load: Load):
    live = load(BASE)

    assert content_hash(live.playbook) == live.content_hash
    assert len(live.content_hash) == 32


def test_the_hash_is_the_same_in_every_process():
    code = (
        "from pathlib import Path; from engine.playbook.rulebook import load_rulebook;"
        "shipped = [Path('tests/golden/lib/us-options.yaml')];"
        "rulebook = load_rulebook([Path('tests/playbooks')], shipped=shipped, runs_examples=False);"
        "print(rulebook.playbooks[0].content_hash)"
    )
    root = Path(__file__).parents[3]

    def run(seed: str) -> str:
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    assert run("1") == run("2") != ""
