"""What is put into markup can never become markup."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from engine.replay.markup import Markup, element, escaped, joined


class Texts(HTMLParser):
    """Collects tags and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_no_text_makes_an_element(text: str, title: str):
    parser = Texts()

    parser.feed(element("p", text, title=title))
    parser.close()

    assert parser.tags == ["p"]


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_printable_text_is_shown_as_it_is(text: str):
    parser = Texts()

    parser.feed(element("p", text))
    parser.close()

    assert parser.text == text


def test_markup_is_taken_as_it_is():
    assert joined([Markup("<br>"), "<br>"]) == "<br>&lt;br&gt;"


def test_attributes_that_are_none_are_left_out():
    drawn = element("td", "x", class_=None, hidden=True, data_table="a", scope=False)

    assert drawn == '<td hidden data-table="a">x</td>'


def test_what_turns_the_direction_of_writing_is_replaced():
    assert escaped("a\u202eb\x00c") == "a\ufffdb\ufffdc"
