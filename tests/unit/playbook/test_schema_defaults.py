"""The defaults that the schemas name are those the compiler fills in."""

import json
from collections.abc import Mapping
from pathlib import Path

from engine.playbook.rulebook import load_rulebook
from engine.playbook.schema_source import Json, SchemaNode, root

BARE = {
    "signalbook": 1,
    "playbook": "bare",
    "listen": {
        "channels": {"1255265167113978008": {"name": "momentum"}},
        "authors": {"301234567890123456": {"name": "alice", "may": ["open", "close"]}},
    },
    "read": {
        "use": ["us-options"],
        "patterns": [{"name": "own", "match": "{action} {contract} {price}"}],
        "structures": {"pair": {"words": ["pair"], "legs": [{"buy": 1, "right": "call"}, {"sell": 2}]}},
    },
    "size": {"percent": "2%"},
    "ladder": {"open": "slow", "close": "slow"},
    "ladders": {"slow": {"rungs": [{"at": "0%", "hold": "10s"}]}},
    "exits": {"stop": {"from": ["alert"]}, "flatten": {"before_close": "10m"}},
    "stages": {"sandbox": {"account": "cert"}, "production": {"account": "main", "approval": {"by": "approvers"}}},
}  # fmt: skip
DESK = {
    "signalbook": 1,
    "desk": "bare",
    "accounts": {"cert": {"kind": "sandbox", "broker": "paper"}, "main": {"kind": "production", "broker": "paper"}},
    "people": {"carol": {"discord": "501234567890123456", "permissions": ["approve"]}},
}


def spelt_out(data: Json, node: SchemaNode) -> Json:
    """Return data with every default of its schema written into it."""
    if isinstance(data, list):
        return [spelt_out(item, node.child(node.get("items"))) for item in data]
    if not isinstance(data, Mapping):
        return data
    known = node.properties()
    full = {key: spelt_out(value, known[key] if key in known else others(node)) for key, value in data.items()}
    for key, child in known.items():
        if key not in full and "default" in child.keywords:
            full[key] = child.get("default")
        elif key not in full and "object" in child.types and not child.get("required") and spelt_out({}, child):
            full[key] = spelt_out({}, child)
    return full


def others(node: SchemaNode) -> SchemaNode:
    """Return the schema of the keys that have no name."""
    return node.child(node.get("additionalProperties"))


def content_hash(folder: Path, playbook: Json, desk: Json) -> str:
    """Return the hash of a playbook beside a desk; JSON is YAML."""
    folder.mkdir()
    (folder / "bare.yaml").write_text(json.dumps(playbook), "utf-8")
    (folder / "desk.yaml").write_text(json.dumps(desk), "utf-8")
    rulebook = load_rulebook([folder])
    assert [(str(issue.span), issue.message) for issue in rulebook.issues if issue.is_error] == []
    return rulebook.playbooks[0].content_hash


def test_a_playbook_with_every_default_written_out_is_the_same_playbook(tmp_path: Path):
    """S-141."""
    spelt = spelt_out(BARE, root("playbook"))

    assert spelt["listen"]["max_age"] == {"open": "30s", "close": "10m"}
    assert spelt["ladders"]["slow"]["path"] == {"from": "mid", "to": "natural"}
    assert content_hash(tmp_path / "a", BARE, DESK) == content_hash(
        tmp_path / "b", spelt, spelt_out(DESK, root("desk"))
    )
