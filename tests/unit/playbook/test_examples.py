from pathlib import Path

import pytest

from engine.playbook.rulebook import load_rulebook
from tests.unit.playbook.texts import BASE, LIBRARIES, reading

AT = "at: 2026-11-24 10:05 America/New_York, by: alice"
STRANGER = AT.replace("alice", "mallory")
ENTRY = '"BTO SPY 602C 11/27 @ 1.25"'


def issues_of(folder: Path, example: str, text: str = BASE) -> list[tuple[str, str]]:
    file = folder / "book.yaml"
    file.write_text(f"{text}examples:\n  - {{{example}}}\n", encoding="utf-8")
    rulebook = load_rulebook([file], shipped=LIBRARIES)
    assert len(rulebook.playbooks) == (not any(issue.is_error for issue in rulebook.issues))
    return [(issue.code, issue.message) for issue in rulebook.issues]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(f"{AT}, says: {ENTRY}, gives: {{action: BTO, symbol: SPY, right: call}}", id="read"),
        pytest.param(f"{AT}, says: {ENTRY}, gives: {{expiry: 2026-11-27, price: 1.25}}", id="more"),
        pytest.param(f"{AT}, says: {ENTRY}, gives: {{legs: [{{strike: 602}}], tags: [], pattern: option}}", id="legs"),
        pytest.param(f'{AT}, says: "good morning", gives: no alert', id="chatter"),
        pytest.param(f'{AT}, late: 45s, says: {ENTRY}, gives: {{refused: too_late}}', id="late"),
        pytest.param(f"{STRANGER}, says: {ENTRY}, gives: {{refused: unknown_author}}", id="stranger"),
        pytest.param(
            f"{AT}, given: {{earlier: [{ENTRY}]}}, says: STC SPY 602C 11/27 @ 2, gives: {{action: STC, strike: 602}}",
            id="a close of what was opened before",
        ),
        pytest.param(f'{AT}, message: {{images: 1}}, gives: {{refused: image_only}}', id="image"),
        pytest.param(f"{AT}, message: {{content: {ENTRY}, forwarded: yes}}, gives: {{refused: forwarded}}", id="fwd"),
    ],
)  # fmt: skip
def test_examples_that_hold(example: str, tmp_path: Path):
    assert issues_of(tmp_path, example) == []


@pytest.mark.parametrize(
    ("example", "message"),
    [
        pytest.param(
            f"{AT}, says: {ENTRY}, gives: {{strike: 603}}",
            "strike is 602, the example says 603",
            id="another value",
        ),
        pytest.param(
            f"{AT}, says: {ENTRY}, gives: {{stop: breakeven}}",
            "stop is not said, the example says breakeven",
            id="not said",
        ),
        pytest.param(
            f"{AT}, says: {ENTRY}, gives: {{tags: [lotto]}}",
            "tags is [], the example says [lotto]",
            id="sets",
        ),
        pytest.param(
            f"{AT}, says: {ENTRY}, gives: {{legs: [{{strike: 602}}, {{strike: 610}}]}}",
            "legs are [{action: buy_to_open, asset: option, symbol: SPY, strike: 602, right: call, "
            "expiry: 2026-11-27, ratio: 1}], none of which is left for {strike: 610}",
            id="legs",
        ),
        pytest.param(
            f'{AT}, says: "good morning", gives: {{symbol: SPY}}',
            "the example says one alert, the playbook says no alert",
            id="no alert",
        ),
        pytest.param(
            f"{AT}, says: {ENTRY}, gives: no alert",
            "the example says no alert, the playbook says {action: buy_to_open, symbol: SPY, strike: 602, "
            "right: call, expiry: 2026-11-27, price: 1.25}",
            id="an alert after all",
        ),
        pytest.param(
            f"{AT}, late: 45s, says: {ENTRY}, gives: {{symbol: SPY}}",
            "the example says one alert, the playbook says refused: too_late (45 s old, at most 30 s)",
            id="refused",
        ),
    ],
)
def test_examples_that_fail_keep_a_playbook_from_going_live(example: str, message: str, tmp_path: Path):
    assert issues_of(tmp_path, example) == [("example_failed", message)]


def test_a_rule_of_the_playbook_refuses_by_its_own_code(tmp_path: Path):
    text = reading('{use: [us-options], refuse_when: [{if: "price > 1", code: too_dear}]}')

    assert issues_of(tmp_path, f"{AT}, says: {ENTRY}, gives: {{refused: too_dear}}", text) == []
    assert issues_of(tmp_path, f"{AT}, says: {ENTRY}, gives: {{refused: refused_by_rule}}", text) == []


def test_earlier_alerts_must_be_accepted(tmp_path: Path):
    example = f'{AT}, given: {{earlier: ["good morning"]}}, says: {ENTRY}, gives: {{symbol: SPY}}'

    [(code, message)] = issues_of(tmp_path, example)

    assert code == "example_failed"
    assert message.startswith("the earlier 'good morning' is not_an_alert")


SIZED = BASE + "size: {percent: 2%}\n"
ON_50_000 = f'{AT}, given: {{net_liq: "$50,000"}}, says: {ENTRY}'


@pytest.mark.parametrize(
    ("example", "text"),
    [
        pytest.param(f"{ON_50_000}, gives: {{contracts: 8}}", SIZED, id="2 % of $50,000 buys 8 at $125"),
        pytest.param(f"{AT}, says: {ENTRY}, gives: {{contracts: 16}}", SIZED, id="of $100,000 when unsaid"),
        pytest.param(f"{AT}, says: {ENTRY}, gives: {{contracts: 1}}", BASE, id="one, when no size is written"),
        pytest.param(
            f'{AT}, given: {{buying_power: "$5,000"}}, says: {ENTRY}, gives: {{refused: too_small}}',
            SIZED.replace("2%", "2%, of: buying_power"),
            id="what it can buy for",
        ),
        pytest.param(
            f"{AT}, given: {{earlier: [{ENTRY}]}}, says: STC SPY 602C 11/27 @ 2, gives: {{contracts: 16}}",
            SIZED,
            id="all of what is open",
        ),
    ],
)
def test_contracts_are_what_is_sized(example: str, text: str, tmp_path: Path):
    assert issues_of(tmp_path, example, text) == []


def test_a_number_of_contracts_that_is_not_sized_fails(tmp_path: Path):
    issues = issues_of(tmp_path, f"{ON_50_000}, gives: {{symbol: SPY, contracts: 9}}", SIZED)

    assert issues == [("example_failed", "contracts is 8, the example says 9")]


def test_only_the_texts_a_playbook_reads_are_read(tmp_path: Path):
    text = BASE.replace("listen:\n", "listen:\n  read_from: [embeds]\n")

    assert issues_of(tmp_path, f"{AT}, says: {ENTRY}, gives: no alert", text) == []
