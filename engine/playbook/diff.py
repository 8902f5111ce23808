"""What differs between two versions of a playbook: the keys touched, and whether that makes it another one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.model.source import Span
from engine.playbook.bound import Bound
from engine.playbook.compile_playbook import compile_playbook
from engine.playbook.effective import Hasher
from engine.playbook.libraries import Libraries
from engine.playbook.loader import LivePlaybook, bind_file
from engine.playbook.yaml_nodes import source_lines
from engine.playbook.yaml_tree import read_yaml

_Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One key that two versions differ in.

    path: "size.percent", "read.patterns[entry].match", "ladders.normal.rungs[0].hold"; "library us-options"
    when a library in use says something else. old, new: as written; "" where the key is absent.
    changes_hash: whether the change, made alone, is another effective playbook.
    """

    path: str
    old: str
    new: str
    changes_hash: bool


@dataclass(frozen=True, slots=True)
class _Difference:
    """unit: steps to the smallest part that stands on its own: lists are compared item by item."""

    path: str
    unit: _Steps
    old: Bound | None
    new: Bound | None


@dataclass(frozen=True, slots=True)
class _Version:
    """One version with its file as it is written."""

    live: LivePlaybook
    written: Bound
    libraries: Libraries


def diff(old: LivePlaybook, new: LivePlaybook) -> tuple[Change, ...]:
    """
    Return every key touched between two versions, in the order of the old file, added keys last.

    Both must have been loaded from files. Keys whose values are equal as typed ("60s" and "1m") are not touched.
    """
    before, after = _version(old), _version(new)
    differences = tuple(_differences(before.written, after.written, "", ()))
    hasher = Hasher()
    effects = {each.unit: _matters(before, each.unit, after.written, hasher) for each in differences}
    if old.content_hash != new.content_hash and not any(effects.values()):
        effects = dict.fromkeys(effects, True)
    changes = tuple(
        Change(each.path, _as_written(each.old, old.text), _as_written(each.new, new.text), effects[each.unit])
        for each in differences
    )
    return (*changes, *_libraries(before, after, hasher))


def _version(live: LivePlaybook) -> _Version:
    node, _ = read_yaml(live.text, live.playbook.file)
    bound, _ = bind_file(node, "playbook")
    if bound is None or live.libraries is None:
        raise ValueError("only playbooks loaded from files can be compared")
    return _Version(live, bound, live.libraries)


def _differences(old: Bound, new: Bound, path: str, unit: _Steps) -> Iterator[_Difference]:
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        yield from _of_mappings(old.value, new.value, path, unit)
    elif _items(old) and _items(new):
        yield from _of_lists(old, new, path, unit)
    elif not _same(old, new):
        yield _Difference(path, unit, old, new)


def _of_mappings(old: Mapping[str, Bound], new: Mapping[str, Bound], path: str, unit: _Steps) -> Iterator[_Difference]:
    # A key that takes the place of another cannot come or go without it, nor keys of an item of a list.
    is_renamed = bool(old.keys() - new.keys()) and bool(new.keys() - old.keys())
    for key in dict.fromkeys((*old, *new)):
        inner = f"{path}.{key}" if path else key
        before, after = old.get(key), new.get(key)
        if before is not None and after is not None:
            yield from _differences(before, after, inner, _step(unit, key))
        else:
            yield _Difference(inner, unit if is_renamed else _step(unit, key), before, after)


def _step(unit: _Steps, step: str | int) -> _Steps:
    return unit if any(isinstance(each, int) for each in unit) else (*unit, step)


def _of_lists(old: Bound, new: Bound, path: str, unit: _Steps) -> Iterator[_Difference]:
    before, after = _items(old), _items(new)
    names = [_name(item) for item in before]
    if names != [_name(item) for item in after] or len(before) != len(after):
        yield from _of_named_lists(old, new, path, unit)
        return
    for index, (one, other) in enumerate(zip(before, after, strict=True)):
        yield from _differences(one, other, f"{path}[{names[index] or index}]", _step(unit, index))


