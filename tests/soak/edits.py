"""
Random edits of playbooks: each is refused, or `diff` shows exactly the keys that were touched.

`python -m tests.soak.edits 10000` edits that often; the test suite runs the same with a few hundred.
"""

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.model.errors import Issue
from engine.playbook.diff import diff
from engine.playbook.loader import LivePlaybook, PlaybookLoader, bind_file, has_errors
from engine.playbook.rulebook import load_rulebook
from engine.playbook.yaml_nodes import Entry, Mapping, Node, Scalar
from engine.playbook.yaml_nodes import Sequence as ListNode
from engine.playbook.yaml_tree import read_yaml

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "playbooks", ROOT / "tests" / "playbooks")
Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Original:
    """One good playbook, and the loader that reads its edited copies."""

    live: LivePlaybook
    tree: Mapping
    loader: PlaybookLoader

    def load(self, text: str) -> tuple[LivePlaybook | None, tuple[Issue, ...]]:
        node, issues = read_yaml(text, self.live.playbook.file)
        bound, shape_issues = bind_file(node, "playbook")
        if bound is None or has_errors(issues):
            return None, (*issues, *shape_issues)
        return self.loader.load(bound, text)


@dataclass(frozen=True)
class Edit:
    """
    One edit. text: the file after it. touched: the paths that `diff` must show.
    may_mean_the_same: another text may be the same value ("60s" and "1m"), which shows nothing.
    keeps_hash: the edit is of comments, order or spacing.
    """

    what: str
    text: str
    touched: frozenset[str]
    may_mean_the_same: bool = False
    keeps_hash: bool = False


def originals() -> list[Original]:
    """Return the shipped playbooks and those of the tests, loaded."""
    found = []
    for folder in FOLDERS:
        rulebook = load_rulebook([folder])
        for live in rulebook.playbooks:
            assert live.libraries is not None
            tree, _ = read_yaml(live.text, live.playbook.file)
            assert isinstance(tree, Mapping)
            found.append(Original(live, tree, PlaybookLoader(rulebook.desk, live.libraries, runs_examples=False)))
    return found


def check(original: Original, edit: Edit) -> str:
    """
    Return "refused", "same" or "changed"; raises AssertionError when the promise is broken.

    The reason an edit is refused for does not matter here; that it has one, with a place, does.
    """
    live, issues = original.load(edit.text)
    if live is None:
        assert has_errors(issues), f"{edit.what}: refused without an error"
        assert not edit.keeps_hash, f"{edit.what}: refused for {issues[0].message}"
        return "refused"
    changes = diff(original.live, live)
    shown = frozenset(change.path for change in changes)
    is_other = live.content_hash != original.live.content_hash
    allowed = (edit.touched, frozenset()) if edit.may_mean_the_same else (edit.touched,)
    assert shown in allowed, f"{edit.what}: shows {sorted(shown)}, touched {sorted(edit.touched)}"
    is_shown = any(change.changes_hash for change in changes)
    assert is_other == is_shown, f"{edit.what}: {changes}, hash differs: {is_other}"
    assert not (edit.keeps_hash and (is_other or shown)), f"{edit.what}: shows {sorted(shown)}"
    return "changed" if shown else "same"


def random_edit(original: Original, chance: random.Random) -> Edit:
    """Return one random edit of a playbook."""
    while True:
        edit = chance.choice(EDITS)(original.tree, chance)
        if edit is not None:
            return edit


def _dropped(tree: Mapping, chance: random.Random) -> Edit | None:
    keys, _ = chance.choice(list(_entries(tree)))
    return Edit(f"drop {path_of(tree, keys)}", emit(_without(tree, keys)), frozenset({path_of(tree, keys)}))


def _changed(tree: Mapping, chance: random.Random) -> Edit | None:
    keys, scalar = chance.choice(list(_scalars(tree)))
    text = _other_text(scalar.text, tree, chance)
    if text == scalar.text:
        return None
    changed = replace(scalar, text=text, is_plain=scalar.is_plain and _is_safe(text))
    touched = _touched_by(tree, keys, text)
    after = emit(_with(tree, keys, changed))
    return Edit(f"change {path_of(tree, keys)} to {text!r}", after, touched, may_mean_the_same=True)


def _renamed(tree: Mapping, chance: random.Random) -> Edit | None:
    keys, entry = chance.choice(list(_entries(tree)))
    name = _other_text(entry.key.text, tree, chance)
    parent = _at(tree, keys[:-1])
    assert isinstance(parent, Mapping)
    if name == entry.key.text or name in {other.key.text for other in parent.entries}:
        return None
    key = replace(entry.key, text=name, is_plain=entry.key.is_plain and _is_safe(name))
    renamed = tuple(replace(other, key=key) if other is entry else other for other in parent.entries)
    after = _with(tree, keys[:-1], replace(parent, entries=renamed))
    paths = {path_of(tree, keys), path_of(after, (*keys[:-1], name))}
    return Edit(f"rename {path_of(tree, keys)} to {name!r}", emit(after), frozenset(paths))


