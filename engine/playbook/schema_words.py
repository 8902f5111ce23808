"""What a schema asks for, in words a person would use."""

from collections.abc import Mapping
from typing import Final

from engine.playbook.schema_source import Json, SchemaNode

_FORMATS: Final[Mapping[str, str]] = {
    "time-span": "a duration",
    "percent": "a percentage",
    "signed-percent": "a percentage with + or -",
    "money": "an amount in dollars",
    "amount": "dollars per share or a percentage",
    "yes-no": "yes or no",
    "clock-time": "a time of day",
    "date": "a date",
    "moment": "a date, a time and a time zone",
    "time-zone": "the name of a time zone",
    "range": "a range",
    "ticks": "a whole number of ticks",
    "snowflake": "a Discord id of 17 to 20 digits",
    "id": "a name in lower case",
    "code": "a code in lower case",
    "fraction": "a fraction",
    "ticker": "a symbol in capitals",
    "env-name": "the name of an environment variable",
    "expression": "a condition",
    "template": "a message template",
    "pattern": "a pattern",
    "re2": "a regular expression",
    "color": "a colour in quotes",
    "ladder-end": "cancel, leave … then cancel, or marketable_limit",
    "trigger": "bid, ask, mid or last, and how long it is held",
    "strike-choice": "atm or a delta",
}
_TYPES: Final[Mapping[str, str]] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "string": "text",
}
_PLURALS: Final = (("an amount", "amounts"), ("the name", "names"), ("a ", ""), ("an ", ""))
_MOST_EXAMPLES: Final = 3


def what(node: SchemaNode) -> str:
    """
    Return what a schema asks for, without examples.

    >>> from engine.playbook.schema_source import SchemaNode
    >>> what(SchemaNode({"type": "string", "format": "percent", "formatMaximum": "100%"}, ""))
    'a percentage up to 100%'
    """
    if "anyOf" in node.keywords and not node.types:
        return " or ".join(dict.fromkeys(what(node.child(branch)) for branch in node.get("anyOf")))
    if "const" in node.keywords:
        return f"{node.get('const')}, the {str(node.get('title', '')).lower()}"
    if "enum" in node.keywords and node.get("format") != "yes-no":
        choices = node.get("enum")
        return str(choices[0]) if len(choices) == 1 else f"one of {', '.join(map(str, choices))}"
    if "array" in node.types:
        return _list_of(node)
    if "object" in node.types:
        return "keys and values"
    name = _FORMATS.get(node.get("format", "")) or _TYPES.get(node.types[0] if node.types else "string", "text")
    return f"{name}{_limits(node)}"


def with_examples(node: SchemaNode) -> str:
    """Return what a schema asks for, with examples of it."""
    words = what(node)
    is_example_of_itself = "enum" in node.keywords or "const" in node.keywords
    examples = [written(example) for example in node.get("examples", ())[:_MOST_EXAMPLES]]
    if is_example_of_itself or not examples:
        return words
    joiner = ": " if "object" in node.types or "anyOf" in node.keywords else " such as "
    return f"{words}{joiner}{_either(examples)}"


def written(value: Json, *, is_inside: bool = False) -> str:
    """
    Return a JSON value as a person would write it in YAML.

    >>> written({"cost": "$2,500", "kinds": ["stock"]})
    '{cost: "$2,500", kinds: [stock]}'
    """
    if isinstance(value, Mapping):
        entries = (f"{_scalar(key, is_inside=True)}: {written(item, is_inside=True)}" for key, item in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(item, is_inside=True) for item in value)}]"
    return _scalar(value, is_inside=is_inside)


def _scalar(value: Json, *, is_inside: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    is_sign = text[:1] in "{}[]&*!|>%@`\"'#," or text.startswith(("- ", "? "))
    is_risky = is_sign or ": " in text or " #" in text or text.endswith(":")
    if is_risky or (is_inside and any(sign in text for sign in ",[]{}")) or (len(text) >= 17 and text.isdigit()):
        return f"'{text}'" if "\\" in text or '"' in text else f'"{text}"'
    return text


def _limits(node: SchemaNode) -> str:
    low = node.get("formatMinimum", node.get("minimum"))
    high = node.get("formatMaximum", node.get("maximum"))
    above = node.get("formatExclusiveMinimum")
    if above is not None:
        return f" above {above}" + (f" and up to {high}" if high is not None else "")
    if low not in (None, 0) and high is not None:
        return f" from {low} to {high}"
    if high is not None:
        return f" up to {high}"
    return "" if low in (None, 0) else f", {low} or more"


def _list_of(node: SchemaNode) -> str:
    item = node.child(node.get("items", {}))
    inner = what(item)
    if "enum" in item.keywords:
        return f"a list of {inner.removeprefix('one of ')}"
    if inner == "keys and values":
        return "a list of entries with keys and values"
    for start, plural in _PLURALS:
        if inner.startswith(start):
            head, _, tail = (plural + inner.removeprefix(start)).partition(" ")
            return f"a list of {head if head.endswith('s') else head + 's'}{' ' + tail if tail else ''}"
    return f"a list of {inner}"


def _either(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
