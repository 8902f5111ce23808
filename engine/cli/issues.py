"""Issues of playbooks: place, source line, caret, what was expected."""

from rich.console import Console
from rich.text import Text

from engine.model.errors import Issue
from engine.playbook.render import render
from engine.playbook.rulebook import Rulebook


def show_issues(rulebook: Rulebook, screen: Console) -> None:
    """Print every issue of a rulebook, files in order."""
    for issue in rulebook.issues:
        head, *rest = render(issue, rulebook.texts.get(issue.span.file, "")).split("\n")
        screen.print(Text(head, "bold red" if issue.is_error else "bold yellow"), soft_wrap=True)
        for row in rest:
            screen.print(row, soft_wrap=True)
        screen.print()


def issue_json(issue: Issue) -> dict[str, object]:
    """Return an issue as one flat object."""
    return {
        "code": issue.code,
        "file": issue.span.file,
        "line": issue.span.line,
        "column": issue.span.column,
        "message": issue.message,
        "expected": issue.expected,
        "nearest": issue.nearest,
        "is_error": issue.is_error,
    }