def _of_named_lists(old: Bound, new: Bound, path: str, unit: _Steps) -> Iterator[_Difference]:
    """Lists of named items differ in the names that came and went; other lists, and a new order, as a whole."""
    before = {_name(item): item for item in _items(old)}
    after = {_name(item): item for item in _items(new)}
    kept = [name for name in before if name in after]
    is_named = "" not in before and "" not in after and len(before) == len(_items(old))
    if not is_named or kept != [name for name in after if name in before]:
        yield _Difference(path, unit, old, new)
        return
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        inner = f"{path}[{name}]"
        if one is not None and other is not None:
            yield from _differences(one, other, inner, unit)
        else:
            yield _Difference(inner, unit, one, other)


def _items(bound: Bound) -> tuple[Bound, ...]:
    """Return the items of a list of mappings; nothing for any other value."""
    value = bound.value
    if not isinstance(value, tuple):
        return ()
    items = tuple(item for item in value if isinstance(item, Bound) and isinstance(item.value, dict))
    return items if len(items) == len(value) else ()


def _name(item: Bound) -> str:
    name = item.value.get("name") if isinstance(item.value, dict) else None
    return name.value if name is not None and isinstance(name.value, str) else ""


def _same(old: Bound, new: Bound) -> bool:
    return _plain(old) == _plain(new)


def _plain(bound: object) -> object:
    """Return a bound value without the places."""
    value = bound.value if isinstance(bound, Bound) else bound
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return type(value), value


def _matters(old: _Version, unit: _Steps, new: Bound, hasher: Hasher) -> bool:
    """Whether this part alone, put into the old version, makes another effective playbook."""
    changed = _with(old.written, unit, _at(new, unit))
    return hasher.content_hash(compile_playbook(changed, old.libraries)[0]) != old.live.content_hash


def _at(bound: Bound, unit: _Steps) -> Bound | None:
    for step in unit:
        inner = bound.value
        found = inner.get(step) if isinstance(inner, dict) and isinstance(step, str) else None
        if isinstance(inner, tuple) and isinstance(step, int):
            item = inner[step]
            found = item if isinstance(item, Bound) else None
        if found is None:
            return None
        bound = found
    return bound


def _with(bound: Bound, unit: _Steps, part: Bound | None) -> Bound:
    """Return a tree in which one part is another; None takes it out."""
    if not unit:
        return part if part is not None else bound
    step, rest = unit[0], unit[1:]
    if isinstance(bound.value, tuple) and isinstance(step, int):
        items = [item for item in bound.value if isinstance(item, Bound)]
        items[step] = _with(items[step], rest, part)
        return replace(bound, value=tuple(items))
    if not isinstance(bound.value, dict) or not isinstance(step, str):
        return bound
    entries = dict(bound.value)
    if rest and step in entries:
        entries[step] = _with(entries[step], rest, part)
    elif part is not None:
        entries[step] = part
    else:
        entries.pop(step, None)
    return replace(bound, value=entries)


def _as_written(bound: Bound | None, text: str) -> str:
    """Return what stands at a value's place, on one line."""
    return " ".join(_stretch(bound.span, source_lines(text)).split()) if bound is not None and text else ""


def _stretch(span: Span, lines: list[str]) -> str:
    rows = lines[span.line - 1 : span.end_line]
    if not rows:
        return ""
    rows[-1] = rows[-1][: span.end_column - 1]
    rows[0] = rows[0][span.column - 1 :]
    return "\n".join(rows)


def _libraries(old: _Version, new: _Version, hasher: Hasher) -> Iterator[Change]:
    before, after = _digests(old, hasher), _digests(new, hasher)
    for name in dict.fromkeys((*before, *after)):
        if name in before and name in after and before[name] != after[name]:
            yield Change(f"library {name}", before[name], after[name], changes_hash=True)


def _digests(version: _Version, hasher: Hasher) -> dict[str, str]:
    used = version.libraries.used_by(version.live.playbook.libraries)
    return {library.name: hasher.digest(library.rules) for library in used}
