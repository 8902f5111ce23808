"""What one vocabulary compiles to is compiled once, and shared by every playbook that has the same."""

import pytest

from engine.parse.card import CardPattern
from engine.parse.grammar import Grammar, grammar_of
from engine.parse.pattern import TextPattern
from engine.parse.program import compiled
from tests.unit.parse.small import CREDIT_SPREAD, GRAMMAR, card, rules, template

ENTRY = template("{open} {contract} {price}")


def test_rules_with_equal_words_share_a_grammar_and_its_patterns():
    one, other = grammar_of(rules(ENTRY)), grammar_of(rules(template("{close} {contract}")))

    assert one is other
    assert one.pattern(ENTRY) is other.pattern(template("{open} {contract} {price}"))
    assert grammar_of(rules(not_symbols=frozenset())) is not one


def test_a_rule_becomes_the_pattern_of_its_kind():
    """S-211."""
    grammar = Grammar(rules())

    assert isinstance(grammar.pattern(ENTRY), TextPattern)
    assert isinstance(grammar.pattern(card(title="{action}")), CardPattern)


def test_structures_are_known_by_every_spelling():
    assert GRAMMAR.structures["ccs"] is GRAMMAR.structures["bear call"] is CREDIT_SPREAD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("600C", True, id="a strike and its right"),
        pytest.param("$600 calls", True, id="in words"),
        pytest.param("600 | call", True, id="with a bar between"),
        pytest.param("SPY251127C00602500", True, id="as the OCC writes it"),
        pytest.param("Strike: 600", True, id="as a card writes it"),
        pytest.param("a strike of luck", False, id="words"),
        pytest.param("call me at 6", False, id="a right without a strike"),
    ],
)
def test_contract_like_text(text: str, expected: bool):
    """S-209."""
    assert compiled(GRAMMAR.contract_shape).holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO", True, id="an action"),
        pytest.param("rolled", True, id="a roll"),
        pytest.param("@ 1.25", True, id="a labelled price"),
        pytest.param("1.25", False, id="a bare price"),
        pytest.param("nice", False, id="words"),
    ],
)
def test_what_makes_contract_like_text_an_order(text: str, expected: bool):
    """S-209."""
    assert compiled(GRAMMAR.order_words).holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 600 1/9", True, id="a strike and a date"),
        pytest.param("BTO 5 SPY 1/9 600", True, id="a date and a strike"),
        pytest.param("BTO SPY 600C 1/9", False, id="a right"),
        pytest.param("BTO SPY 600", False, id="no date: that is a price"),
    ],
)
def test_neither_call_nor_put(text: str, expected: bool):
    assert compiled(GRAMMAR.no_right).holds(text) is expected


def test_rights_by_every_spelling():
    assert GRAMMAR.right_of == {"c": "call", "call": "call", "calls": "call", "p": "put", "put": "put", "puts": "put"}
