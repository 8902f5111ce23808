"""Raw text becomes plain text, and every character of it still knows where it came from."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.source import Place
from engine.parse.normalise import normalise
from tests.unit.parse.small import texts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("BTO SPY 600C @ 1.25, SL: 0.90", "BTO SPY 600C @ 1.25, SL: 0.90", id="plain text"),
        pytest.param("**BTO** SPY", " BTO  SPY", id="bold"),
        pytest.param("*BTO* SPY", " BTO  SPY", id="italics"),
        pytest.param("__BTO__ a_b", " BTO  a_b", id="underlined, but not a single underscore"),
        pytest.param("# BTO SPY", " BTO SPY", id="heading in otherwise plain text"),
        pytest.param("a\n-# small print", "a\n small print", id="subtext"),
        pytest.param("issue #5", "issue #5", id="a number sign inside a line is no heading"),
        pytest.param("[BTO](https://x.y/z) SPY", "[BTO  SPY", id="the address of a link"),
        pytest.param("BTO SPY https://x.y/1.55", "BTO SPY  ", id="a bare address"),
        pytest.param(":rocket: BTO", "  BTO", id="an emoji by name"),
        pytest.param("<:moon:123> BTO <a:x:4>", "  BTO  ", id="custom emoji"),
        pytest.param("<@!12> <@&3> <#4> <t:17:R> </cmd:5>", "         ", id="mentions, times and commands"),
        pytest.param("@alice @everyone buy", "    buy", id="mentions by name"),
        pytest.param("BTO SPY @market", "BTO SPY @market", id="a price word behind @ is no person"),
        pytest.param("BTO SPY @market.", "BTO SPY @market.", id="a price word at the end of a sentence"),
        pytest.param("@ 1.25", "@ 1.25", id="a price sign"),
        pytest.param("||BTO||", " BTO ", id="spoiler"),
        pytest.param("6\u200b0\ufeff0C", "600C", id="zero-width characters"),
        pytest.param("ＢＴＯ ６００Ｃ", "BTO 600C", id="full-width letters and digits"),
        pytest.param("½ of it", "1/2 of it", id="a fraction written as one character"),
        pytest.param("10²", "10²", id="a raised 2 is not a 2"),
        pytest.param("a – b — c − d", "a - b - c - d", id="dashes"),
        pytest.param("“don’t”", '"don\'t"', id="quotation marks"),
        pytest.param("600 → 605", "600 > 605", id="arrows"),
        pytest.param("a\xa0b\u2028c", "a b\nc", id="odd spaces and line breaks"),
        pytest.param("🚀BTO✅", " BTO ", id="emoji"),
        pytest.param("\ud83dBTO", " BTO", id="half a character"),
        pytest.param("SРY", "SРY", id="a Cyrillic letter stays what it is"),
        pytest.param("a\n> BTO SPY\nb", "a\n\n\nb", id="a quoted line"),
        pytest.param("a\n>>> BTO\nSPY", "a\n\n", id="everything below a long quote"),
        pytest.param("~~BTO~~ STC", "\n STC", id="struck text"),
        pytest.param("`BTO` STC", "\n STC", id="code"),
        pytest.param("```\nBTO\n``` STC", "\n STC", id="a block of code"),
        pytest.param("STC ```BTO", "STC \n", id="a block of code that is never closed"),
        pytest.param("600 > 605", "600 > 605", id="a greater-than sign inside a line quotes nothing"),
    ],
)
def test_what_patterns_see(raw: str, expected: str):
    """S-206, S-217."""
    assert normalise(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("> BTO SPY", " BTO SPY", id="a quoted line"),
        pytest.param(">>> BTO\nSPY", " BTO\nSPY", id="a long quote"),
        pytest.param("~~BTO~~ STC", " BTO  STC", id="struck text"),
        pytest.param("`BTO`", " BTO ", id="code"),
        pytest.param("```BTO```", " BTO ", id="a block of code"),
    ],
)
def test_a_playbook_may_read_quoted_text_too(raw: str, expected: str):
    """S-206."""
    seen = normalise(raw, reads_quotes=True)

    assert (seen.text, seen.quoted) == (expected, ())


def test_quoted_stretches_are_remembered():
    raw = "a\n> one\n~~two~~ `three`"

    assert [raw[start:end] for start, end in normalise(raw).quoted] == ["> one", "~~two~~", "`three`"]


@pytest.mark.parametrize(
    ("raw", "words", "expected"),
    [
        pytest.param("BTO SPY", "SPY", "SPY", id="plain"),
        pytest.param("**BTO** SPY", "SPY", "SPY", id="behind marks"),
        pytest.param("🚀🚀 SPY", "SPY", "SPY", id="behind emoji"),
        pytest.param("6\u200b00C", "600C", "6\u200b00C", id="around a zero-width character"),
        pytest.param("ＳＰＹ", "SPY", "ＳＰＹ", id="full-width"),
        pytest.param("sell ½ now", "1/2", "½", id="one character that became three"),
        pytest.param("\ud83d SPY", "SPY", "SPY", id="behind half a character"),
    ],
)
def test_a_place_points_at_the_raw_words(raw: str, words: str, expected: str):
    """S-217."""
    seen = normalise(raw, "embed 2")
    start = seen.text.index(words)

    place = seen.place(start, start + len(words))

    assert (place.part, raw[place.start : place.end]) == ("embed 2", expected)


def test_an_empty_place_is_empty_in_the_raw_text_too():
    assert normalise("**BTO** SPY").place(6, 6) == Place("content", 8, 8)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("BTO \u202eYPS", True, id="right-to-left override"),
        pytest.param("BTO\u2066SPY\u2069", True, id="isolated"),
        pytest.param("BTO SPY 🚀", False, id="emoji do not turn the text"),
    ],
)
def test_characters_that_turn_the_writing_direction_are_noticed(raw: str, expected: bool):
    seen = normalise(raw)

    assert seen.has_bidi is expected
    assert "\u202e" not in seen.text


plain_texts = st.text(st.sampled_from("ABCabc019 .,$%/?!()-+=;'\"\n"), max_size=80)


@given(plain_texts)
def test_plain_text_is_returned_unchanged(raw: str):
    seen = normalise(raw)

    assert (seen.text, seen.raw, seen.quoted) == (raw, raw, ())
    assert all(seen.place(at, at + 1) == Place("content", at, at + 1) for at in range(len(raw)))


@given(raw=texts, reads_quotes=st.booleans())
def test_every_position_stands_inside_the_raw_text_in_order(raw: str, reads_quotes: bool):
    seen = normalise(raw, reads_quotes=reads_quotes)

    starts = [seen.raw_start(at) for at in range(len(seen.text) + 1)]

    assert starts == sorted(starts)
    assert all(0 <= start < len(raw) for start in starts[:-1])
    assert starts[-1] <= len(raw)
    assert seen.raw == raw


@given(texts)
def test_a_letter_or_digit_comes_from_a_character_that_reads_so(raw: str):
    seen = normalise(raw)

    for at, char in enumerate(seen.text):
        if char.isalnum():
            place = seen.place(at, at + 1)
            origin = raw[place.start : place.end]
            assert char in origin + unicodedata.normalize("NFKC", origin)


@given(raw=texts, reads_quotes=st.booleans())
def test_what_patterns_see_can_always_be_encoded(raw: str, reads_quotes: bool):
    seen = normalise(raw, reads_quotes=reads_quotes)

    assert seen.text.encode("utf-8").decode("utf-8") == seen.text
    assert not set(seen.text) & set("\u200b\u200d\ufeff\u202a\u202e\u2066")


@given(before=plain_texts, quoted=st.text(st.sampled_from("BTOSPY600C @1.25*_~`|"), min_size=1), after=plain_texts)
def test_a_quoted_line_is_a_line_break_to_what_stands_around_it(before: str, quoted: str, after: str):
    seen = normalise(f"{before}\n> {quoted}\n{after}")

    assert seen.text == f"{normalise(before).text}\n\n\n{normalise(after).text}"
