from pathlib import Path

import pytest

from engine.playbook.files import FileKind, find_files
from engine.playbook.rulebook import Rulebook, load_rulebook, load_texts
from engine.playbook.shipped import library_files
from tests.unit.playbook.texts import BASE, DESK, LIBRARIES


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load(*paths: Path) -> Rulebook:
    return load_rulebook(paths, shipped=LIBRARIES)


def names(rulebook: Rulebook) -> list[str]:
    return [live.playbook.name for live in rulebook.playbooks]


def named(name: str) -> str:
    return BASE.replace("playbook: base", f"playbook: {name}")


def test_a_folder_is_desk_libraries_and_playbooks(tmp_path: Path):
    own = "signalbook: 1\nlibrary: own\nwords: {part: [trim]}\n"
    folder = write(tmp_path, desk=DESK, lib__own=own, a=named("a"), b=named("b").replace("options]", "options, own]"))

    rulebook = load(folder)

    assert rulebook.issues == ()
    assert names(rulebook) == ["a", "b"]
    assert rulebook.desk is not None
    assert rulebook.desk.name == "golden-desk"
    part = [words.spellings for words in rulebook.playbooks[1].playbook.read.words if words.field == "part"]
    assert part == [("trim",)]


def test_one_colleagues_typing_error_blocks_nobody_else(tmp_path: Path):
    folder = write(tmp_path, desk=DESK, a=named("a"), b=named("b") + "sise: {}\n", c=named("c") + "size: {\n")

    rulebook = load(folder)

    assert names(rulebook) == ["a"]
    assert {Path(issue.span.file).name for issue in rulebook.issues} == {"b.yaml", "c.yaml"}


def test_a_single_file_is_loaded_with_the_desk_and_libraries_beside_it(tmp_path: Path):
    folder = write(tmp_path, desk=DESK, a=named("a") + "stages: {sandbox: {account: cert}}\n", b=named("b"))

    rulebook = load(folder / "a.yaml")

    assert rulebook.issues == ()
    assert names(rulebook) == ["a"]


def test_a_broken_desk_blocks_only_what_depends_on_it(tmp_path: Path):
    staged = named("a") + "stages: {sandbox: {account: cert}}\n"
    folder = write(tmp_path, desk="signalbook: 1\ndesk: Bad Name\n", a=staged, b=named("b"))

    rulebook = load(folder)

    assert rulebook.desk is None
    assert names(rulebook) == ["b"]
    assert [issue.code for issue in rulebook.issues] == ["bad_name", "no_desk"]


def test_a_broken_library_blocks_only_what_uses_it(tmp_path: Path):
    own = "signalbook: 1\nlibrary: own\nwords: {prt: [trim]}\n"
    above = "signalbook: 1\nlibrary: above\nuse: [own]\n"
    using = named("b").replace("us-options]", "us-options, above]")
    folder = write(tmp_path, lib__own=own, lib__above=above, a=named("a"), b=using)

    rulebook = load(folder)

    assert names(rulebook) == ["a"]
    assert [issue.code for issue in rulebook.issues] == ["broken_library", "unknown_key", "broken_library"]


def test_libraries_use_libraries(tmp_path: Path):
    own = "signalbook: 1\nlibrary: own\nuse: [us-options, other]\n"
    other = "signalbook: 1\nlibrary: other\nuse: [own]\nwords: {part: [trim]}\n"
    folder = write(tmp_path, lib__own=own, lib__other=other, a=named("a").replace("us-options", "own"))

    rulebook = load(folder)

    assert rulebook.issues == ()
    assert {words.field for words in rulebook.playbooks[0].playbook.read.words} >= {"part", "action"}


def test_of_two_playbooks_with_one_name_neither_goes_live(tmp_path: Path):
    rulebook = load(write(tmp_path, a=named("same"), b=named("same"), c=named("c")))

    assert names(rulebook) == ["c"]
    assert [issue.code for issue in rulebook.issues] == ["duplicate_playbook"]


def test_warnings_do_not_keep_a_playbook_from_going_live(tmp_path: Path):
    rulebook = load(write(tmp_path, a=named("a").replace("[open, close]", "[close]")))

    assert [(issue.code, issue.is_error) for issue in rulebook.issues] == [("nobody_may_open", False)]
    assert names(rulebook) == ["a"]


def test_issues_come_in_the_order_of_the_files(tmp_path: Path):
    bad = "sise: {}\nrisk: {max_spread: 2}\n"
    library = "signalbook: 1\nlibrary: z\ny: 1\n"
    folder = write(tmp_path, desk=DESK + "x: 1\n", lib__z=library, a=named("a") + bad, b=bad)

    places = [(Path(issue.span.file).stem, issue.span.line) for issue in load(folder).issues]

    assert [name for name, _ in places] == sorted((name for name, _ in places), key=["desk", "z", "a", "b"].index)
    assert places == sorted(places, key=lambda place: (["desk", "z", "a", "b"].index(place[0]), place[1]))


