"""Commands that are imported when they are used: what one command needs, no other waits for."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand


class LazyCommand(TyperCommand):
    """
    A command, or a group of them, known by its name and one sentence until it is used.

    It stands in the module `engine.cli.NAME` as a function or a Typer application of that name.
    says: the first sentence of its help, for the list of all commands.
    """

    def __init__(self, name: str, says: str) -> None:
        super().__init__(name, help=says)

    def make_context(  # the library's own signature, whose types are private
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return the context of the real command, its arguments read."""
        return self.real().make_context(info_name, args, parent, **extra)

    def real(self) -> Any:  # noqa: ANN401 - as above
        """Return the command itself."""
        found = getattr(import_module(f"engine.cli.{self.name}"), str(self.name))
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
        alone.command()(found)
        return typer.main.get_command(alone)
