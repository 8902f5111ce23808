"""Channels of alert bots nobody had seen before, each taken on by a playbook alone."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.model.message import Embed, Message
from engine.model.reading import PatternRule, ReadRules
from engine.model.source import Span
from engine.parse.check import check_rules
from engine.parse.shapes import FIELDS
from engine.playbook.rulebook import load_rulebook
from tests.cards.channels import NAMES, Said, judged, rows, rulebook

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "read.schema.json").read_text("utf-8"))
ROWS = [pytest.param(name, index, id=f"{name}: {row.why}") for name in NAMES for index, row in enumerate(rows(name))]
# What may be left out of a message without making it another order.
ADDED = ("quantity", "stop", "targets", "tags", "price", "price_high")


def _plain(value: Said) -> Said:
    """Return an expectation with its figures told apart by value, not by how they are written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:
        return value


@pytest.mark.parametrize("name", NAMES)
def test_its_playbook_has_nothing_wrong_with_it(name: str):
    """S-215."""
    assert rulebook(name).issues == ()


@pytest.mark.parametrize("name", NAMES)
def test_its_messages_hold_entries_exits_and_what_must_not_trade(name: str):
    expected = [row.expected for row in rows(name)]
    actions = {alert["action"] for alerts in expected if isinstance(alerts, list) for alert in alerts}

    assert actions & {"BTO", "STO"}
    assert actions & {"STC", "BTC"}
    assert any(not isinstance(said, list) for said in expected)


@pytest.mark.parametrize(("name", "index"), ROWS)
def test_it_is_read_as_a_careful_person_reads_it(name: str, index: int):
    """S-215, S-216: the whole value, exits with the contract of the position they mean."""
    row = rows(name)[index]

    assert _plain(judged(name, index, row.message)) == _plain(row.expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_that_lost_something_is_never_another_order(name: str):
    """S-201: it says the same contract, or it is not traded."""
    for index, row in enumerate(rows(name)):
        whole = _contracts(row.expected)
        for less in () if isinstance(row.expected, dict) else _with_less(row.message):
            said = judged(name, index, less)
            assert all(contract in whole for contract in _contracts(said)), (row.why, less)


@pytest.mark.parametrize("name", NAMES)
def test_the_fields_of_a_card_may_stand_in_any_order(name: str):
    """S-216."""
    for index, row in enumerate(rows(name)):
        embeds = tuple(replace(embed, fields=embed.fields[::-1]) for embed in row.message.embeds)
        if embeds != row.message.embeds:
            said = judged(name, index, replace(row.message, embeds=embeds))
            assert _plain(said) == _plain(row.expected), row.why


def _contracts(said: Said) -> list[Said]:
    """Return what is traded, without what may be missing."""
    alerts = said if isinstance(said, list) else []
    return [{key: _plain(value) for key, value in alert.items() if key not in ADDED} for alert in alerts]


def _with_less(message: Message) -> Iterator[Message]:
    """Yield the message with one thing less: a field, a line, a title, a footer, an author or a colour."""
    for number, embed in enumerate(message.embeds):
        for less in _embeds_with_less(embed):
            yield replace(message, embeds=(*message.embeds[:number], less, *message.embeds[number + 1 :]))
    for text in _texts_with_less(message.content):
        yield replace(message, content=text)


def _embeds_with_less(embed: Embed) -> Iterator[Embed]:
    for index in range(len(embed.fields)):
        yield replace(embed, fields=embed.fields[:index] + embed.fields[index + 1 :])
    for text in _texts_with_less(embed.description):
        yield replace(embed, description=text)
    for slot in ("title", "footer", "author", "color"):
        if getattr(embed, slot):
            yield replace(embed, **{slot: ""})


def _texts_with_less(text: str) -> Iterator[str]:
    lines = text.split("\n")
    return ("\n".join(lines[:index] + lines[index + 1 :]) for index, line in enumerate(lines) if line.strip())


def test_the_playbook_of_the_page_on_new_channels_has_nothing_wrong_with_it(tmp_path: Path):
    """S-215: what the page shows works as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "new-channel.md").read_text("utf-8")
    playbook = tmp_path / "night-owl.yaml"
    playbook.write_text(page.rpartition("```yaml\n")[2].partition("```")[0], "utf-8")

    loaded = load_rulebook([playbook])

    assert (loaded.issues, [live.playbook.name for live in loaded.playbooks]) == ((), ["night-owl"])


def test_every_field_of_a_template_is_explained_to_the_editor():
    """S-107."""
    explained = SCHEMA["$defs"]["pattern-template"]["description"]

    assert [field for field in FIELDS if not re.search(rf"\b{field}\b", explained)] == []


def test_whatever_the_schema_lets_a_pattern_set_can_be_set():
    """S-117."""
    here = Span("small.yaml", 1, 1, 1, 2)
    rules = [
        PatternRule("a", here, constants=(("action", "none"), (name, "")))
        for name in SCHEMA["$defs"]["constants"]["properties"]
    ]

    issues = [issue for rule in rules for issue in check_rules(ReadRules(patterns=(rule,)))]

    assert [issue.message for issue in issues if issue.code == "unknown_field"] == []
