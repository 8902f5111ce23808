"""All playbooks of a channel are read in one pass, and each says exactly what it says alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.alert import Reading
from engine.model.message import Embed
from engine.parse.channel import ChannelReader
from engine.parse.reader import MOST_BYTES, Reader
from tests.unit.parse.small import BTO, STC, alert_like, any_text, card, regex, rules, says, template

ENTRY = template("{open} {contract} {price?}")
READERS = {
    "entries": Reader(rules(ENTRY)),
    "the same": Reader(rules(ENTRY)),
    "exits": Reader(rules(template("{close} {fraction?} {contract} {price?}"), template("{close} {symbol} {end}"))),
    "cards": Reader(rules(card(title="{action}", fields={"Ticker": "{symbol}", "Entry": "{price}"}))),
    "signals": Reader(rules(regex(r"(?P<right>CALL|PUT).*(?P<symbol>[A-Z]{3})", action=BTO), words=())),
    "words": Reader(rules(template("{text}", action=STC), not_symbols=frozenset())),
    "nothing": Reader(rules()),
}
QUOTING = Reader(rules(ENTRY, reads_quotes=True))


def test_a_channel_nobody_listens_to_says_nothing():
    assert ChannelReader({}).read(says("BTO SPY 602C")) == {}


def test_each_playbook_reads_for_itself():
    """S-213."""
    read = ChannelReader(READERS).read(says("BTO SPY 602C @ 1.25"))

    assert list(read) == list(READERS)
    assert [name for name, reading in read.items() if reading.alerts] == ["entries", "the same", "words"]
    assert read["nothing"].refusal is not None


def test_a_text_too_long_is_refused_by_all():
    """S-207."""
    read = ChannelReader(READERS).read(says("x" * (MOST_BYTES + 1)))

    assert {reading.refusal and reading.refusal.code for reading in read.values()} == {"too_long"}


def test_playbooks_that_read_quotes_and_others_may_share_a_channel():
    """S-206."""
    read = ChannelReader({"plain": READERS["entries"], "quoting": QUOTING}).read(says("> BTO SPY 602C @ 1.25"))

    assert (read["plain"], len(read["quoting"].alerts)) == (Reading(), 1)


@settings(deadline=None)
@given(
    content=any_text | alert_like,
    title=alert_like,
    names=st.sets(st.sampled_from(sorted(READERS))),
    reads_quotes=st.booleans(),
)
def test_a_channel_gives_each_playbook_its_own_reading_exactly(
    content: str, title: str, names: set[str], reads_quotes: bool
):
    readers = {name: READERS[name] for name in sorted(names)} | ({"quoting": QUOTING} if reads_quotes else {})
    message = says(content, Embed(title=title, description="Ticker: SPY\nEntry: 1.25"))

    read = ChannelReader(readers).read(message)

    alone = {name: reader.read(message) for name, reader in readers.items()}
    assert {name: readers[name].with_nearest(message, reading) for name, reading in read.items()} == alone


@settings(deadline=None)
@given(content=any_text | alert_like, reads_quotes=st.booleans())
def test_what_is_called_chatter_says_nothing_to_anybody(content: str, reads_quotes: bool):
    channel = ChannelReader({"entries": READERS["entries"]} | ({"quoting": QUOTING} if reads_quotes else {}))

    if channel.is_chatter(content):
        assert set(channel.read(says(content)).values()) == {Reading()}


def test_talk_is_chatter_and_what_may_be_an_order_is_not():
    channel = ChannelReader({"entries": READERS["entries"]})

    assert [channel.is_chatter(text) for text in ("nice move", "**nice** 🚀 <@12>", "BTO SPY 602C", "x" * 9_999)] == [
        True, True, False, False
    ]  # fmt: skip
