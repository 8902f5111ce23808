"""
The home a command is about: a folder that is there, and what is in it.

A command that begins a home makes its folder: `trade`, `feed`, `replay`, `certify`. Any other needs one that is there:
status 1 without. What a home does not hold yet is told by what is missing: 5 for a DuckDB file, 6 for the journal, 9
for the engine. Nothing is made by asking.
"""

import shlex
from pathlib import Path

from engine.app.settings import DEFAULT_HOME, Settings, settings
from engine.cli.group import CommandFailed
from engine.model.errors import StoreError


def existing_home(home: Path | None) -> Settings:
    """
    Return the places of a home that is there. home: as --home names it; the environment's when None.

    Raises: CommandFailed, SettingsError.
    """
    places = settings(home=home)
    gone = why_no_home(places)
    if gone is not None:
        raise gone
    return places


def why_no_home(places: Settings) -> CommandFailed | None:
    """Return why a command can say nothing about a home; None when it is there."""
    if places.home.is_dir():
        return None
    remedy = "name the folder the desk trades in with --home or SIGNALBOOK_HOME; trade, feed and replay make one"
    return CommandFailed("home_not_found", f"there is no folder {places.home}", remedy)


def log_of(home: Path | None, database: Path | None, *, is_live: bool) -> Path:
    """
    Return the DuckDB file to look into: the one that is named, else of a home that of replays or of the journal.

    Raises: CommandFailed, SettingsError; StoreError, when a home holds only the other of the two.
    """
    if database is not None:
        return database
    places = existing_home(home)
    path, other, remedy = places.store, places.live, "add --live for what a desk or a feed decided"
    if is_live:
        path, other, remedy = other, path, "leave --live out for what replays decided"
    if other.exists() and not path.exists():
        raise StoreError("store_not_found", f"{path} is not there, and {other} is", remedy)
    return path


def command_there(command: str, home: Path | None, database: Path | None = None, *, is_live: bool = False) -> str:
    """
    Return a command for people to copy, which looks where this one looked, also where its environment is not set.

    home, database: as they were named; None when they were not.

    >>> command_there("trace MESSAGE", Path("my desk"))
    "signalbook trace MESSAGE --home 'my desk'"
    """
    place = settings(home=home).home if home or not database else DEFAULT_HOME
    named = (("--home", None if place == DEFAULT_HOME else place), ("--db", database))
    options = [f"{option} {shlex.quote(str(path))}" for option, path in named if path is not None]
    return " ".join(["signalbook", command, *options, *(["--live"] if is_live else [])])