def _duplicated_key(tree: Mapping, chance: random.Random) -> Edit | None:
    keys, entry = chance.choice(list(_entries(tree)))
    parent = _at(tree, keys[:-1])
    assert isinstance(parent, Mapping)
    after = _with(tree, keys[:-1], replace(parent, entries=(*parent.entries, entry)))
    return Edit(f"duplicate {path_of(tree, keys)}", emit(after), frozenset({"only a refusal will do"}))


def _duplicated_item(tree: Mapping, chance: random.Random) -> Edit | None:
    lists = [keys for keys, node in _nodes(tree) if isinstance(node, ListNode) and node.items]
    keys = chance.choice(lists)
    node = _at(tree, keys)
    assert isinstance(node, ListNode)
    index = chance.randrange(len(node.items))
    after = _with(tree, keys, replace(node, items=(*node.items, node.items[index])))
    return Edit(f"duplicate item {index} of {path_of(tree, keys)}", emit(after), frozenset({path_of(tree, keys)}))


def _dropped_item(tree: Mapping, chance: random.Random) -> Edit | None:
    lists = [keys for keys, node in _nodes(tree) if isinstance(node, ListNode) and node.items]
    keys = chance.choice(lists)
    node = _at(tree, keys)
    assert isinstance(node, ListNode)
    index = chance.randrange(len(node.items))
    after = _with(tree, keys, replace(node, items=node.items[:index] + node.items[index + 1 :]))
    name = _name(node.items[index])
    is_named = name and len(node.items) > 1
    path = path_of(tree, keys) + (f"[{name}]" if is_named else "")
    return Edit(f"drop item {index} of {path_of(tree, keys)}", emit(after), frozenset({path}))


def _swapped_keys(tree: Mapping, chance: random.Random) -> Edit | None:
    mappings = [(keys, node) for keys, node in _nodes(tree) if isinstance(node, Mapping) and len(node.entries) > 1]
    keys, mapping = chance.choice(mappings)
    entries = list(mapping.entries)
    chance.shuffle(entries)
    after = _with(tree, keys, replace(mapping, entries=tuple(entries)))
    return Edit(f"reorder {path_of(tree, keys) or 'the file'}", emit(after), frozenset(), keeps_hash=True)


def _swapped_values(tree: Mapping, chance: random.Random) -> Edit | None:
    (one, first), (two, second) = chance.sample(list(_scalars(tree)), 2)
    if first.text == second.text:
        return None
    after = _with(_with(tree, one, second), two, first)
    touched = _touched_by(tree, one, second.text) | _touched_by(tree, two, first.text)
    is_list = len(one) > 1 and isinstance(_at(tree, one[:-2]), ListNode)
    if is_list and one[:-2] == two[:-2] and one[-1] == two[-1] == "name":
        touched = frozenset({path_of(tree, one[:-2])})  # two items that swap names are another order
    return Edit(f"swap {path_of(tree, one)} and {path_of(tree, two)}", emit(after), touched, may_mean_the_same=True)


def _respaced(tree: Mapping, chance: random.Random) -> Edit | None:
    lines = emit(tree, indent=chance.choice((1, 2, 3, 5))).splitlines()
    for _ in range(chance.randint(1, 5)):
        lines.insert(chance.randrange(len(lines)), chance.choice(("", "# a note", "      # another: {note}")))
    text = "\n".join(lines) + chance.choice(("", "\n", "\n\n"))
    return Edit("comments and spacing", text, frozenset(), keeps_hash=True)


EDITS: tuple[Callable[[Mapping, random.Random], Edit | None], ...] = (
    _dropped,
    _changed,
    _changed,
    _changed,
    _renamed,
    _duplicated_key,
    _duplicated_item,
    _dropped_item,
    _swapped_keys,
    _swapped_values,
    _respaced,
)


def _other_text(text: str, tree: Mapping, chance: random.Random) -> str:
    """Return a text that is a typing error, another number, or another value of the same file."""
    ways: list[Callable[[], str]] = [
        lambda: chance.choice(list(_scalars(tree)))[1].text,
        lambda: chance.choice(("", "yes", "no", "0", "-1", "null", "30s", "5%", "$1,000", "[]", "a: b", "ß")),
        lambda: text + chance.choice(("x", "0", " ", "%", "s")),
    ]
    if text:
        at = chance.randrange(len(text))
        ways.append(lambda: text[:at] + text[at + 1 :])
        ways.append(lambda: re.sub(r"\d", lambda _: str(chance.randint(0, 9)), text))
        ways.append(lambda: text[:at] + text[at].swapcase() + text[at + 1 :])
    return chance.choice(ways)()


def _touched_by(tree: Mapping, keys: Keys, text: str) -> frozenset[str]:
    """Return the paths a new text at a place touches: an item of a list that gets a new name is another item."""
    parent = _at(tree, keys[:-2]) if len(keys) > 1 else tree
    if keys[-1] == "name" and isinstance(parent, ListNode) and _name(_at(tree, keys[:-1])):
        before = path_of(tree, keys[:-1])
        return frozenset({before, path_of(tree, keys[:-2]) + f"[{text}]"})
    return frozenset({path_of(tree, keys)})