def test_by_channel(tmp_path: Path):
    threads = named("b").replace("{name: momentum}", "{name: momentum, threads: yes}")
    rulebook = load(write(tmp_path, a=named("a"), b=threads))

    def heard(*place: str) -> list[str]:
        return [live.playbook.name for live in rulebook.by_channel(*place)]

    assert heard("1255265167113978008") == ["a", "b"]
    assert heard("99", "1255265167113978008") == ["b"]
    assert heard("99") == []


def test_texts_are_kept_for_pointing(tmp_path: Path):
    rulebook = load(write(tmp_path, a=named("a")))

    assert rulebook.texts[(tmp_path / "a.yaml").as_posix()] == named("a")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("gone", "unreadable_folder", id="folder"),
        pytest.param("gone.yaml", "unreadable_file", id="file"),
        pytest.param(".", "no_playbooks", id="empty folder"),
    ],
)
def test_what_cannot_be_found_is_an_issue(path: str, code: str, tmp_path: Path):
    rulebook = load(tmp_path / path)

    assert [issue.code for issue in rulebook.issues] == [code]
    assert rulebook.playbooks == ()


def test_hidden_files_and_other_endings_are_passed_over(tmp_path: Path):
    folder = write(tmp_path, a=named("a"))
    (folder / ".b.yaml").write_text("x", encoding="utf-8")
    (folder / "c.yaml~").write_text("x", encoding="utf-8")
    (folder / "d.yml").write_text(named("d"), encoding="utf-8")

    files, issues = find_files([folder], ())

    assert issues == ()
    assert [file.path.name for file in files] == ["a.yaml", "d.yml"]
    assert {file.kind for file in files} == {FileKind.PLAYBOOK}


def test_a_shipped_library_in_the_folder_itself_is_no_clash(tmp_path: Path):
    folder = write(tmp_path, a=named("a"), **{"lib__us-options": LIBRARIES[0].read_text("utf-8")})

    rulebook = load_rulebook([folder], shipped=[folder / "lib" / "us-options.yaml"])

    assert rulebook.issues == ()


def test_playbooks_without_words_of_their_own_share_a_reader(tmp_path: Path):
    rulebook = load(write(tmp_path, a=named("a"), b=named("b")))

    assert rulebook.playbooks[0].reader is rulebook.playbooks[1].reader


def test_a_copied_shipped_library_is_no_clash(tmp_path: Path):
    (tmp_path / "lib").mkdir()
    for library in library_files():
        (tmp_path / "lib" / library.name).write_text(f"# ours\n{library.read_text(encoding='utf-8')}", encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BASE, encoding="utf-8")

    rulebook = load_rulebook([tmp_path])

    assert [issue for issue in rulebook.issues if issue.is_error] == []
    assert [live.playbook.name for live in rulebook.playbooks] == ["base"]


def test_texts_alone_give_the_same_rulebook(tmp_path: Path):
    own = "signalbook: 1\nlibrary: own\nwords: {part: [trim]}\n"
    folder = write(tmp_path, desk=DESK, lib__own=own, a=named("a"), b=named("b").replace("options]", "options, own]"))
    rulebook = load(folder)

    again = load_texts(rulebook.texts)

    assert [live.terms for live in again.playbooks] == [live.terms for live in rulebook.playbooks]
    assert [live.content_hash for live in again.playbooks] == [live.content_hash for live in rulebook.playbooks]
    assert (again.desk, again.issues, again.texts) == (rulebook.desk, rulebook.issues, rulebook.texts)


def test_texts_bring_their_own_libraries(tmp_path: Path):
    """A later version may ship others; a decision of this one is derived with those it was made with."""
    rulebook = load(write(tmp_path, desk=DESK, a=named("a")))
    (library,) = (file for file in rulebook.texts if file.endswith("/us-options.yaml"))

    without = load_texts({file: text for file, text in rulebook.texts.items() if file != library})

    assert {issue.code for issue in without.issues} == {"unknown_library"}


def test_desk_libraries_and_playbooks_are_all_among_the_texts(tmp_path: Path):
    rulebook = load_rulebook([write(tmp_path, desk=DESK, a=named("a"))])

    shipped = {file.name for file in library_files()}
    assert {Path(file).name for file in rulebook.texts} == {"desk.yaml", "a.yaml", *shipped}
