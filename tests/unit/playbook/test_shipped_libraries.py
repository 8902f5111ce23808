"""The libraries that are not used unless a playbook asks for them read what they say they read."""

import pytest

from engine.parse.reader import Reader
from engine.playbook.shipped import library_files
from engine.playbook.shipped_rules import US_LIBRARIES, shipped_rules
from tests.corpus.rows import message_of


@pytest.mark.parametrize(
    ("library", "text", "action"),
    [
        pytest.param("us-bare-exits", "All out!", "sell_to_close", id="all out, and nothing else"),
        pytest.param("us-bare-exits", "sold half", "sell_to_close", id="half, and nothing else"),
        pytest.param("us-bare-exits", "out at 3.10", "sell_to_close", id="out at a price"),
        pytest.param("us-implicit-entries", "$AI 29c 12/18 at 0.16", "buy_to_open", id="an entry without a verb"),
    ],
)
def test_what_an_optional_library_reads(library: str, text: str, action: str):
    """S-215: only where a playbook uses it."""
    message = message_of(text)

    assert [str(alert.action) for alert in Reader(shipped_rules((library,))).read(message).alerts] == [action]
    assert Reader(shipped_rules()).read(message).alerts == ()


def test_every_shipped_library_is_used_by_default_or_tested_here():
    optional = {"us-words", "us-bare-exits", "us-implicit-entries"}

    assert {path.stem for path in library_files()} == {*US_LIBRARIES, *optional}
