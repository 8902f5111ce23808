"""Console blocks of documents: commands, and what they print."""

import re
from collections.abc import Callable

CUT = "…"


def renewed(block: str, printed: Callable[[str], list[str]]) -> str:
    """Return a block with the outputs its commands have now, each cut where the block cuts it with "…"."""
    lines: list[str] = []
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        output = printed(command.removeprefix("$ "))
        if shown and shown[-1] == CUT:
            output = [*output[: len(shown) - 1], CUT]
        lines += [command, *output, ""] if output else [command]
    return "\n".join(lines).rstrip("\n") + "\n"
