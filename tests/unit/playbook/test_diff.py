from dataclasses import replace

import pytest

from engine.playbook.diff import Change, diff
from tests.unit.playbook.texts import BASE, Load, reading

SIZE = BASE + "size: {percent: 2%, tags: {lotto: 25%}}\n"
LADDERS = BASE + "ladder: {open: a}\nladders: {a: {rungs: [{at: 0%, hold: 10s}, {at: 50%, hold: 10s}]}}\n"
PATTERNS = reading(
    "{use: [us-options], patterns: [{name: one, match: '{action} {contract}'}, {name: two, match: '{close} {symbol}'}]}"
)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param(SIZE, SIZE, (), id="nothing"),
        pytest.param(SIZE, SIZE.replace("2%", "2.0 %"), (), id="the same value"),
        pytest.param(SIZE, SIZE.replace("2%,", "3%,"), (Change("size.percent", "2%", "3%", True),), id="one value"),
        pytest.param(SIZE, BASE, (Change("size", "{percent: 2%, tags: {lotto: 25%}}", "", True),), id="section gone"),
        pytest.param(BASE, BASE + "owner: ops\n", (Change("owner", "", "ops", False),), id="no other playbook"),
        pytest.param(BASE, BASE + "enabled: yes\n", (Change("enabled", "", "yes", False),), id="a default written out"),
        pytest.param(
            BASE + "risk: {symbols: {deny: [GME]}}\n",
            BASE + "risk: {symbols: {deny: [GME, AMC]}}\n",
            (Change("risk.symbols.deny", "[GME]", "[GME, AMC]", True),),
            id="a list of texts as a whole",
        ),
        pytest.param(
            LADDERS,
            LADDERS.replace("{at: 50%, hold: 10s}", "{at: 60%, hold: 10s}"),
            (Change("ladders.a.rungs[1].at", "50%", "60%", True),),
            id="an item by number",
        ),
        pytest.param(
            LADDERS,
            LADDERS.replace("{at: 50%, hold: 10s}", "{ticks: +1, hold: 10s}"),
            (Change("ladders.a.rungs[1].at", "50%", "", True), Change("ladders.a.rungs[1].ticks", "", "+1", True)),
            id="one key for another in an item",
        ),
        pytest.param(
            LADDERS,
            LADDERS.replace(", {at: 50%, hold: 10s}", ""),
            (Change("ladders.a.rungs", "[{at: 0%, hold: 10s}, {at: 50%, hold: 10s}]", "[{at: 0%, hold: 10s}]", True),),
            id="a list of another length as a whole",
        ),
        pytest.param(
            PATTERNS,
            PATTERNS.replace("'{close} {symbol}'", "'{close} {contract}'"),
            (Change("read.patterns[two].match", "'{close} {symbol}'", "'{close} {contract}'", True),),
            id="an item by name",
        ),
        pytest.param(
            PATTERNS,
            PATTERNS.replace("{name: one, match: '{action} {contract}'}, ", ""),
            (Change("read.patterns[one]", "{name: one, match: '{action} {contract}'}", "", True),),
            id="a named item is gone",
        ),
        pytest.param(
            BASE,
            BASE.replace("301234567890123456", "301234567890123457"),
            (
                Change("listen.authors.301234567890123456", "{name: alice, may: [open, close]}", "", True),
                Change("listen.authors.301234567890123457", "", "{name: alice, may: [open, close]}", True),
            ),
            id="a key for another",
        ),
    ],
)  # fmt: skip
def test_diff(before: str, after: str, changes: tuple[Change, ...], load: Load):
    assert diff(load(before), load(after)) == changes


def test_each_change_says_by_itself_whether_it_matters(load: Load):
    after = SIZE.replace("2%,", "3%,") + "about: more\n"

    changes = diff(load(SIZE), load(after))

    assert [(change.path, change.changes_hash) for change in changes] == [("size.percent", True), ("about", False)]


def test_only_playbooks_from_files_can_be_compared(load: Load):
    live = load(BASE)

    with pytest.raises(ValueError, match="loaded from files"):
        diff(live, replace(live, text=""))