def path_of(tree: Mapping, keys: Keys) -> str:
    """Return a place as `diff` names it: items of lists of mappings by name or number, other lists as a whole."""
    path, node = "", tree
    for key in keys:
        if isinstance(node, ListNode):
            if not all(isinstance(item, Mapping) for item in node.items):
                return path
            item = node.items[int(key)]
            path += f"[{_name(item) or key}]"
            node = item
        else:
            path += f".{key}" if path else str(key)
            node = _at(node, (key,)) if isinstance(node, Mapping) else node
    return path


def _name(node: Node) -> str:
    if not isinstance(node, Mapping):
        return ""
    named = (entry.value for entry in node.entries if entry.key.text == "name")
    return next((value.text for value in named if isinstance(value, Scalar)), "")


def _nodes(node: Node, keys: Keys = ()) -> Iterator[tuple[Keys, Node]]:
    yield keys, node
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield from _nodes(entry.value, (*keys, entry.key.text))
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _nodes(item, (*keys, index))


def _scalars(tree: Node) -> Iterator[tuple[Keys, Scalar]]:
    return ((keys, node) for keys, node in _nodes(tree) if isinstance(node, Scalar))


def _entries(tree: Node) -> Iterator[tuple[Keys, Entry]]:
    for keys, node in _nodes(tree):
        if isinstance(node, Mapping):
            yield from (((*keys, entry.key.text), entry) for entry in node.entries)


def _at(node: Node, keys: Keys) -> Node:
    for key in keys:
        if isinstance(node, ListNode):
            node = node.items[int(key)]
        elif isinstance(node, Mapping):
            node = next(entry.value for entry in node.entries if entry.key.text == key)
    return node


def _with(node: Node, keys: Keys, part: Node) -> Node:
    if not keys:
        return part
    first, rest = keys[0], keys[1:]
    if isinstance(node, ListNode):
        items = list(node.items)
        items[int(first)] = _with(items[int(first)], rest, part)
        return replace(node, items=tuple(items))
    assert isinstance(node, Mapping)
    entries = tuple(
        replace(entry, value=_with(entry.value, rest, part)) if entry.key.text == first else entry
        for entry in node.entries
    )
    return replace(node, entries=entries)


def _without(tree: Mapping, keys: Keys) -> Node:
    parent = _at(tree, keys[:-1])
    assert isinstance(parent, Mapping)
    entries = tuple(entry for entry in parent.entries if entry.key.text != keys[-1])
    return _with(tree, keys[:-1], replace(parent, entries=entries))


def emit(node: Node, indent: int = 2) -> str:
    """Return a tree as YAML text in block style, plain scalars plain."""
    return "\n".join(_lines(node, indent)) + "\n"


def _lines(node: Node, indent: int) -> list[str]:
    if isinstance(node, Scalar):
        return [_scalar(node)]
    if isinstance(node, Mapping):
        return [line for entry in node.entries for line in _entry(entry, indent)] or ["{}"]
    return [line for item in node.items for line in _item(item, indent)] or ["[]"]


def _entry(entry: Entry, indent: int) -> list[str]:
    inner = _lines(entry.value, indent)
    key = _scalar(entry.key)
    if isinstance(entry.value, Scalar) or inner in (["{}"], ["[]"]):
        return [f"{key}: {inner[0]}".rstrip()]
    return [f"{key}:", *(" " * indent + line for line in inner)]


def _item(item: Node, indent: int) -> list[str]:
    first, *rest = _lines(item, indent)
    return [f"- {first}".rstrip(), *(f"  {line}" for line in rest)]


def _scalar(scalar: Scalar) -> str:
    if scalar.is_plain:
        return scalar.text
    return '"' + scalar.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _is_safe(text: str) -> bool:
    """Whether a text can stand without quotes: sometimes it does anyway, to see that refused."""
    return bool(re.fullmatch(r"[A-Za-z0-9$][A-Za-z0-9 ,.%$/_+-]*(?<! )", text))


def run(count: int, seed: int = 1) -> Counter[str]:
    """Make so many random edits; returns how many of them ended how."""
    chance = random.Random(seed)
    known = originals()
    # Long files are edited as often per line as short ones would be, but not all the time.
    weights = [1 / max(1, len(original.live.text) // 4000) for original in known]
    results: Counter[str] = Counter()
    for number in range(count):
        original = chance.choices(known, weights)[0]
        edit = random_edit(original, chance)
        try:
            results[check(original, edit)] += 1
        except AssertionError as error:
            raise AssertionError(f"edit {number} of {original.live.playbook.name}: {error}") from error
    return results


def main(arguments: Sequence[str]) -> int:
    """Run from the command line: how many edits, and a seed."""
    count = int(arguments[0]) if arguments else 10_000
    start = time.perf_counter()
    results = run(count, int(arguments[1]) if len(arguments) > 1 else 1)
    took = time.perf_counter() - start
    print(f"{count:,} random edits in {took:.0f} s: " + ", ".join(f"{results[key]:,} {key}" for key in sorted(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
