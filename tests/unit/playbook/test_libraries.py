from dataclasses import replace

from engine.model.reading import PatternRule, ReadRules, Source, Words
from engine.model.source import Span
from engine.playbook.compile_read import WrittenWord
from engine.playbook.libraries import Libraries, Library

HERE = Span("lib.yaml", 2, 10, 2, 14)


def library(name: str, *words: tuple[str, str, str], uses: tuple[str, ...] = ()) -> Library:
    written = tuple(WrittenWord(*word, HERE) for word in words)
    rules = ReadRules(
        words=tuple(Words(field, value, (spelling,)) for field, value, spelling in words),
        patterns=(PatternRule(f"{name}-pattern", HERE),),
    )
    return Library(name, HERE, rules, written, tuple(Source(use, HERE) for use in uses))


ACTIONS = library("actions", ("action", "buy_to_open", "BTO"))
PARTS = library("parts", ("part", "part", "trim"))
ABOVE = library("above", uses=("actions", "parts"))


def test_own_rules_come_first_and_words_extend():
    own = ReadRules(words=(Words("action", "buy_to_open", ("in",)),), patterns=(PatternRule("own", HERE),))

    joined = Libraries([ACTIONS, PARTS]).join(("actions", "parts"), own, reads_quotes=True)

    assert [pattern.name for pattern in joined.patterns] == ["own", "actions-pattern", "parts-pattern"]
    assert joined.words == (Words("action", "buy_to_open", ("BTO", "in")), Words("part", "part", ("trim",)))
    assert joined.reads_quotes


def test_libraries_bring_those_they_build_on_each_once():
    libraries = Libraries([ACTIONS, PARTS, ABOVE])

    assert [each.name for each in libraries.used_by(("above", "actions"))] == ["above", "actions", "parts"]


def test_libraries_that_use_each_other_are_read_once():
    one, two = library("one", uses=("two",)), library("two", uses=("one",))

    assert [each.name for each in Libraries([one, two]).used_by(("one",))] == ["one", "two"]


def test_playbooks_without_rules_of_their_own_share_one_value():
    libraries = Libraries([ACTIONS])

    first = libraries.join(("actions",), ReadRules(), reads_quotes=False)

    assert libraries.join(("actions",), ReadRules(), reads_quotes=False) is first
    assert libraries.join(("actions",), ReadRules(), reads_quotes=True) == replace(first, reads_quotes=True)


def test_symbols_of_the_playbook_overrule_those_of_libraries():
    words = replace(ACTIONS, rules=ReadRules(not_symbols=frozenset({"ON", "HIGH"}), also_symbols=frozenset({"IT"})))
    own = ReadRules(not_symbols=frozenset({"IT"}), also_symbols=frozenset({"ON"}))

    joined = Libraries([words]).join(("actions",), own, reads_quotes=False)

    assert (joined.not_symbols, joined.also_symbols) == ({"HIGH", "IT"}, {"ON"})


def test_a_spelling_with_two_meanings_is_an_issue_where_the_second_stands():
    own = WrittenWord("action", "sell_to_close", "bto", Span("book.yaml", 9, 1, 9, 4))

    issues = Libraries([ACTIONS]).clashes(("actions",), [own])

    assert [(issue.code, issue.span) for issue in issues] == [("word_clash", own.span)]


def test_the_same_spelling_for_another_field_is_fine():
    assert Libraries([ACTIONS]).clashes(("actions",), [WrittenWord("part", "part", "BTO", HERE)]) == ()


def test_unknown_and_broken_libraries_are_told_apart():
    libraries = Libraries([ACTIONS], broken=["parts"])

    assert libraries.unknown("actions", HERE) is None
    broken, unknown = libraries.unknown("parts", HERE), libraries.unknown("action", HERE)
    assert broken is not None
    assert broken.code == "broken_library"
    assert unknown is not None
    assert (unknown.code, unknown.nearest) == ("unknown_library", "actions")
