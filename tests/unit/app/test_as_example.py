"""A message written as an example says exactly what was posted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.as_example import example_text, name_of, quoted
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Embed, EmbedField
from engine.playbook.yaml_nodes import Mapping, Scalar
from engine.playbook.yaml_tree import read_yaml

AT = datetime(2026, 11, 24, 15, 5, 2, tzinfo=UTC)


def decision(outcome: Outcome, text: str = "", embeds: tuple[Embed, ...] = ()) -> Decision:
    return Decision("d", "p", "h", "1", 1, "2", "3", "Alice", AT, AT, text, (outcome,), embeds=embeds)


def refused(reason: Reason) -> Outcome:
    return Outcome(0, Verdict.DENIED, reason, "")


@given(text=st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_survives_quoting(text: str):
    node, issues = read_yaml(f"key: {quoted(text)}\n", "any.yaml")

    assert issues == ()
    assert isinstance(node, Mapping)
    assert isinstance(node.entries[0].value, Scalar)
    assert node.entries[0].value.text == text


@pytest.mark.parametrize(
    ("author", "name"),
    [("Alice", "alice"), ("Flow Bot™", "flow-bot"), ("__x__", "x"), ("日本", "somebody"), ("a.b", "a-b")],
)
def test_a_name_people_carry_becomes_one_the_language_takes(author: str, name: str):
    assert name_of(author) == name


def test_a_spread_names_its_legs():
    legs = (
        Leg(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, ratio=1),
        Leg(Action.SELL_TO_OPEN, "SPY", Asset.STOCK, ratio=100),
    )
    alert = Alert(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, legs)

    written = example_text(decision(Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", alert), "a spread"), "alice")

    assert written == (
        "  - at: 2026-11-24 15:05:02Z\n"
        "    by: alice\n"
        '    says: "a spread"\n'
        "    gives: {action: buy_to_open, symbol: SPY, legs: [{action: buy_to_open, asset: option}, "
        "{action: sell_to_open, asset: stock, ratio: 100}]}\n"
    )


def test_a_card_is_written_with_all_its_parts():
    card = Embed(title="BTO", fields=(EmbedField("Ticker", "SPY"), EmbedField("Entry", "1.25")), color="#19C2FF")
    posted = decision(refused(Reason.NO_PATTERN), "New!\nBTO\nTicker: SPY\nEntry: 1.25", (card,))

    written = example_text(posted, "alice")

    assert written == (
        "  - at: 2026-11-24 15:05:02Z\n"
        "    by: alice\n"
        "    message:\n"
        '      content: "New!"\n'
        "      embeds:\n"
        '        - title: "BTO"\n'
        '          color: "#19C2FF"\n'
        "          fields:\n"
        '            - {name: "Ticker", value: "SPY"}\n'
        '            - {name: "Entry", value: "1.25"}\n'
        "    gives: {refused: no_pattern}\n"
    )


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        (Reason.FORWARDED, "      forwarded: yes\n"),
        (Reason.IMAGE_ONLY, "      images: 1\n"),
        (Reason.DELETED, "      event: deleted\n"),
        (Reason.EDITED_IGNORED, "      event: edited\n"),
    ],
)
def test_what_was_refused_for_more_than_its_text_says_so(reason: Reason, row: str):
    assert row in example_text(decision(refused(reason), "BTO SPY"), "alice")
