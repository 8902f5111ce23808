"""Taking out of answers what tells whose they are."""

import json
import re
from collections.abc import Iterable
from typing import Final

from engine.model.wire_answer import WireAnswer

HIDDEN: Final = "***"
_LARGEST: Final = 200_000
_SHORTEST: Final = 4
_HEADERS_KEPT: Final = frozenset({"content-type", "retry-after", "server"})
_PRIVATE: Final = re.compile(
    r"(?:account|customer|user|tax|ssn|phone|e?mail|birth|street|address|city|zip|postal|token|secret|password)"
    r"(?:[-_]?(?:number|id|name|s?|ids|date|code|one|two|three))*"
    r"|.*[-_](?:token|secret|password|email|phone[-_]number)|(?:first|last|middle|full|nick|user)[-_]?name"
    r"|web[-_]socket[-_]session[-_]id",
    re.IGNORECASE,
)
_SHAPES: Final = re.compile(
    r"eyJ[\w-]+\.[\w.-]+"  # JSON web tokens
    r"|bearer\s+[^\s\"']+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # addresses of mail
    r"|\b5W[A-Z0-9]{6}\b",  # account numbers as the broker writes them
    re.IGNORECASE,
)


class Redaction:
    """
    What is hidden: all that is known to be private, whatever looks like it, and whatever a private key names.

    private: account numbers, secrets, tokens; of less than four characters they say nothing and are left.
    """

    def __init__(self, private: Iterable[str]) -> None:
        # A letter's other case may be two letters, which ignoring the case does not find.
        forms = {form for each in private if len(each) >= _SHORTEST for form in (each, each.lower(), each.upper())}
        known = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known)), re.IGNORECASE) if known else None

    def text(self, text: str) -> str:
        """Return a text with what is private replaced by three stars."""
        without = text if self._known is None else self._known.sub(HIDDEN, text)
        return _SHAPES.sub(HIDDEN, without)

    def value(self, value: object) -> object:
        """Return what JSON holds, with what is private replaced."""
        if isinstance(value, dict):
            return {self.text(str(key)): self._of_key(str(key), each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        return HIDDEN if self.text(str(value)) != str(value) else value

    def answer(self, answer: WireAnswer) -> dict[str, object]:
        """Return an answer as JSON that can be shown to anybody."""
        return {
            "asked": self.text(f"{answer.method} {answer.path}"),
            "status": answer.status,
            "headers": {
                name: self.text(value) for name, value in sorted(answer.headers.items()) if name in _HEADERS_KEPT
            },
            "seconds": round(answer.seconds, 4),
            "body": self._body(answer.body),
        }

    def _body(self, body: str) -> object:
        if len(body) > _LARGEST:
            return f"left out: {len(body)} characters"
        try:
            return self.value(json.loads(body))
        except (ValueError, RecursionError):
            return self.text(body)

    def _of_key(self, key: str, value: object) -> object:
        return _hidden(value) if _PRIVATE.fullmatch(key) else self.value(value)


def _hidden(value: object) -> object:
    if isinstance(value, dict | list):
        return HIDDEN if value else value
    return value if value in (None, "") else HIDDEN
